/** What the main thread is doing, as far as an interrupt must know. */
export const IDLE = 0;
/** Running code of a cell, or waiting for what such code awaits. */
export const USER_CODE = 1;
/** Running the kernel's own code, which an interrupt must not tear. */
export const KERNEL_CODE = 2;

const ACTIVITY = 0;
const EXECUTION = 1;
const UNSENT = 2;

/** A few numbers that both threads see without asking each other. Only the main thread writes activity and execution. */
export class ExecutionState {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  get activity(): number {
    return Atomics.load(this.#cells, ACTIVITY);
  }

  set activity(activity: number) {
    Atomics.store(this.#cells, ACTIVITY, activity);
  }

  /** The running number of the execution under way, silent ones included; 0 when there is none. */
  get execution(): number {
    return Atomics.load(this.#cells, EXECUTION);
  }

  set execution(execution: number) {
    Atomics.store(this.#cells, EXECUTION, execution);
  }

  /** Counts what is on its way to the wire thread, up (main thread) and down (wire thread). */
  addUnsent(weight: number): void {
    Atomics.add(this.#cells, UNSENT, weight);
    if (weight < 0) Atomics.notify(this.#cells, UNSENT);
  }

  /** Lets a cell that writes faster than the wire thread sends wait for it, so that memory stays bounded. */
  waitForRoom(most: number, milliseconds: number): void {
    const unsent = Atomics.load(this.#cells, UNSENT);
    if (unsent > most) Atomics.wait(this.#cells, UNSENT, unsent, milliseconds);
  }
}

/** What a message with this content costs the wire thread: its characters, and what any message costs. */
export function weightOf(content: string): number {
  return content.length + 2000;
}

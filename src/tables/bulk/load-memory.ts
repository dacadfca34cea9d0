import { threadId } from "node:worker_threads";
import type { WasmMemory } from "../../values/web-assembly.ts";
import { Wasm } from "../../values/web-assembly.ts";
import type { Kernels } from "./kernels.ts";
import { startKernels } from "./kernels.ts";
import { Unfit } from "./unfit.ts";

const PAGE = 1 << 16;
/** What a memory of 32-bit addresses can have. */
const MOST_PAGES = 1 << 16;
/** Memory grows by so many pages at least. */
const PAGES_AT_ONCE = 64;
/** Kernels read and write up to so many bytes after what they are given. */
const SLACK = 32;
/** Nothing is at the first addresses. */
const FIRST = 64;

let made = 0;

interface Room {
  readonly at: number;
  readonly size: number;
}

/**
 * The memory of a thread that loads: WebAssembly's, in which the loops over rows work, and which other threads can read.
 * It is shared for their sake; growing leaves earlier views of it as they are.
 */
export class LoadMemory {
  /** No other memory of the process has it: a thread gives its memory back, and takes a new one for the next load. */
  readonly id = `${threadId}.${made++}`;
  readonly memory: WasmMemory;
  readonly run: Kernels;
  /** Rooms that were given back, by their addresses. */
  private free: Room[] = [];
  private end = FIRST;

  constructor() {
    this.memory = new Wasm.Memory({ initial: PAGES_AT_ONCE, maximum: MOST_PAGES, shared: true });
    this.run = startKernels(this.memory);
  }

  /** Takes room for so many bytes, which hold anything, and some more that kernels may touch. */
  take(bytes: number): Room {
    const size = Math.ceil((bytes + SLACK) / 64) * 64;
    const index = this.free.findIndex((room) => room.size >= size);
    if (index >= 0) {
      const { at, size: had } = this.free[index]!;
      if (had === size) this.free.splice(index, 1);
      else this.free[index] = { at: at + size, size: had - size };
      return { at, size };
    }
    const last = this.free.at(-1);
    const at = last !== undefined && last.at + last.size === this.end ? last.at : this.end;
    const pages = Math.ceil((at + size) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) this.grow(pages);
    if (at < this.end) this.free.pop();
    this.end = at + size;
    return { at, size };
  }

  private grow(pages: number): void {
    const had = this.memory.buffer.byteLength / PAGE;
    if (had + pages > MOST_PAGES) throw new Unfit("it takes more memory than a thread can have");
    this.memory.grow(Math.min(Math.max(pages, PAGES_AT_ONCE), MOST_PAGES - had));
  }

  /** Gives a room back. */
  give({ at, size }: Room): void {
    const index = this.free.findIndex((room) => room.at > at);
    const place = index < 0 ? this.free.length : index;
    this.free.splice(place, 0, { at, size });
    this.join(place);
    if (place > 0) this.join(place - 1);
  }

  private join(index: number): void {
    const [room, next] = [this.free[index]!, this.free[index + 1]];
    if (next !== undefined && room.at + room.size === next.at) {
      this.free.splice(index, 2, { at: room.at, size: room.size + next.size });
    }
  }

  /** Takes all rooms back. */
  clear(): void {
    this.free = [];
    this.end = FIRST;
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }
}

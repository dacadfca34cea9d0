import { BroadcastChannel } from "node:worker_threads";
import type { WasmMemory } from "../../values/web-assembly.ts";
import type { LoadMemory } from "./load-memory.ts";

interface Told {
  /** The memory's id. */
  readonly of: string;
  /** Absent: the thread that has it is asked for it. */
  readonly memory?: WasmMemory;
}

/**
 * The memories of the threads that load, which read each other's pieces. They tell each other without the main thread:
 * what it has seen, it would keep until its garbage is collected.
 */
export class OtherMemories {
  private readonly channel = new BroadcastChannel("fenl load memory");
  private readonly own: LoadMemory;
  private known = new Map<string, WasmMemory>();
  private waiting: (() => void)[] = [];

  constructor(own: LoadMemory) {
    this.own = own;
    this.channel.onmessage = (message) => this.hear((message as { readonly data: Told }).data);
    this.channel.unref();
  }

  /** Tells the other threads this one's memory, so that they have it before they need it. */
  announce(): void {
    this.channel.postMessage({ of: this.own.id, memory: this.own.memory } satisfies Told);
  }

  private hear({ of, memory }: Told): void {
    if (memory !== undefined) {
      // A thread that has started later has not heard of this one; it may need it while this one is at work.
      if (!this.known.has(of)) this.announce();
      this.known.set(of, memory);
      for (const wake of this.waiting.splice(0)) wake();
    } else if (of === this.own.id) this.announce();
  }

  /** Some memories, by their ids. */
  async of(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, WasmMemory>> {
    this.known.set(this.own.id, this.own.memory);
    const missing = () => [...ids].filter((id) => !this.known.has(id));
    for (const of of missing()) this.channel.postMessage({ of } satisfies Told);
    while (missing().length > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.known;
  }

  /** Hears no more of them. */
  close(): void {
    this.channel.close();
  }

  /** Forgets them, so that they can be let go. */
  forget(): void {
    this.known = new Map();
  }
}

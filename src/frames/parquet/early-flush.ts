import type { FileHandle } from "node:fs/promises";

/** Bytes that wait to be flushed at least. */
const BYTES = 1 << 25;

/** Has a file's bytes go to the disk while further ones are written, so that in the end there is little to wait for. */
export class EarlyFlush {
  readonly #file: FileHandle;
  #flushed = 0;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Tells that so many bytes of the file are written. */
  reach(end: number): void {
    if (this.#running !== undefined || end - this.#flushed < BYTES) return;
    this.#flushed = end;
    this.#running = this.#flush();
  }

  async #flush(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      this.#failure = { error };
    }
    this.#running = undefined;
  }

  /** Waits until nothing is flushed. @throws what a flush did */
  async end(): Promise<void> {
    await this.#running;
    if (this.#failure) throw this.#failure.error;
  }
}

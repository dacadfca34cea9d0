import process from "node:process";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { CellOutput } from "../cell/cell-context.ts";
import { currentCell } from "../session/current-cell.ts";
import type { Kernel } from "./kernel.ts";

/** Sends what cells write to `console`, `process.stdout` and `process.stderr` to the notebook. */
export function installCellOutput(kernel: Kernel): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = new CellStream(name, kernel);
    Object.defineProperty(process, name, { get: () => stream, configurable: true, enumerable: true });
  }
}

/** Where output of the running code belongs: to its own cell, or to the last cell when that is not known. */
export function currentOutput(kernel: Kernel): CellOutput | null {
  return currentCell()?.output ?? kernel.run;
}

/**
 * Writes at once and keeps nothing: whatever an interrupt ends in the middle of writing, the next text is written. Only
 * a character whose bytes come in two pieces waits for the second.
 */
class CellStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;
  readonly #name: "stdout" | "stderr";
  readonly #kernel: Kernel;
  readonly #decoder = new StringDecoder("utf8");

  constructor(name: "stdout" | "stderr", kernel: Kernel) {
    super({ decodeStrings: false });
    this.fd = name === "stdout" ? 1 : 2;
    this.#name = name;
    this.#kernel = kernel;
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const text = this.#textOf(chunk, encoding);
    const done = typeof encoding === "function" ? encoding : callback;
    currentOutput(this.#kernel)?.stream(this.#name, text);
    if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  }

  #textOf(chunk: unknown, encoding: unknown): string {
    if (typeof chunk === "string") {
      const isBytes = encoding === "hex" || encoding === "base64" || encoding === "base64url";
      return isBytes ? this.#decoder.write(Buffer.from(chunk, encoding)) : chunk;
    }
    if (!ArrayBuffer.isView(chunk)) {
      const kind = chunk === null ? "null" : typeof chunk;
      throw new TypeError(`process.${this.#name}.write takes a string, a Buffer or a TypedArray, not ${kind}`);
    }
    return this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
}

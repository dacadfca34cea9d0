import process from "node:process";
import { Writable } from "node:stream";
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

class CellStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;
  readonly #name: "stdout" | "stderr";
  readonly #kernel: Kernel;

  constructor(name: "stdout" | "stderr", kernel: Kernel) {
    super({ decodeStrings: false });
    this.fd = name === "stdout" ? 1 : 2;
    this.#name = name;
    this.#kernel = kernel;
  }

  override _write(chunk: string | Uint8Array, encoding: string, done: () => void): void {
    const text = typeof chunk === "string" && !Buffer.isEncoding(encoding) ? chunk : decode(chunk);
    currentOutput(this.#kernel)?.stream(this.#name, text);
    done();
  }
}

function decode(chunk: string | Uint8Array): string {
  return typeof chunk === "string"
    ? chunk
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("utf8");
}

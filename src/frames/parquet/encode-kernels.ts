import { StageMemory } from "../../execute/rows/stage-memory.ts";
import { Wasm, type WasmMemory, type WasmModule } from "../../values/web-assembly.ts";
import { ENCODE_BINARY } from "./encode-binary.ts";

/** The loops over rows of `encode-wat.ts`: all take addresses in one memory. */
export interface EncodeKernels {
  countOnes(valid: number, rows: number): number;
  markCodes(codes: number, valid: number, rows: number, size: number): void;
  keep8(values: number, valid: number, rows: number): void;
  keep4(values: number, valid: number, rows: number): void;
  bitsOfBytes(from: number, rows: number, to: number): void;
  bitsOfWords(from: number, rows: number, to: number): void;
  extremes4(values: number, rows: number, turn: number, out: number): void;
  extremes8(values: number, rows: number, turn: bigint, out: number): void;
  floatExtremes4(values: number, rows: number, out: number): void;
  floatExtremes8(values: number, rows: number, out: number): void;
  multiply(values: number, rows: number, by: bigint): void;
  delta4(from: number, rows: number, to: number, room: number): number;
  delta8(from: number, rows: number, to: number, room: number): number;
  distinct4(...values: DistinctValues): number;
  distinct8(...values: DistinctValues): number;
  markUsed(codes: number, rows: number, bits: number): void;
  countUsed(bits: number, words: number, before: number): number;
  listUsed(bits: number, words: number, used: number): void;
  rankCodes(codes: number, rows: number, bits: number, before: number, to: number): void;
  valuesOfCodes(codes: number, rows: number, values: number, known: number, to: number): number;
  follow(codes: number, rows: number, first: number): number;
  steps(from: number, rows: number, to: number): void;
  areBelow(codes: number, rows: number, size: number): number;
  codeRuns(codes: number, rows: number, most: number, values: number, lengths: number): number;
  packRuns(codes: number, runs: number, lengths: number, bytes: number, to: number): number;
  frontCode(at: number, rows: number, lengths: number, prefixes: number, suffixes: number, to: number): number;
  snappy(from: number, size: number, to: number, table: number): number;
  packWords(from: number, rows: number, width: bigint, to: number): number;
}

/** Values to be numbered, slots of a power of two and its mask, and where those that occur and the codes go. */
type DistinctValues = [
  values: number,
  rows: number,
  slots: number,
  mask: number,
  distinct: number,
  most: number,
  codes: number,
];

let compiled: WasmModule | undefined;

function startKernels(memory: WasmMemory): EncodeKernels {
  compiled ??= new Wasm.Module(Buffer.from(ENCODE_BINARY, "base64"));
  return new Wasm.Instance(compiled, { host: { memory } }).exports as unknown as EncodeKernels;
}

/** Kernels touch so many bytes at most behind what they are given. */
const SLACK = 64;

/** A thread's memory for encoding: handed out from the bottom for each row group, and all of it taken back then. */
export class EncodeMemory {
  readonly #memory = new StageMemory();
  readonly run = startKernels(this.#memory.memory);

  /** Takes all memory back. */
  start(): void {
    this.#memory.start(0);
  }

  /** Takes room for some bytes. What it holds is not specified; views from before may be detached. */
  take(bytes: number): number {
    return this.#memory.allocate(bytes + SLACK);
  }

  /** Takes room for some bytes that are 0, and a few further zeros. */
  takeZeros(bytes: number): number {
    const at = this.take(bytes);
    this.zero(at, bytes + SLACK);
    return at;
  }

  /** Copies an array in; a few zeros are behind it. */
  copy(values: ArrayBufferView): number {
    const at = this.take(values.byteLength);
    this.#memory.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    this.zero(at + values.byteLength, SLACK);
    return at;
  }

  zero(at: number, bytes: number): void {
    this.#memory.bytes.fill(0, at, at + bytes);
  }

  /** All memory; until more is taken. */
  get bytes(): Uint8Array {
    return this.#memory.bytes;
  }

  /** A view of some bytes; until more memory is taken. */
  view(at: number, bytes: number): Uint8Array {
    return new Uint8Array(this.#memory.memory.buffer, at, bytes);
  }

  words(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.memory.buffer, at, length);
  }
}

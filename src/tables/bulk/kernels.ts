import type { WasmMemory, WasmModule } from "../../values/web-assembly.ts";
import { Wasm } from "../../values/web-assembly.ts";
import { KERNELS_BINARY } from "./kernels-binary.ts";

/** The loops over rows of `kernels-wat.ts`: all take addresses in one memory. */
export interface Kernels {
  snappy(from: number, fromEnd: number, to: number, toEnd: number): number;
  splitTexts(
    at: number,
    atEnd: number,
    rows: number,
    offsets: number,
    bytes: number,
    end: number,
    state: number,
  ): number;
  hashTexts(
    offsets: number,
    rows: number,
    bytes: number,
    out: number,
    buffer: bigint,
    pad: bigint,
    x0: bigint,
    x1: bigint,
  ): void;
  addUp(lengths: number, rows: number, sum: number, to: number): number;
  findKeys(offsets: number, rows: number, bytes: number, groupOfRow: number, begins: number, sizes: number): number;
  evenTexts(offsets: number, rows: number, width: number): number;
  findEvenKeys(from: number, rows: number, bytes: number, width: number, groupOfRow: number, begins: number): number;
  copyTexts(bytes: number, begins: number, offsets: number, rows: number, to: number): void;
  count(hashes: number, rows: number, shift: number, mask: number, counts: number): void;
  place(
    hashes: number,
    rows: number,
    shift: number,
    mask: number,
    next: number,
    place: number,
    rowOf: number,
    row: number,
  ): void;
  scatter8(from: number, rows: number, place: number, to: number): void;
  scatter4(from: number, rows: number, place: number, to: number): void;
  scatter1(from: number, rows: number, place: number, to: number): void;
  scatterEven(from: number, rows: number, place: number, to: number, width: number): void;
  scatterLengths(
    offsets: number,
    rows: number,
    place: number,
    to: number,
    hashes: number,
    shift: number,
    mask: number,
    counts: number,
  ): void;
  scatterTexts(
    offsets: number,
    rows: number,
    bytes: number,
    to: number,
    hashes: number,
    shift: number,
    mask: number,
    next: number,
  ): void;
  inOrder(times: number, rows: number, last: bigint): number;
  number(to: number, rows: number, first: number): void;
  group(
    row: number,
    rows: number,
    hashes: number,
    slots: number,
    mask: number,
    groupHash: number,
    counts: number,
    groupOf: number,
    groups: number,
  ): number;
  sortGroups(ranked: number, groups: number, hashes: number, far: number): number;
  numberGroups(
    ranked: number,
    groups: number,
    counts: number,
    numbers: number,
    firsts: number,
    number: number,
    at: number,
  ): number;
  extremes(times: number, rows: number, least: number): void;
  sampleTimes(times: number, length: number, step: number, rows: number, to: number): void;
  rowsUpTo(times: number, rows: number, last: bigint, row: number, out: number, count: number): number;
  groupEnds(groups: number, rows: number, row: number, numbers: number, ends: number, count: number): number;
  findTexts(texts: number, rows: number, offsets: number, begins: number, sizes: number): void;
  placeRows(
    row: number,
    rows: number,
    groupOf: number,
    next: number,
    numbers: number,
    order: number,
    groupOfRow: number,
  ): void;
  gather8(order: number, rows: number, from: number, to: number): void;
  gather4(order: number, rows: number, from: number, to: number): void;
  gather1(order: number, rows: number, from: number, to: number): void;
  scale(from: number, rows: number, by: bigint, least: bigint, most: bigint, to: number): number;
  addTo(to: number, rows: number, more: number): void;
  packBits(from: number, bytes: number, to: number): void;
  spreadBits(from: number, bytes: number, to: number): void;
  splitCells(
    at: number,
    end: number,
    base: number,
    starts: number,
    ends: number,
    width: number,
    limit: number,
    delimiter: number,
    quote: number,
    pairs: number,
    state: number,
  ): number;
  /** `wide`: 1 for numbers of 8 bytes, 0 for those of 4. */
  addDeltas(at: number, rows: number, end: number, to: number, wide: number): number;
  deltasEnd(): number;
  joinFronts(shared: number, rows: number, others: number, at: number, atEnd: number, to: number): number;
  countByte(at: number, blocks: number, byte: number): number;
  filled(...column: CellColumn): number;
  copyCells(...column: [...CellColumn, texts: number, size: number]): number;
  bools(...column: CellColumn): number;
  ints(...column: CellColumn): number;
  floats(...column: [...CellColumn, powers: number]): number;
  times(...column: [...CellColumn, most: number, perSecond: bigint]): number;
}

/** Cells of a column: where their starts and ends are, a stride apart, counted from `base`; where values go. */
export type CellColumn = [starts: number, rows: number, ends: number, stride: number, base: number, out: number];

let compiled: WasmModule | undefined;

/** The loops over rows, in a memory. */
export function startKernels(memory: WasmMemory): Kernels {
  compiled ??= new Wasm.Module(Buffer.from(KERNELS_BINARY, "base64"));
  return new Wasm.Instance(compiled, { host: { memory } }).exports as unknown as Kernels;
}

/** Rows of a call: code is replaced by faster code from call to call. */
const AT_ONCE = 1 << 14;

/** Calls a kernel for some rows after others, until there are no more. */
export function inSteps(rows: number, kernel: (from: number, count: number) => void): void {
  for (let from = 0; from < rows; from += AT_ONCE) kernel(from, Math.min(AT_ONCE, rows - from));
}

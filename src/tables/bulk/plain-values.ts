import type { CsvCells } from "./csv-cells.ts";
import type { CellColumn, Kernels } from "./kernels.ts";
import { inSteps } from "./kernels.ts";
import type { Scratch } from "./scratch.ts";

type ColumnKernel = (...column: CellColumn) => number;

/** Units of times by the digits of a second's fraction. */
const UNITS = { time_s: 0, time_ms: 3, time_us: 6, time_ns: 9 } as const;
export type TimeKind = keyof typeof UNITS;

/** A second's units. */
export const PER_SECOND: Readonly<Record<TimeKind, number>> = { time_s: 1, time_ms: 1e3, time_us: 1e6, time_ns: 1e9 };

/** Reads the cells of one column as far as they are written in the plainest way; all in memory of `scratch`. */
export class PlainValues {
  private readonly cells: CsvCells;
  private readonly width: number;
  private readonly column: number;
  private readonly scratch: Scratch;

  constructor(cells: CsvCells, width: number, column: number, scratch: Scratch) {
    this.cells = cells;
    this.width = width;
    this.column = column;
    this.scratch = scratch;
  }

  /** Calls a kernel for all rows, as long as it does not give 0; false where it did. */
  private each(kernel: ColumnKernel, to: Uint8Array, bytes: number, onResult = (_: number) => true): boolean {
    const { starts, ends, rows } = this.cells;
    const base = this.cells.bytes.byteOffset;
    let fits = true;
    inSteps(rows, (from, count) => {
      if (!fits) return;
      const cell = 4 * (from * this.width + this.column);
      const [at, end] = [starts.byteOffset + cell, ends.byteOffset + cell];
      const result = kernel(at, count, end, 4 * this.width, base, to.byteOffset + bytes * from);
      fits = result !== 0 && onResult(result);
    });
    return fits;
  }

  private get run(): Kernels {
    return this.scratch.run;
  }

  /** Tells which cells have something; how many have. */
  filled(to: Uint8Array): number {
    let filled = 0;
    this.each(
      (...column) => {
        filled += this.run.filled(...column);
        return 1;
      },
      to,
      1,
    );
    return filled;
  }

  /** Puts cells' texts one after the other; `offsets` has one more. */
  texts(offsets: Int32Array, name: string): Uint8Array {
    const { rows, starts, ends } = this.cells;
    let size = 0;
    for (let row = 0, cell = this.column; row < rows; row++, cell += this.width) size += ends[cell]! - starts[cell]!;
    const to = this.scratch.bytes(name, size);
    let end = 0;
    const copy: ColumnKernel = (...column) => {
      end = this.run.copyCells(...column, to.byteOffset, end);
      return 1;
    };
    this.each(copy, new Uint8Array(offsets.buffer, offsets.byteOffset, 4 * rows), 4);
    offsets[rows] = size;
    return to;
  }

  bools(to: Uint8Array): boolean {
    return this.each(this.run.bools, to, 1);
  }

  ints(to: Uint8Array): boolean {
    return this.each(this.run.ints, to, 8);
  }

  /** Whether a number has a dot; null where a cell is no plain number. */
  floats(to: Uint8Array): { readonly decimal: boolean } | null {
    const room = this.scratch.bytes("powers", 16 * 8);
    new Float64Array(room.buffer, room.byteOffset, 16).set(POWERS);
    let decimal = false;
    const fits = this.each(
      (...column) => this.run.floats(...column, room.byteOffset),
      to,
      8,
      (result) => {
        decimal ||= result === 2;
        return true;
      },
    );
    return fits ? { decimal } : null;
  }

  /** Times in the unit that is given, or in that of the most digits; null where a cell is no plain time. */
  times(kind: TimeKind | null, to: Uint8Array): TimeKind | null {
    let digits: number = UNITS[kind ?? "time_s"];
    for (;;) {
      let more = false;
      const unit = KINDS[digits / 3]!;
      const perSecond = BigInt(PER_SECOND[unit]);
      const fits = this.each(
        (...column) => this.run.times(...column, digits, perSecond),
        to,
        8,
        (result) => {
          more = result === 2;
          return !more;
        },
      );
      if (fits) return unit;
      if (!more || kind !== null || digits === 9) return null;
      digits += 3;
    }
  }
}

const POWERS = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));
const KINDS = Object.keys(UNITS) as TimeKind[];

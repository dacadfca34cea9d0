import type { ParsedTime } from "../../values/timestamp.ts";
import { fitsNanoseconds, readTimeBytes, writeInt64 } from "../../values/timestamp.ts";
import type { CsvCells } from "./csv-cells.ts";
import type { DecodedColumn } from "./decoded-column.ts";
import type { TimeKind } from "./plain-values.ts";
import { PER_SECOND, PlainValues } from "./plain-values.ts";
import type { Scratch } from "./scratch.ts";

/** What the cells of a column are, as far as a piece shows; times by the most digits of a fraction. */
export type CellKind =
  | "empty"
  | "bool"
  | "int"
  | "float"
  | "date"
  | "time_s"
  | "time_ms"
  | "time_us"
  | "time_ns"
  | "string";

/** What is told of a column's cells beside their kind. */
export interface CellFacts {
  readonly kind: CellKind;
  /** An integer that no i64 holds. */
  readonly huge: boolean;
  /** A number with a dot or an exponent. */
  readonly decimal: boolean;
  /** A time that nanoseconds cannot hold. */
  readonly outOfRange: boolean;
}

/** A column's cells as values. */
export interface ParsedCells extends CellFacts {
  readonly column: DecodedColumn;
}

/** Reads the cells of one column of a piece. */
export class CellParser {
  private readonly scratch: Scratch;
  private readonly name: string;
  private readonly cells: CsvCells;
  private readonly width: number;
  private readonly column: number;
  private readonly plain: PlainValues;
  private readonly valid: Uint8Array;
  private nulls = 0;
  private huge = false;
  private decimal = false;
  private outOfRange = false;
  private digits = 0;
  private readonly time: ParsedTime = { seconds: 0, nanos: 0, digits: 0 };

  /** Arrays are in memory of `scratch` under names that begin with `name`. */
  constructor(cells: CsvCells, width: number, column: number, scratch: Scratch, name: string) {
    this.cells = cells;
    this.width = width;
    this.column = column;
    this.plain = new PlainValues(cells, width, column, scratch);
    this.scratch = scratch;
    this.name = name;
    this.valid = scratch.bytes(`${name} valid`, cells.rows);
  }

  /** `kind`: what the whole file's cells are known to be; null: as these tell. */
  parse(kind: CellKind | null): ParsedCells {
    if (kind === "string") return this.texts("string");
    const { rows, starts, ends, bytes } = this.cells;
    this.nulls = rows - this.plain.filled(this.valid);
    const first = this.valid.indexOf(1) * this.width + this.column;
    if (first < 0) return kind === null || kind === "empty" ? this.texts("empty") : this.nothing(kind);
    const [from, to] = [starts[first]!, ends[first]!];
    if (boolAt(bytes, from, to) >= 0) return this.bools() ?? this.texts("string");
    if (numberKind(bytes, from, to) !== 0) {
      const ints = kind === "float" ? null : this.ints();
      return ints ?? this.floats() ?? this.texts("string");
    }
    if (!readTimeBytes(bytes, from, to, this.time)) return this.texts("string");
    return (this.time.digits < 0 ? this.dates() : this.times(kind)) ?? this.texts("string");
  }

  private fixed(kind: CellKind, width: 1 | 4 | 8, bytes: Uint8Array): ParsedCells {
    const valid = this.nulls > 0 ? this.valid : null;
    const { huge, decimal, outOfRange } = this;
    return { kind, huge, decimal, outOfRange, column: { form: "fixed", width, bytes, valid } };
  }

  /** No cell has a value. */
  private nothing(kind: CellKind): ParsedCells {
    const width = kind === "bool" ? 1 : kind === "date" ? 4 : 8;
    return this.fixed(kind, width, this.scratch.bytes(`${this.name} values`, width * this.cells.rows).fill(0));
  }

  private texts(kind: "string" | "empty"): ParsedCells {
    const { rows } = this.cells;
    const offsets = this.scratch.int32(`${this.name} offsets`, rows + 1);
    const to = this.plain.texts(offsets, `${this.name} bytes`);
    const column: DecodedColumn = { form: "texts", offsets, bytes: to, valid: null };
    return { kind, huge: false, decimal: false, outOfRange: false, column };
  }

  private bools(): ParsedCells | null {
    const { rows, starts, ends, bytes } = this.cells;
    const to = this.scratch.bytes(`${this.name} values`, rows);
    if (this.plain.bools(to)) return this.fixed("bool", 1, to);
    for (let row = 0, cell = this.column; row < rows; row++, cell += this.width) {
      if (this.valid[row] === 0) {
        to[row] = 0;
        continue;
      }
      const value = boolAt(bytes, starts[cell]!, ends[cell]!);
      if (value < 0) return null;
      to[row] = value;
    }
    return this.fixed("bool", 1, to);
  }

  /** Null where a cell is no integer of 64 bits. */
  private ints(): ParsedCells | null {
    const { rows, starts, ends, bytes } = this.cells;
    const to = this.scratch.bytes(`${this.name} values`, 8 * rows);
    if (this.plain.ints(to)) return this.fixed("int", 8, to);
    const halves = new Int32Array(to.buffer, to.byteOffset, 2 * rows);
    for (let row = 0, cell = this.column; row < rows; row++, cell += this.width) {
      if (this.valid[row] === 0) {
        halves[2 * row] = 0;
        halves[2 * row + 1] = 0;
        continue;
      }
      const start = starts[cell]!;
      const end = ends[cell]!;
      const negative = bytes[start] === MINUS;
      let at = negative ? start + 1 : start;
      if (at === end) return null;
      if (end - at > 15) {
        if (numberKind(bytes, start, end) !== 1) return null;
        const value = BigInt(textAt(bytes, start, end));
        if (BigInt.asIntN(64, value) !== value) return null;
        halves[2 * row] = Number(BigInt.asIntN(32, value));
        halves[2 * row + 1] = Number(value >> 32n);
        continue;
      }
      let value = 0;
      for (; at < end; at++) {
        const digit = bytes[at]! - ZERO;
        if (digit < 0 || digit > 9) return null;
        value = 10 * value + digit;
      }
      if (negative) value = -value;
      halves[2 * row] = value;
      halves[2 * row + 1] = Math.floor(value / 4294967296);
    }
    return this.fixed("int", 8, to);
  }

  private floats(): ParsedCells | null {
    const { rows, starts, ends, bytes } = this.cells;
    const to = this.scratch.bytes(`${this.name} values`, 8 * rows);
    const plain = this.plain.floats(to);
    if (plain !== null) {
      this.decimal = plain.decimal;
      return this.fixed("float", 8, to);
    }
    const floats = new Float64Array(to.buffer, to.byteOffset, rows);
    for (let row = 0, cell = this.column; row < rows; row++, cell += this.width) {
      if (this.valid[row] === 0) {
        floats[row] = 0;
        continue;
      }
      const start = starts[cell]!;
      const end = ends[cell]!;
      const kind = numberKind(bytes, start, end);
      if (kind === 0) return null;
      if (kind === 2) this.decimal = true;
      else if (end - start > 18 && !this.huge) {
        const value = BigInt(textAt(bytes, start, end));
        if (BigInt.asIntN(64, value) !== value) this.huge = true;
      }
      const value = floatAt(bytes, start, end);
      floats[row] = kind === 1 ? value + 0 : value;
    }
    return this.fixed("float", 8, to);
  }

  private dates(): ParsedCells | null {
    const { rows, starts, ends, bytes } = this.cells;
    const to = this.scratch.bytes(`${this.name} values`, 4 * rows);
    const days = new Int32Array(to.buffer, to.byteOffset, rows);
    const { time } = this;
    for (let row = 0, cell = this.column; row < rows; row++, cell += this.width) {
      if (this.valid[row] === 0) {
        days[row] = 0;
        continue;
      }
      if (!readTimeBytes(bytes, starts[cell]!, ends[cell]!, time) || time.digits >= 0) return null;
      days[row] = time.seconds / 86400;
    }
    return this.fixed("date", 4, to);
  }

  private times(kind: CellKind | null): ParsedCells | null {
    const { rows, starts, ends, bytes } = this.cells;
    const to = this.scratch.bytes(`${this.name} values`, 8 * rows);
    const given = kind !== null && kind in PER_SECOND ? (kind as TimeKind) : null;
    const plain = this.plain.times(given, to);
    if (plain !== null) return this.fixed(plain, 8, to);
    const room = this.scratch.bytes(`${this.name} seconds`, 8 * rows);
    const seconds = new Float64Array(room.buffer, room.byteOffset, rows);
    const nanos = this.scratch.int32(`${this.name} nanos`, rows);
    const { time } = this;
    for (let row = 0, cell = this.column; row < rows; row++, cell += this.width) {
      if (this.valid[row] === 0) {
        seconds[row] = 0;
        nanos[row] = 0;
        continue;
      }
      if (!readTimeBytes(bytes, starts[cell]!, ends[cell]!, time) || time.digits < 0 || time.digits > 9) return null;
      if (time.digits > this.digits) this.digits = time.digits;
      if (!this.outOfRange && !fitsNanoseconds(time.seconds, time.nanos)) this.outOfRange = true;
      seconds[row] = time.seconds;
      nanos[row] = time.nanos;
    }
    const { digits } = this;
    const own = digits === 0 ? "time_s" : digits <= 3 ? "time_ms" : digits <= 6 ? "time_us" : "time_ns";
    const unit = given ?? own;
    const perSecond = PER_SECOND[unit];
    const nanosPerUnit = 1e9 / perSecond;
    const halves = new Int32Array(to.buffer, to.byteOffset, 2 * rows);
    for (let row = 0; row < rows; row++) writeInt64(halves, row, seconds[row]!, perSecond, nanos[row]! / nanosPerUnit);
    return this.fixed(unit, 8, to);
  }
}

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

/** 1 for `true`, 0 for `false`, in any case; -1 for others. */
function boolAt(bytes: Uint8Array, start: number, end: number): number {
  const word = end - start === 4 ? TRUE : end - start === 5 ? FALSE : null;
  if (word === null) return -1;
  for (let index = 0; index < word.length; index++) if ((bytes[start + index]! | 0x20) !== word[index]) return -1;
  return word === TRUE ? 1 : 0;
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** 1 for an integer, 2 for a number with a dot or an exponent, 0 for others. */
function numberKind(bytes: Uint8Array, start: number, end: number): 0 | 1 | 2 {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const whole = at;
  while (at < end && isDigit(bytes[at]!)) at++;
  let digits = at - whole;
  if (at === end) return digits > 0 ? 1 : 0;
  if (bytes[at] === DOT) {
    const fraction = ++at;
    while (at < end && isDigit(bytes[at]!)) at++;
    digits += at - fraction;
  }
  if (digits === 0) return 0;
  if (at === end) return 2;
  if ((bytes[at]! | 0x20) !== 0x65) return 0;
  at++;
  if (bytes[at] === MINUS || bytes[at] === PLUS) at++;
  const exponent = at;
  while (at < end && isDigit(bytes[at]!)) at++;
  return at === end && at > exponent ? 2 : 0;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The number that `numberKind` found. Up to 15 digits times or by a power of ten that a double holds are exact, and so
 * rounded once; others are left to the runtime.
 */
function floatAt(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let value = 0;
  let digits = 0;
  let scale = 0;
  let dotted = false;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === DOT) dotted = true;
    else if (!isDigit(byte)) return Number(textAt(bytes, start, end));
    else {
      value = 10 * value + byte - ZERO;
      if (value > 0) digits++;
      if (dotted) scale++;
    }
  }
  if (digits > 15 || scale > 22) return Number(textAt(bytes, start, end));
  const magnitude = value / POWERS[scale]!;
  return negative ? -magnitude : magnitude;
}

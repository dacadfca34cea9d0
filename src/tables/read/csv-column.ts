import type { FenlType } from "../../values/fenl-type.ts";
import type { ParsedTime } from "../../values/timestamp.ts";
import { fitsNanoseconds, readTime, writeInt64 } from "../../values/timestamp.ts";
import type { ColumnData } from "../column-data.ts";

/** What a column's cells have been so far. `string` takes everything; `unread` is one that must be read again as such. */
type Kind = "empty" | "bool" | "int" | "float" | "date" | "time" | "string" | "unread";

/** Digits with a sign that need not fit an i64. */
const INTEGER = /^-?[0-9]+$/;
const DECIMAL = /^-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$/;
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);

function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, size: number): T {
  if (size <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(size, array.length * 2, 1024));
  larger.set(array as never);
  return larger;
}

/** What a finished column is: its data, or the news that its cells must be read again, as strings. */
export type FinishedColumn =
  | { readonly kind: "done"; readonly data: ColumnData; readonly undetermined: boolean }
  | { readonly kind: "reread" }
  /** A time that its unit cannot hold. */
  | { readonly kind: "misfit"; readonly row: number; readonly value: string };

/**
 * Types a column from all of its cells while it holds their values: the values are kept in the narrowest type that
 * all cells so far have. The type depends on the set of cells, not on their order (reference: api-surface, section 5).
 */
export class CsvColumn {
  private kind: Kind = "empty";
  private rows = 0;
  private valid = new Uint8Array(0);
  private nulls = 0;
  /** Bools, dates, codes, nanoseconds of times; two halves a row for integers. */
  private ints = new Int32Array(0);
  /** Floats, seconds of times. */
  private floats = new Float64Array(0);
  /** Of times: the most digits of a fraction. */
  private digits = 0;
  /** Whether an integer was seen that no i64 holds, and whether a decimal was. */
  private huge = false;
  private decimal = false;
  private readonly codes = new Map<string, number>();
  private readonly texts: string[] = [];
  private readonly parsed: ParsedTime = { seconds: 0, nanos: 0, digits: 0 };
  private misfit: { row: number; value: string } | null = null;

  /** `asString`: whatever the cells look like. */
  constructor(asString: boolean) {
    if (asString) this.kind = "string";
  }

  /** Adds the cells at `index` of records. */
  addAll(records: readonly (readonly string[])[], index: number): void {
    if (this.kind === "unread") return;
    const start = this.rows;
    const end = start + records.length;
    if (this.kind !== "string") {
      if (this.addValues(records, index, end)) return;
      if (start > 0) {
        this.kind = "unread";
        return;
      }
      this.kind = "string";
      this.rows = 0;
    }
    this.ints = grown(this.ints, end);
    for (const record of records) {
      this.addString(record[index]!);
      this.rows++;
    }
  }

  /** False when a cell does not go with those before. */
  private addValues(records: readonly (readonly string[])[], index: number, end: number): boolean {
    this.valid = grown(this.valid, end);
    this.ints = grown(this.ints, this.kind === "int" || this.kind === "empty" ? 2 * end : end);
    if (this.kind === "float" || this.kind === "time") this.floats = grown(this.floats, end);
    for (const record of records) {
      const text = record[index]!;
      if (text === "") this.nulls++;
      else {
        this.valid[this.rows] = 1;
        if (!this.addValue(text, end)) return false;
      }
      this.rows++;
    }
    return true;
  }

  private addString(text: string): void {
    let code = this.codes.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.codes.set(text, code);
    }
    this.ints[this.rows] = code;
  }

  private addValue(text: string, end: number): boolean {
    switch (this.kind) {
      case "bool":
        return this.addBool(text);
      case "int":
      case "float":
        return this.addNumber(text, end);
      case "date":
      case "time":
        return this.addTime(text);
      default:
        if (this.addBool(text) || this.addNumber(text, end)) return true;
        this.kind = readTime(text, this.parsed) && this.parsed.digits >= 0 ? "time" : "date";
        if (this.kind === "time") this.floats = grown(this.floats, end);
        return this.addTime(text);
    }
  }

  private addBool(text: string): boolean {
    if (text.length !== 4 && text.length !== 5) return false;
    const lower = text.toLowerCase();
    if (lower !== "true" && lower !== "false") return false;
    this.kind = "bool";
    this.ints[this.rows] = lower === "true" ? 1 : 0;
    return true;
  }

  private addNumber(text: string, end: number): boolean {
    const integer = INTEGER.test(text);
    if (!integer && !DECIMAL.test(text)) return false;
    if (this.kind === "empty") this.kind = "int";
    if (integer) {
      if (this.kind === "int") {
        if (this.addInteger(text)) return true;
        this.huge = true;
        this.widenToFloat(end);
      } else if (!this.huge && text.length > 18 && !fitsI64(text)) {
        this.huge = true;
      }
    } else {
      this.decimal = true;
      if (this.kind === "int") this.widenToFloat(end);
    }
    const value = Number(text);
    this.floats[this.rows] = integer ? value + 0 : value;
    return true;
  }

  /** False when no i64 holds it. */
  private addInteger(text: string): boolean {
    const at = 2 * this.rows;
    if (text.length <= 15) {
      const value = Number(text);
      this.ints[at] = value;
      this.ints[at + 1] = Math.floor(value / 4294967296);
      return true;
    }
    if (!fitsI64(text)) return false;
    const value = BigInt(text);
    this.ints[at] = Number(BigInt.asIntN(32, value));
    this.ints[at + 1] = Number(value >> 32n);
    return true;
  }

  private widenToFloat(end: number): void {
    this.kind = "float";
    this.floats = grown(this.floats, end);
    for (let row = 0; row < this.rows; row++) {
      this.floats[row] = this.ints[2 * row + 1]! * 4294967296 + (this.ints[2 * row]! >>> 0);
    }
  }

  private addTime(text: string): boolean {
    const time = this.parsed;
    if (!readTime(text, time) || time.digits > 9) return false;
    if ((this.kind === "date") !== time.digits < 0) return false;
    if (this.kind === "date") {
      this.ints[this.rows] = time.seconds / 86400;
      return true;
    }
    if (time.digits > this.digits) this.digits = time.digits;
    if (this.misfit === null && !fitsNanoseconds(time.seconds, time.nanos))
      this.misfit = { row: this.rows, value: text };
    this.floats[this.rows] = time.seconds;
    this.ints[this.rows] = time.nanos;
    return true;
  }

  /** The column, once all cells are in. */
  finish(): FinishedColumn {
    const { rows } = this;
    const valid = this.nulls === 0 ? undefined : this.valid.slice(0, rows);
    const done = (kind: FenlType["kind"], values: ColumnData["values"]): FinishedColumn => ({
      kind: "done",
      data: { type: { kind } as FenlType, values, valid },
      undetermined: false,
    });
    switch (this.kind) {
      case "unread":
        return { kind: "reread" };
      case "empty": {
        const dictionary = rows === 0 ? [] : [""];
        const data: ColumnData = { type: { kind: "string" }, values: new Int32Array(rows), dictionary };
        return { kind: "done", data, undetermined: true };
      }
      case "string": {
        const values = this.ints.slice(0, rows);
        return {
          kind: "done",
          data: { type: { kind: "string" }, values, dictionary: this.texts },
          undetermined: false,
        };
      }
      case "bool":
        return done("bool", this.ints.slice(0, rows));
      case "date":
        return done("date32", this.ints.slice(0, rows));
      case "int":
        return done("i64", new BigInt64Array(this.ints.slice(0, 2 * rows).buffer));
      case "float":
        if (this.huge && !this.decimal) return { kind: "reread" };
        return done("f64", this.floats.slice(0, rows));
      case "time":
        if (this.digits > 6 && this.misfit !== null) return { kind: "misfit", ...this.misfit };
        return this.finishTimes(done);
    }
  }

  private finishTimes(done: (kind: FenlType["kind"], values: ColumnData["values"]) => FinishedColumn): FinishedColumn {
    const { digits, rows, floats, ints } = this;
    const kind =
      digits === 0 ? "timestamp_s" : digits <= 3 ? "timestamp_ms" : digits <= 6 ? "timestamp_us" : "timestamp_ns";
    const perSecond = digits === 0 ? 1 : digits <= 3 ? 1e3 : digits <= 6 ? 1e6 : 1e9;
    const nanosPerUnit = 1e9 / perSecond;
    const values = new BigInt64Array(rows);
    const halves = new Int32Array(values.buffer);
    for (let row = 0; row < rows; row++) {
      if (this.valid[row] === 1) writeInt64(halves, row, floats[row]!, perSecond, ints[row]! / nanosPerUnit);
    }
    return done(kind, values);
  }
}

function fitsI64(text: string): boolean {
  if (text.length > 40) return false;
  const value = BigInt(text);
  return value >= MIN_I64 && value <= MAX_I64;
}

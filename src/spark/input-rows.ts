import { type Data, type RecordBatch, Type } from "apache-arrow";
import { dictionaryValues } from "../execute/rows/dictionary.ts";
import type { RowSet, RowSetColumn } from "../execute/rows/row-set.ts";
import type { StoredRows } from "../execute/rows/stage-job.ts";
import { emptyColumn } from "../execute/scan/load-scan.ts";
import { exchangedRows } from "../execute/stage/stored-rows.ts";
import { valuesArray } from "../tables/column-data.ts";
import { columnFromData } from "../tables/read/read-arrow.ts";
import { shown } from "../tables/table-error.ts";
import type { HostValue } from "../values/host-value.ts";
import { type BatchRows, GuardError } from "./entity-chunks.ts";
import { hostValue } from "./host-text.ts";
import { hashSliceOf } from "./kept-rows.ts";
import { flipped, isText, laneOf } from "./lanes.ts";
import { textsOf, validBytes } from "./spark-column.ts";
import type { TaskColumn, TaskInput } from "./spark-job.ts";

/** Some rows of a batch, as row numbers. */
interface Part {
  readonly batch: RecordBatch;
  readonly rows: Uint32Array;
}

/** The rows of one input in a chunk. */
export class InputRows {
  readonly #input: TaskInput;
  readonly #parts: readonly Part[];
  readonly #count: number;

  /** @param tag what `_x` says of the input's rows; null: there are no others */
  constructor(input: TaskInput, tag: number | null, chunk: readonly BatchRows[]) {
    this.#input = input;
    this.#parts = chunk.map(({ batch, from, to }) => ({ batch, rows: rowsWith(batch, tag, from, to) }));
    this.#count = this.#parts.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /** The rows of an answer, which have no more than their identity and columns. */
  identified(): RowSet {
    const ranked = this.#parts[0]?.batch.schema.fields.some(({ name }) => name === "_k") ?? false;
    return {
      rows: this.#count,
      keyHash: flipped(this.#wide("_h"), BigUint64Array),
      time: this.#wide("_t"),
      subsort: flipped(this.#wide("_s"), BigUint64Array),
      ...(ranked ? { rank: this.#narrow("_k", Uint8Array) } : {}),
      columns: this.#input.columns.map((column) => this.column(column)),
    };
  }

  /** The rows as stages take them. `keys` collects the texts of entity keys, which are carried as codes. */
  stored(keys: KeyTexts): StoredRows {
    const { kind, columns, slice } = this.#input;
    const rows = this.#count;
    const key = this.#input.key === null ? undefined : this.#key(this.#input.key, keys);
    const identity = {
      rows,
      keyHash: flipped(this.#wide("_h"), BigUint64Array),
      time: this.#wide("_t"),
      subsort: flipped(this.#wide("_s"), BigUint64Array),
    };
    if (kind === "scan") {
      const scanned = { ...identity, ...(key ? { key } : {}), columns: columns.map((column) => this.column(column)) };
      if (key) requireOneKeyAHash(scanned.keyHash, key, keys);
      return scanned;
    }
    const stored: StoredRows = {
      ...identity,
      rank: this.#narrow("_k", Uint8Array),
      origin: this.#narrow("_g", Int32Array),
      ordinal: Int32Array.from(this.#wide("_o"), Number),
      ...(key ? { key } : {}),
      ...(kind === "answers" ? {} : { localKeyHash: flipped(this.#wide("_l"), BigUint64Array) }),
      columns: columns.map((column) => this.column(column)),
    };
    if (kind !== "stored") return stored;
    return exchangedRows([stored], { slice: hashSliceOf(slice) });
  }

  #key(column: TaskColumn, keys: KeyTexts): RowSetColumn {
    const read = this.column(column);
    if (!isText(column.type) || read.dictionary === undefined) return read;
    const { dictionary, ...key } = read;
    const codes = dictionaryValues(dictionary).map((text) => keys.code(text as string));
    return { ...key, values: (read.values as Int32Array).map((code) => codes[code] ?? 0) };
  }

  /** A column's values. */
  column({ name, type }: TaskColumn): RowSetColumn {
    if (this.#count === 0) return emptyColumn(name, type);
    const texts = laneOf(type) === "string" ? new Dictionary() : null;
    const values = valuesArray(texts ? { kind: "i32" } : type, this.#count);
    let valid: Uint8Array | undefined;
    let at = 0;
    for (const { batch, rows } of this.#parts) {
      if (rows.length === 0) continue;
      const data = dataOf(batch, name);
      const present = validBytes(data);
      if (present) {
        valid ??= new Uint8Array(this.#count).fill(1);
        for (let index = 0; index < rows.length; index++) valid[at + index] = present[rows[index]!]!;
      }
      const coded = texts ? codedTexts(data) : null;
      copy(coded?.codes ?? data.values, rows, values, at);
      if (coded) texts!.recode(coded.texts, values as Int32Array, at, rows.length, present && valid!);
      at += rows.length;
    }
    if (texts === null) return { name, type, values, ...(valid ? { valid } : {}) };
    const dictionary: HostValue[] = isText(type) ? texts.texts : texts.texts.map((text) => hostValue(type, text));
    return { name, type, values, ...(valid ? { valid } : {}), dictionary };
  }

  #wide(name: string): BigInt64Array {
    return this.#identity(name, new BigInt64Array(this.#count));
  }

  #narrow<T extends Uint8Array | Int32Array>(name: string, type: new (length: number) => T): T {
    return this.#identity(name, new type(this.#count));
  }

  #identity<T extends Uint8Array | Int32Array | BigInt64Array>(name: string, values: T): T {
    let at = 0;
    for (const { batch, rows } of this.#parts) {
      if (rows.length > 0) copy(dataOf(batch, name).values, rows, values, at);
      at += rows.length;
    }
    return values;
  }
}

/** The texts of entity keys in a chunk. */
export class KeyTexts {
  readonly texts: string[] = [];
  readonly #codes = new Map<string, number>();

  code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.#codes.set(text, code);
    }
    return code;
  }
}

/** One dictionary for a column's texts in several batches. */
class Dictionary {
  readonly texts: string[] = [];
  readonly #codes = new Map<string, number>();

  recode(texts: readonly string[], values: Int32Array, at: number, rows: number, valid: Uint8Array | undefined): void {
    const codes = texts.map((text) => this.#code(text));
    for (let row = at; row < at + rows; row++) {
      if (valid && valid[row] === 0) values[row] = 0;
      else values[row] = codes[values[row]!]!;
    }
  }

  #code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.#codes.set(text, code);
    }
    return code;
  }
}

/** Texts by codes: as they came, or, where they came plain, made here. */
function codedTexts(data: Data): { codes: Int32Array; texts: readonly string[] } {
  if (data.typeId === Type.Dictionary) return { codes: data.values as Int32Array, texts: textsOf(data) };
  const { values, dictionary } = columnFromData({ kind: "string" }, data);
  return { codes: values as Int32Array, texts: dictionary as readonly string[] };
}

function rowsWith(batch: RecordBatch, tag: number | null, from: number, to: number): Uint32Array {
  const rows = new Uint32Array(to - from);
  if (tag === null) {
    for (let row = from; row < to; row++) rows[row - from] = row;
    return rows;
  }
  const tags = dataOf(batch, "_x").values as Int8Array;
  let count = 0;
  for (let row = from; row < to; row++) if (tags[row] === tag) rows[count++] = row;
  return rows.subarray(0, count);
}

function dataOf(batch: RecordBatch, name: string): Data {
  const index = batch.schema.fields.findIndex((field) => field.name === name);
  if (index < 0) throw new Error(`the rows that Spark gives have no column ${name}`);
  return batch.data.children[index]!;
}

type Numbers = Uint8Array | Int8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

// One loop for each width, so that each is compiled for one kind of array.
function copy(from: Numbers, rows: Uint32Array, to: Numbers, at: number): void {
  const first = rows[0]!;
  const isRun = rows[rows.length - 1]! - first === rows.length - 1;
  if (isRun && from.BYTES_PER_ELEMENT === to.BYTES_PER_ELEMENT) {
    (to.set as (values: Numbers, at: number) => void)(from.subarray(first, first + rows.length), at);
  } else if (to.BYTES_PER_ELEMENT === 8) {
    const [source, target] = [from, to].map((one) => new Float64Array(one.buffer, one.byteOffset, one.length));
    copyEight(source!, rows, target!, at);
  } else if (to.BYTES_PER_ELEMENT === 4) {
    const [source, target] = [from, to].map((one) => new Int32Array(one.buffer, one.byteOffset, one.length));
    copyFour(source!, rows, target!, at);
  } else {
    for (let index = 0; index < rows.length; index++) to[at + index] = from[rows[index]!]!;
  }
}

function copyEight(from: Float64Array, rows: Uint32Array, to: Float64Array, at: number): void {
  const [source, target] = [from, to].map((one) => new Int32Array(one.buffer, one.byteOffset, 2 * one.length));
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    target![2 * (at + index)] = source![2 * row]!;
    target![2 * (at + index) + 1] = source![2 * row + 1]!;
  }
}

function copyFour(from: Int32Array, rows: Uint32Array, to: Int32Array, at: number): void {
  for (let index = 0; index < rows.length; index++) to[at + index] = from[rows[index]!]!;
}

/** The engine tells entities apart by their hashes alone. */
function requireOneKeyAHash(keyHash: BigUint64Array, key: RowSetColumn, keys: KeyTexts): void {
  if (!isText(key.type)) return;
  const halves = new Int32Array(keyHash.buffer, keyHash.byteOffset, 2 * keyHash.length);
  const codes = key.values as Int32Array;
  for (let row = 1; row < codes.length; row++) {
    if (codes[row] === codes[row - 1]) continue;
    if (halves[2 * row] !== halves[2 * row - 2] || halves[2 * row + 1] !== halves[2 * row - 1]) continue;
    const [first, second] = [codes[row - 1]!, codes[row]!].map((code) => shown(keys.texts[code]!));
    throw new GuardError(
      `the keys ${first} and ${second} have the same hash ${keyHash[row]}, so they cannot be told apart; expected one of them under another name`,
    );
  }
}

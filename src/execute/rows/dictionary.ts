import { type FenlType, isCoded, isUnsigned, representationOf } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { type Allocate, owned } from "./allocate.ts";
import { pick } from "./pick.ts";
import type { Dictionary, ListParts, RowSetColumn } from "./row-set.ts";
import { decodeTexts, selectTexts, textReader } from "./text-bytes.ts";

/** Texts that are kept as strings once they have been asked for, at most. */
const MOST_KEPT = 1 << 16;

/** Codes of a dictionary for each that is looked at, where a place for each is cheaper than a map. */
const MOST_UNUSED = 64;

/** Whether a dictionary has its values one by one. */
export function isListed(dictionary: Dictionary): dictionary is readonly HostValue[] {
  return !("kind" in dictionary);
}

/** How many codes there are. */
export function dictionarySize(dictionary: Dictionary): number {
  if (isListed(dictionary)) return dictionary.length;
  return dictionary.kind === "texts" ? dictionary.offsets.length - 1 : dictionary.starts.length;
}

/** A function from a code to what it stands for; null for a code that stands for nothing. */
export function dictionaryReader(dictionary: Dictionary): (code: number) => HostValue {
  if (isListed(dictionary)) return (code) => dictionary[code] ?? null;
  const size = dictionarySize(dictionary);
  if (dictionary.kind === "lists") {
    const { starts, ends, items } = dictionary;
    const read = columnReader(items);
    return (code) => (code >= 0 && code < size ? part(read, starts[code]!, ends[code]!) : null);
  }
  const read = textReader(dictionary);
  if (size > MOST_KEPT) return (code) => (code >= 0 && code < size ? read(code) : null);
  const known: string[] = new Array(size);
  return (code) => {
    if (!(code >= 0 && code < size)) return null;
    known[code] ??= read(code);
    return known[code]!;
  };
}

function part(read: (row: number) => HostValue, from: number, to: number): HostValue[] {
  const values: HostValue[] = new Array(to - from);
  for (let row = from; row < to; row++) values[row - from] = read(row);
  return values;
}

const listed = new WeakMap<object, readonly HostValue[]>();

/** All that the codes stand for, one by one. */
export function dictionaryValues(dictionary: Dictionary): readonly HostValue[] {
  if (isListed(dictionary)) return dictionary;
  let values = listed.get(dictionary);
  if (values === undefined) {
    if (dictionary.kind === "texts") values = decodeTexts(dictionary);
    else values = Array.from(dictionary.starts.keys(), dictionaryReader(dictionary));
    listed.set(dictionary, values);
  }
  return values;
}

/** Bytes that a value by itself takes, about. */
export const BYTES_PER_VALUE = 48;

/** Bytes of memory that a dictionary takes, about. */
export function dictionaryBytes(dictionary: Dictionary): number {
  if (isListed(dictionary)) return dictionary.length * BYTES_PER_VALUE;
  if (dictionary.kind === "texts") return dictionary.offsets.byteLength + dictionary.bytes.byteLength;
  const { starts, ends, items } = dictionary;
  const own = starts.byteLength + ends.byteLength + items.values.byteLength + (items.valid?.byteLength ?? 0);
  return own + (items.dictionary ? dictionaryBytes(items.dictionary) : 0);
}

/** Some of the values, by their codes. */
export function selectCodes(dictionary: Dictionary, codes: Int32Array): Dictionary {
  if (isListed(dictionary)) return Array.from(codes, (code) => dictionary[code] ?? null);
  return dictionary.kind === "texts" ? selectTexts(dictionary, codes) : selectLists(dictionary, codes);
}

/** The values of the codes `from` up to `to`, as a view of the same memory. */
export function sliceDictionary(dictionary: Dictionary, from: number, to: number): Dictionary {
  if (isListed(dictionary)) return dictionary.slice(from, to);
  if (dictionary.kind === "texts") return { ...dictionary, offsets: dictionary.offsets.subarray(from, to + 1) };
  return { ...dictionary, starts: dictionary.starts.subarray(from, to), ends: dictionary.ends.subarray(from, to) };
}

function selectLists({ starts, ends, items }: ListParts, codes: Int32Array): ListParts {
  const chosen = new ListChoice(codes.length);
  for (const code of codes) chosen.add(starts[code]!, ends[code]!);
  return chosen.of(items);
}

/** Lists that are to stay, of those that are parts of one column: what several of them share in one order stays once. */
export class ListChoice {
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  #count = 0;
  /** The items' rows. */
  #rows = new Uint32Array(16);
  #size = 0;
  /** The last rows that were taken in one go, and where they are now. */
  #run = { from: 0, to: 0, at: 0 };

  constructor(lists: number) {
    this.#starts = new Int32Array(lists);
    this.#ends = new Int32Array(lists);
  }

  add(from: number, to: number): void {
    if (from < this.#run.from || from > this.#run.to) this.#run = { from, to: from, at: this.#size };
    const run = this.#run;
    if (to > run.to) {
      this.#reserve(this.#size + to - run.to);
      for (let row = run.to; row < to; row++) this.#rows[this.#size++] = row;
      run.to = to;
    }
    const start = run.at + from - run.from;
    this.#starts[this.#count] = start;
    this.#ends[this.#count++] = start + to - from;
  }

  #reserve(size: number): void {
    if (size <= this.#rows.length) return;
    const rows = new Uint32Array(Math.max(size, 2 * this.#rows.length));
    rows.set(this.#rows);
    this.#rows = rows;
  }

  of(items: RowSetColumn, allocate: Allocate = owned): ListParts {
    const copy = (values: Int32Array): Int32Array => {
      const own = allocate(values, values.length);
      own.set(values);
      return own;
    };
    return {
      kind: "lists",
      starts: copy(this.#starts),
      ends: copy(this.#ends),
      items: pickRows(items, this.#rows.subarray(0, this.#size), allocate),
    };
  }
}

/** Some rows of a column. */
export function pickRows(column: RowSetColumn, rows: Uint32Array, allocate: Allocate): RowSetColumn {
  const picked: RowSetColumn = {
    name: column.name,
    type: column.type,
    values: pick(column.values, rows, allocate),
    ...(column.valid ? { valid: pick(column.valid, rows, allocate) } : {}),
    ...(column.dictionary ? { dictionary: column.dictionary } : {}),
  };
  return compactDictionary(picked);
}

/** A column whose dictionary has no more values than it has rows. */
export function compactDictionary(column: RowSetColumn): RowSetColumn {
  const { dictionary, valid } = column;
  if (dictionary === undefined || dictionarySize(dictionary) <= column.values.length) return column;
  const codes = column.values as Int32Array;
  const values = new Int32Array(codes.length);
  const used = numbered(codes, valid, values, dictionarySize(dictionary));
  return { ...column, values, dictionary: selectCodes(dictionary, used) };
}

/** Numbers codes, of which there are so many, by first occurrence. @returns the codes by their numbers */
function numbered(codes: Int32Array, valid: Uint8Array | undefined, numbers: Int32Array, size: number): Int32Array {
  if (size > MOST_UNUSED * codes.length) return numberedFew(codes, valid, numbers);
  /** By code one more than its number. */
  const known = new Int32Array(size);
  const used = new Int32Array(codes.length);
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    if (valid && valid[row] === 0) continue;
    const code = codes[row]!;
    let number = known[code];
    // A code that stands for nothing.
    if (number === undefined) return numberedFew(codes, valid, numbers);
    if (number === 0) {
      used[count++] = code;
      number = known[code] = count;
    }
    numbers[row] = number - 1;
  }
  return used.subarray(0, count);
}

/** The same for few of very many codes. */
function numberedFew(codes: Int32Array, valid: Uint8Array | undefined, numbers: Int32Array): Int32Array {
  const known = new Map<number, number>();
  for (let row = 0; row < codes.length; row++) {
    if (valid && valid[row] === 0) continue;
    const code = codes[row]!;
    let number = known.get(code);
    if (number === undefined) {
      number = known.size;
      known.set(code, number);
    }
    numbers[row] = number;
  }
  return Int32Array.from(known.keys());
}

/** A function from the row number to the value, for columns of any type. */
export function columnReader(column: RowSetColumn): (row: number) => HostValue {
  const { values, valid, dictionary } = column;
  if (column.type.kind === "null") return () => null;
  const read = presentReader(column.type, values, dictionary);
  return valid === undefined ? read : (row) => (valid[row] === 0 ? null : read(row));
}

function presentReader(
  type: FenlType,
  values: RowSetColumn["values"],
  dictionary: Dictionary | undefined,
): (row: number) => HostValue {
  if (dictionary !== undefined) {
    const read = dictionaryReader(dictionary);
    return (row) => read(Number(values[row]));
  }
  if (isCoded(type)) throw new Error(`a column of type ${type.kind} came without values`);
  if (type.kind === "bool") return (row) => values[row] !== 0;
  if (type.kind === "u64") return (row) => BigInt.asUintN(64, values[row] as bigint);
  if (isUnsigned(type)) return (row) => (values[row] as number) >>> 0;
  return representationOf(type) === "i64" ? (row) => values[row] as bigint : (row) => values[row] as number;
}

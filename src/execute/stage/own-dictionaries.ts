import { type ColumnSlots, isTextKey, type SinkSlots } from "../../compile/stage-layout.ts";
import { type FenlType, isCoded } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { owned, type RowArray, sharedForGood } from "../rows/allocate.ts";
import { numbersFrom } from "../rows/copy-values.ts";
import { BYTES_PER_VALUE, dictionarySize, ListChoice } from "../rows/dictionary.ts";
import type { Interner } from "../rows/interner.ts";
import type { ListLog } from "../rows/list-log.ts";
import type { Dictionary, ListParts, RowSetColumn, StoredRows } from "../rows/row-set.ts";
import { selectTexts } from "../rows/text-bytes.ts";
import type { JoinedTexts } from "./joined-texts.ts";

/** Of so many bytes it does not matter how many there really are. */
const FEW_BYTES = 1 << 20;

/** So many rows, or more, are numbered anew by fewer texts than all. */
const ROWS_PER_TEXT = 8;

/** Gives columns dictionaries of their own, instead of codes of a worker's interner. */
export class OwnDictionaries {
  readonly #interner: Interner;
  readonly #joined: ReadonlyMap<string, JoinedTexts>;
  /** By code of a value, or number of a list: one more than its code in the dictionary that is being made. */
  #known = new Int32Array(0);

  /** All texts of the interner, until it has more of them or others. */
  #all: Dictionary | null = null;

  /** @param joined texts that the stage has joined, by import */
  constructor(interner: Interner, joined: ReadonlyMap<string, JoinedTexts>) {
    this.#interner = interner;
    interner.hold({
      renew: () => {
        this.#all = null;
      },
    });
    this.#joined = joined;
  }

  /**
   * Rows whose columns of host types have dictionaries of their own: their codes are replaced where they are. Columns that
   * have some stay as they are.
   */
  rows(rows: StoredRows, slots: SinkSlots): StoredRows {
    const own = (column: RowSetColumn, { madeBy }: ColumnSlots): RowSetColumn => {
      if (column.dictionary !== undefined) return column;
      if (madeBy !== undefined) return this.#made(column, madeBy);
      return isCoded(column.type) ? this.#column(column) : column;
    };
    const isOwn = rows.key && slots.key && !slots.key.coded;
    const key = isOwn ? (this.#keyOfAll(rows.key) ?? own(rows.key, slots.key)) : rows.key;
    const columns = rows.columns.map((column, index) => own(column, slots.columns[index]!));
    return { ...rows, ...(key ? { key } : {}), columns };
  }

  /** Texts that an import has joined in the memory of the stage. */
  joined(madeBy: string): JoinedTexts | undefined {
    return this.#joined.get(madeBy);
  }

  /** Codes of values are below it; lists have others. */
  get codes(): number {
    return this.#interner.size;
  }

  /** Bytes that the dictionaries will have which columns do not have yet, about. */
  bytes(rows: StoredRows, slots: SinkSlots): number {
    return rows.columns.reduce((sum, { type, values, valid, dictionary }, index) => {
      if (!isCoded(type) || dictionary !== undefined) return sum;
      const { madeBy } = slots.columns[index]!;
      const joined = madeBy === undefined ? undefined : this.#joined.get(madeBy);
      const made = madeBy === undefined ? undefined : (joined?.bound ?? this.#interner.texts(madeBy).count);
      const most = Math.min(values.length, made ?? this.#size) * BYTES_PER_VALUE;
      return sum + (most <= FEW_BYTES ? most : this.#count(values as Int32Array, valid, made) * BYTES_PER_VALUE);
    }, 0);
  }

  /** A column of keys with all texts there are, where these are few: of a dictionary of keys only those are read that rows have. */
  #keyOfAll(key: RowSetColumn): RowSetColumn | null {
    const { size } = this.#interner;
    const isShort = size <= key.values.length / ROWS_PER_TEXT && key.valid === undefined;
    if (key.dictionary !== undefined || !isTextKey(key.type) || !isShort) return null;
    if (this.#all === null || dictionarySize(this.#all) !== size) {
      this.#all = this.#interner.textBytes(numbersFrom(0, new Int32Array(size)), sharedForGood);
    }
    return this.#all === null ? null : { ...key, dictionary: this.#all };
  }

  #column(column: RowSetColumn): RowSetColumn {
    const used = this.#renumber(column.values as Int32Array, column.valid);
    return { ...column, dictionary: this.dictionary(column.type, used) };
  }

  /** A column of texts that an import has made. */
  #made(column: RowSetColumn, madeBy: string): RowSetColumn {
    const joined = this.#joined.get(madeBy);
    if (joined !== undefined) return this.#joinedTexts(column, joined);
    const log = this.#interner.texts(madeBy);
    const used = this.#renumber(column.values as Int32Array, column.valid, log.count);
    const all = log.all();
    const dictionary =
      all === null
        ? Array.from(used, (text) => log.text(text))
        : selectTexts({ kind: "texts", ...all, areDistinct: false }, used, sharedForGood);
    return { ...column, dictionary };
  }

  #joinedTexts(column: RowSetColumn, joined: JoinedTexts): RowSetColumn {
    const numbers = column.values as Int32Array;
    const between = joined.between(numbers, column.valid);
    return {
      ...column,
      dictionary: between ?? joined.select(this.#renumber(numbers, column.valid, joined.bound)),
    };
  }

  /** What some codes of values of a type stand for. */
  dictionary(type: FenlType, codes: Int32Array): Dictionary {
    const plain = (): HostValue[] => Array.from(codes, (code) => this.#interner.plain(code));
    switch (type.kind) {
      case "string":
      case "large_string":
      case "json": {
        return this.#interner.textBytes(codes, sharedForGood) ?? plain();
      }
      case "list":
        return this.#lists(codes) ?? plain();
      default:
        return plain();
    }
  }

  /** Lists as parts of one column; null where not all come from logs. */
  #lists(codes: Int32Array): ListParts | null {
    const { lists } = this.#interner;
    if (codes.length === 0 || codes[0]! >= 0) return null;
    const index = lists.logOf(~codes[0]!);
    const whole = this.#allLists(codes, index);
    if (whole !== null) return isCoded(whole.items.type) ? { ...whole, items: this.#column(whole.items) } : whole;
    const chosen = new ListChoice(codes.length);
    // The items of all logs are rows, those of one log after those of another.
    const logs: ListLog[] = [];
    const bases: number[] = [];
    let rows = 0;
    for (const code of codes) {
      if (code >= 0) return null;
      const place = lists.logOf(~code);
      if (bases[place] === undefined) {
        const log = this.#interner.log(place);
        logs.push(log);
        bases[place] = rows - log.first;
        rows += log.length - log.first;
      }
      chosen.add(bases[place] + lists.from(~code), bases[place] + lists.to(~code));
    }
    const parts = chosen.of(itemsOf(logs, rows), sharedForGood);
    return isCoded(parts.items.type) ? { ...parts, items: this.#column(parts.items) } : parts;
  }

  /**
   * Lists as parts of what a log has of them, copied as it lies; null unless they are all lists from one to another, and
   * leave out no item between these.
   */
  #allLists(codes: Int32Array, index: number): ListParts | null {
    const { lists } = this.#interner;
    let [first, last] = [~codes[0]!, ~codes[0]!];
    for (let at = 0; at < codes.length; at++) {
      const list = ~codes[at]!;
      if (list < first) first = list;
      if (list > last) last = list;
    }
    if (first < 0 || last - first + 1 !== codes.length) return null;
    const begin = lists.from(first);
    let end = begin;
    for (let list = first; list <= last; list++) {
      const from = lists.from(list);
      if (lists.logOf(list) !== index || from < begin || from > end) return null;
      const to = lists.to(list);
      if (to > end) end = to;
    }
    const [starts, ends] = [sharedForGood(codes, codes.length), sharedForGood(codes, codes.length)];
    for (let at = 0; at < codes.length; at++) {
      const list = ~codes[at]!;
      starts[at] = lists.from(list) - begin;
      ends[at] = lists.to(list) - begin;
    }
    const log = this.#interner.log(index);
    const items = log.items(begin, end);
    const values = sharedForGood(items, items.length);
    (values.set as (from: RowArray) => void)(items);
    return { kind: "lists", starts, ends, items: { name: "", type: log.type, values } };
  }

  /** Replaces codes by numbers in the order in which they first occur, and tells what they were. */
  #renumber(codes: Int32Array, valid: Uint8Array | undefined, size = this.#size): Int32Array {
    this.#reserve(2 * size);
    const known = this.#known;
    let used: Int32Array = new Int32Array(Math.min(codes.length, 1 << 10));
    let count = 0;
    for (let row = 0; row < codes.length; row++) {
      if (valid !== undefined && valid[row] === 0) {
        codes[row] = 0;
        continue;
      }
      const code = codes[row]!;
      const place = placeOf(code);
      let local = known[place]!;
      if (local === 0) {
        if (count === used.length) used = grown(used);
        used[count] = code;
        local = known[place] = ++count;
      }
      codes[row] = local - 1;
    }
    used = used.subarray(0, count);
    for (let index = 0; index < count; index++) known[placeOf(used[index]!)] = 0;
    return used;
  }

  /** How many different codes there are. */
  #count(codes: Int32Array, valid: Uint8Array | undefined, size = this.#size): number {
    this.#reserve(2 * size);
    const known = this.#known;
    let count = 0;
    for (let row = 0; row < codes.length; row++) {
      if (valid !== undefined && valid[row] === 0) continue;
      const place = placeOf(codes[row]!);
      count += 1 - known[place]!;
      known[place] = 1;
    }
    for (let row = 0; row < codes.length; row++) {
      if (valid === undefined || valid[row] !== 0) known[placeOf(codes[row]!)] = 0;
    }
    return count;
  }

  get #size(): number {
    return Math.max(this.#interner.size, this.#interner.lists.count);
  }

  #reserve(size: number): void {
    if (this.#known.length < size) this.#known = new Int32Array(Math.max(size, 2 * this.#known.length));
  }
}

/** The items of some logs, of which there are so many, one log after the other. */
function itemsOf(logs: readonly ListLog[], count: number): RowSetColumn {
  const column = logs[0]!.column();
  if (logs.length === 1) return column;
  const values = owned(column.values, count);
  let at = 0;
  for (const log of logs) {
    const items = log.column().values;
    (values.set as (from: RowArray, at: number) => void)(items, at);
    at += items.length;
  }
  return { ...column, values };
}

/** Values have the even places, lists the odd ones. */
function placeOf(code: number): number {
  return (code << 1) ^ (code >> 31);
}

function grown(values: Int32Array): Int32Array {
  const more = new Int32Array(2 * values.length + 16);
  more.set(values);
  return more;
}

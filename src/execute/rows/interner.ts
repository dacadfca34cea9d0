import { listView, withoutViews } from "../../functions/list-view.ts";
import { compareText } from "../../functions/value-order.ts";
import { type FenlType, isCoded, typeName } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { TextTable } from "../../values/text-table.ts";
import type { Allocate } from "./allocate.ts";
import { dictionaryValues, isListed } from "./dictionary.ts";
import { ListLog, ListViews } from "./list-log.ts";
import type { Dictionary, RowSetColumn } from "./row-set.ts";
import { selectTexts, type TextBytes } from "./text-bytes.ts";
import { type MadeTexts, TextLog } from "./text-log.ts";

/** A value as it crosses the border to WebAssembly. */
export type Raw = number | bigint;
/** Tells the module whether the result that is returned next is there. */
export type SetValid = (valid: boolean) => void;

/** What keeps codes from row to row, or knows something by them. */
export interface CodeHolder {
  /**
   * Replaces the codes that are kept, and forgets what is known by others. It is asked twice: at first for the codes,
   * which stay as they are.
   */
  renew(codes: CodeChange): void;
}

/** Gives the new code for an old one, and the new number of a text that an import has made. */
export interface CodeChange {
  code(old: number): number;
  made(by: string, old: number): number;
}

/** Codes whose texts stay strings once they were asked for. */
const MOST_KEPT = 1 << 16;
/** Bytes that such a string takes beside its characters, about; and that each code takes. */
const BYTES_PER_STRING = 24;
const BYTES_PER_CODE = 8;
/** Bytes that a value takes, but for those of its characters or elements, about. */
const BYTES_PER_VALUE = 64;
const BYTES_PER_ELEMENT = 16;

/**
 * The values that WebAssembly knows by a number only. Strings are interned: equal text, equal code. Lists, maps and
 * records get a new number each time; numbers below zero are those of lists that are parts of logs.
 */
export class Interner {
  /** By code: values that are no texts, and texts that were asked for as strings. */
  readonly #values: (HostValue | undefined)[] = [];
  /** By code; of other values nothing. */
  #table = new TextTable();
  readonly #logs: ListLog[] = [];
  /** The logs for lists that are read. */
  readonly #logOfType = new Map<string, ListLog>();
  readonly #readers: ((row: number) => HostValue)[] = [];
  readonly #texts = new Map<string, TextLog>();
  /** The lists with the codes below zero. */
  readonly lists = new ListViews();
  /** Codes of values before it stay. */
  readonly #fixed: number;
  /** Of the values, without lists in logs and texts that imports make; about. */
  #bytes = 0;
  readonly #holders: CodeHolder[] = [];
  /** The list that was asked for last. */
  #latest: { readonly code: number; readonly list: HostValue } | null = null;

  /** @param texts those whose codes stay */
  constructor(texts: readonly string[] = []) {
    for (const text of ["", ...texts]) this.code(text);
    this.#fixed = this.#values.length;
  }

  code(text: string): number {
    return this.#text(this.#table.number(text));
  }

  add(value: HostValue): number {
    if (typeof value === "string") return this.code(value);
    this.#bytes += BYTES_PER_VALUE + (Array.isArray(value) ? BYTES_PER_ELEMENT * value.length : 0);
    this.#values.push(value);
    return this.#table.skip();
  }

  /** Takes note of a text that may be new. */
  #text(code: number): number {
    if (code === this.#values.length) this.#values.push(undefined);
    return code;
  }

  /** The bytes of texts, by code. */
  get table(): TextTable {
    return this.#table;
  }

  #isText(code: number): boolean {
    const value = this.#values[code];
    return value === undefined || typeof value === "string";
  }

  /** Whether a code is that of a text that is in the table as bytes. */
  hasBytes(code: number): boolean {
    return this.#isText(code) && this.#table.hasBytes(code);
  }

  /** The texts of some codes as bytes; null where not all have some. */
  textBytes(codes: Int32Array, allocate: Allocate): TextBytes | null {
    for (let at = 0; at < codes.length; at++) if (!this.hasBytes(codes[at]!)) return null;
    const { offsets, bytes } = this.#table;
    return selectTexts({ kind: "texts", offsets, bytes, areDistinct: true }, codes, allocate);
  }

  /** The order of two texts. */
  compare(a: number, b: number): number {
    const table = this.#table;
    if (!table.hasBytes(a) || !table.hasBytes(b)) return compareText(this.get(a) as string, this.get(b) as string);
    const { bytes } = table;
    const [from, other] = [table.start(a), table.start(b)];
    const [length, otherLength] = [table.end(a) - from, table.end(b) - other];
    for (let at = 0; at < length && at < otherLength; at++) {
      const difference = bytes[from + at]! - bytes[other + at]!;
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  }

  /** Asks for codes that are to be kept, and has others forgotten, when codes are renewed. */
  hold(holder: CodeHolder): void {
    this.#holders.push(holder);
  }

  /** Bytes of all that is known, about. */
  get bytes(): number {
    let bytes = this.#bytes + this.#table.size + BYTES_PER_CODE * this.#values.length + this.lists.bytes;
    for (const log of this.#logs) bytes += log.bytes;
    for (const log of this.#texts.values()) bytes += log.size;
    return bytes;
  }

  /**
   * Lets go of all values that nothing keeps; the others get other codes.
   * @param made the texts of imports that are not, or not all, in logs of this
   */
  renew(made: ReadonlyMap<string, MadeTexts>): void {
    const kept = this.#kept(made);
    const codes = new Map<number, number>();
    const numbers = new Map<string, Map<number, number>>();
    const before = this.#table;
    this.#table = new TextTable();
    this.#values.length = 0;
    for (let code = 0; code < this.#fixed; code++) this.#text(this.#table.numberFrom(before, code));
    this.#bytes = 0;
    this.#latest = null;
    this.lists.clear();
    for (const log of this.#logs) log.forget(log.oldest);
    // Lists that come back are written behind them.
    const items = this.#logs.flatMap((log) =>
      isCoded(log.type) ? [log.items(log.first, log.length) as Int32Array] : [],
    );
    for (const name of new Set([...this.#texts.keys(), ...made.keys()])) this.#made(name, made).clear();
    const code = (old: number): number => {
      if (old >= 0 && old < this.#fixed) return old;
      let now = codes.get(old);
      if (now === undefined) {
        const own = kept.values.get(old);
        const isText = own?.kind === "text";
        now = isText ? this.#text(this.#table.numberFrom(before, old)) : this.#restored(own, code);
        codes.set(old, now);
      }
      return now;
    };
    for (const codes of items) recode(codes, code);
    for (const [name, texts] of kept.texts) {
      const log = this.#made(name, made);
      numbers.set(name, new Map([...texts].map(([old, text]) => [old, log.add(text)])));
    }
    const change: CodeChange = { code, made: (by, old) => numbers.get(by)?.get(old) ?? 0 };
    for (const holder of this.#holders) holder.renew(change);
  }

  #made(name: string, others: ReadonlyMap<string, MadeTexts>): MadeTexts {
    return others.get(name) ?? this.texts(name);
  }

  /** What is kept by codes, with what these depend on. */
  #kept(made: ReadonlyMap<string, MadeTexts>): { values: Map<number, Kept>; texts: Map<string, Map<number, string>> } {
    const values = new Map<number, Kept>();
    const texts = new Map<string, Map<number, string>>();
    const keep = (code: number): number => {
      if ((code >= 0 && code < this.#fixed) || values.has(code)) return code;
      // Places that were never written hold anything.
      if (code >= this.#values.length || ~code >= this.lists.count) return code;
      const own = this.#keepOne(code);
      values.set(code, own);
      if (own.kind === "items" && isCoded(own.type)) for (const item of own.items as Int32Array) keep(item);
      return code;
    };
    const keepMade = (by: string, number: number): number => {
      const log = this.#made(by, made);
      const known = texts.get(by) ?? new Map<number, string>();
      texts.set(by, known);
      if (log.has(number) && !known.has(number)) known.set(number, log.text(number));
      return number;
    };
    for (const log of this.#logs) {
      if (isCoded(log.type)) for (const item of log.items(log.oldest, log.length) as Int32Array) keep(item);
    }
    for (const holder of this.#holders) holder.renew({ code: keep, made: keepMade });
    return { values, texts };
  }

  #keepOne(code: number): Kept {
    if (code >= 0) {
      return this.#isText(code) ? { kind: "text" } : { kind: "value", value: withoutViews(this.#values[code]!) };
    }
    const { log: index, from, to } = this.lists.at(~code);
    const log = this.#logs[index]!;
    if (from >= log.oldest) return { kind: "part", log: index, from, to };
    return { kind: "items", type: log.type, items: log.items(from, to).slice() };
  }

  /** The new code of what was kept. */
  #restored(kept: Kept | undefined, code: (old: number) => number): number {
    if (kept === undefined || kept.kind === "text") return 0;
    if (kept.kind === "value") return this.add(kept.value);
    if (kept.kind === "part") return ~this.lists.add(kept.log, kept.from, kept.to);
    const { type, items } = kept;
    if (isCoded(type)) recode(items as Int32Array, code);
    const log = this.#readLog(type);
    log.addAll(items);
    return ~this.lists.add(log.index, log.length - items.length, log.length);
  }

  get(code: number): HostValue {
    if (code < 0) return this.#list(code);
    const known = this.#values[code];
    if (known !== undefined) return known;
    const text = this.#table.text(code);
    if (code < MOST_KEPT) {
      this.#values[code] = text;
      this.#bytes += BYTES_PER_STRING + text.length;
    }
    return text;
  }

  /** A value that can be sent to another thread. */
  plain(code: number): HostValue {
    return withoutViews(this.get(code));
  }

  /** Codes of values are below it. */
  get size(): number {
    return this.#values.length;
  }

  /** What the codes of a dictionary are here. */
  addAll(dictionary: Dictionary): Int32Array {
    if (!isListed(dictionary) && dictionary.kind === "texts") {
      const { offsets, bytes } = dictionary;
      const codes = new Int32Array(offsets.length - 1);
      this.#table.reserve(codes.length, offsets[codes.length]! - offsets[0]!);
      for (let text = 0; text < codes.length; text++) {
        codes[text] = this.#text(this.#table.numberOfBytes(bytes, offsets[text]!, offsets[text + 1]!));
      }
      return codes;
    }
    if (isListed(dictionary) || dictionary.items.valid !== undefined) {
      return Int32Array.from(dictionaryValues(dictionary), (value) => this.add(value));
    }
    const { starts, ends, items } = dictionary;
    const log = this.#readLog(items.type);
    const base = log.length;
    const codes = items.dictionary && this.addAll(items.dictionary);
    log.addAll(codes ? (items.values as Int32Array).map((code) => codes[code] ?? 0) : items.values);
    return starts.map((start, list) => ~this.lists.add(log.index, base + start, base + ends[list]!));
  }

  /** The log for lists of a type that are read. */
  #readLog(type: FenlType): ListLog {
    const name = typeName(type);
    const log = this.#logOfType.get(name) ?? this.addLog(type);
    this.#logOfType.set(name, log);
    return log;
  }

  /** The texts that an import makes. */
  texts(name: string): TextLog {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const log = new TextLog();
    this.#texts.set(name, log);
    return log;
  }

  /** A log for items of a type. */
  addLog(type: FenlType): ListLog {
    const log = new ListLog(type, this.#logs.length);
    const decode = decoder(type, this);
    this.#logs.push(log);
    this.#readers.push((row) => decode(log.raw(row)));
    return log;
  }

  log(index: number): ListLog {
    return this.#logs[index]!;
  }

  #list(code: number): HostValue {
    if (this.#latest?.code === code) return this.#latest.list;
    const { log, from, to } = this.lists.at(~code);
    const list = listView(this.#readers[log]!, from, to);
    this.#latest = { code, list };
    return list;
  }
}

/** A value that is kept while codes are renewed: a text, itself, a part of a log where it stays, or items. */
type Kept =
  | { readonly kind: "text" }
  | { readonly kind: "value"; readonly value: HostValue }
  | { readonly kind: "part"; readonly log: number; readonly from: number; readonly to: number }
  | { readonly kind: "items"; readonly type: FenlType; readonly items: RowSetColumn["values"] };

function recode(codes: Int32Array, code: (old: number) => number): void {
  for (let at = 0; at < codes.length; at++) codes[at] = code(codes[at]!);
}

/** Turns what a WebAssembly function passes for a type into a host value. */
export function decoder(type: FenlType, interner: Interner): (raw: number | bigint) => HostValue {
  switch (type.kind) {
    case "bool":
      return (raw) => raw !== 0;
    case "string":
    case "large_string":
    case "json":
    case "list":
    case "map":
    case "record":
      return (raw) => interner.get(raw as number);
    case "u64":
      return (raw) => BigInt.asUintN(64, raw as bigint);
    case "u32":
      return (raw) => (raw as number) >>> 0;
    default:
      return (raw) => raw;
  }
}

/** Turns a host value that is not null into what WebAssembly takes for a type. */
export function encoder(type: FenlType, interner: Interner): (value: HostValue) => number | bigint {
  switch (type.kind) {
    case "bool":
      return (value) => (value ? 1 : 0);
    case "string":
    case "large_string":
    case "json":
    case "list":
    case "map":
    case "record":
      return (value) => interner.add(value);
    default:
      return (value) => value as number | bigint;
  }
}

/** What WebAssembly gets where there is no value. */
export function nothing(type: FenlType): number | bigint {
  switch (type.kind) {
    case "i64":
    case "u64":
    case "date64":
      return 0n;
    default:
      return type.kind.startsWith("timestamp_") || type.kind.startsWith("duration_") ? 0n : 0;
  }
}

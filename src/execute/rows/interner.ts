import { listView, withoutViews } from "../../functions/list-view.ts";
import { type FenlType, typeName } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { dictionaryValues, isListed } from "./dictionary.ts";
import { ListLog, ListViews } from "./list-log.ts";
import type { Dictionary } from "./row-set.ts";
import { TextLog } from "./text-log.ts";

/** A value as it crosses the border to WebAssembly. */
export type Raw = number | bigint;
/** Tells the module whether the result that is returned next is there. */
export type SetValid = (valid: boolean) => void;

/**
 * The values that WebAssembly knows by a number only. Strings are interned: equal text, equal code. Lists, maps and
 * records get a new number each time; numbers below zero are those of lists that are parts of logs.
 */
export class Interner {
  readonly #values: HostValue[] = [""];
  readonly #codes = new Map<string, number>([["", 0]]);
  readonly #logs: ListLog[] = [];
  /** The logs for lists that are read. */
  readonly #logOfType = new Map<string, ListLog>();
  readonly #readers: ((row: number) => HostValue)[] = [];
  readonly #texts = new Map<string, TextLog>();
  /** The lists with the codes below zero. */
  readonly lists = new ListViews();
  /** The list that was asked for last. */
  #latest: { readonly code: number; readonly list: HostValue } | null = null;

  code(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#values.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  add(value: HostValue): number {
    return typeof value === "string" ? this.code(value) : this.#values.push(value) - 1;
  }

  get(code: number): HostValue {
    return code < 0 ? this.#list(code) : this.#values[code]!;
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
    if (isListed(dictionary) || dictionary.kind === "texts" || dictionary.items.valid !== undefined) {
      return Int32Array.from(dictionaryValues(dictionary), (value) => this.add(value));
    }
    const { starts, ends, items } = dictionary;
    const type = typeName(items.type);
    const log = this.#logOfType.get(type) ?? this.addLog(items.type);
    this.#logOfType.set(type, log);
    const base = log.length;
    const codes = items.dictionary && this.addAll(items.dictionary);
    log.addAll(codes ? (items.values as Int32Array).map((code) => codes[code] ?? 0) : items.values);
    return starts.map((start, list) => ~this.lists.add(log.index, base + start, base + ends[list]!));
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

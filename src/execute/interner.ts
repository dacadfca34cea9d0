import { withoutViews } from "../functions/list-view.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** A value as it crosses the border to WebAssembly. */
export type Raw = number | bigint;
/** Tells the module whether the result that is returned next is there. */
export type SetValid = (valid: boolean) => void;

/**
 * The values that WebAssembly knows by a number only. Strings are interned: equal text, equal code. Lists, maps and
 * records get a new number each time.
 */
export class Interner {
  readonly #values: HostValue[] = [""];
  readonly #codes = new Map<string, number>([["", 0]]);

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
    return this.#values[code]!;
  }

  /** A value that can be sent to another thread. */
  plain(code: number): HostValue {
    return withoutViews(this.#values[code]!);
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

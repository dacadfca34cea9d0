import { plainText } from "../../values/csv-text.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import { sameType } from "../../values/fenl-type.ts";
import { f16Bits, f16Value } from "../../values/half-float.ts";
import type { HostValue } from "../../values/host-value.ts";
import { fitsNanoseconds, readTime } from "../../values/timestamp.ts";
import type { ColumnData } from "../column-data.ts";
import { columnOf, valueAt } from "../column-data.ts";

/** The value of another type that a value means; null for none; undefined where it means none of that type. */
type Conversion = (value: NonNullable<HostValue>) => HostValue | undefined;

const INTEGER = /^-?[0-9]{1,40}$/;
const NUMBER = /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
]);

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

/** How many of a time's or duration's units make a second, by the end of its type's name. */
const PER_SECOND: Readonly<Record<string, bigint>> = { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n };
const DAY_SECONDS = 86_400n;

const INTEGER_KIND = /^([iu])(8|16|32|64)$/;
const TIME_KIND = /^timestamp_(s|ms|us|ns)$/;
const DURATION_KIND = /^duration_(s|ms|us|ns)$/;

function asFloat({ kind }: FenlType, value: number): number {
  return kind === "f16" ? f16Value(f16Bits(value)) : value;
}

/** Integers that are counts: of a time's unit since 1970, of days, of milliseconds. */
function countBits({ kind }: FenlType): { readonly bits: number; readonly signed: boolean } | null {
  const [, sign, bits] = INTEGER_KIND.exec(kind) ?? [];
  if (bits !== undefined) return { bits: Number(bits), signed: sign === "i" };
  if (TIME_KIND.test(kind) || DURATION_KIND.test(kind) || kind === "date64") return { bits: 64, signed: true };
  return kind === "date32" || kind.startsWith("interval_") ? { bits: 32, signed: true } : null;
}

/** An integer as a value of a type of integers or counts. */
function asCount(type: FenlType, whole: bigint): HostValue | undefined {
  const { bits, signed } = countBits(type)!;
  const fits = signed ? BigInt.asIntN(bits, whole) === whole : BigInt.asUintN(bits, whole) === whole;
  if (!fits) return undefined;
  return bits === 64 ? whole : Number(whole);
}

/** Seconds and nanoseconds after them as a time or date of a type, where it can hold them exactly. */
function asTime(type: FenlType, seconds: bigint, nanos: bigint): HostValue | undefined {
  if (type.kind === "date32") {
    return seconds % DAY_SECONDS === 0n && nanos === 0n ? asCount(type, seconds / DAY_SECONDS) : undefined;
  }
  const perSecond = PER_SECOND[TIME_KIND.exec(type.kind)?.[1] ?? "ms"]!;
  const nanosPerUnit = 1_000_000_000n / perSecond;
  if (nanos % nanosPerUnit !== 0n) return undefined;
  return asCount(type, seconds * perSecond + nanos / nanosPerUnit);
}

function isTime({ kind }: FenlType): boolean {
  return TIME_KIND.test(kind) || kind === "date32" || kind === "date64";
}

function isTextType({ kind }: FenlType): boolean {
  return kind === "string" || kind === "large_string";
}

function fromText(type: FenlType): Conversion | null {
  const { kind } = type;
  if (kind === "bool") {
    return (text) => TRUTH.get((text as string).toLowerCase());
  }
  if (kind === "f64" || kind === "f32" || kind === "f16") {
    return (text) =>
      NUMBER.test(text as string) ? asFloat(type, Number(text)) : NOT_FINITE.get((text as string).toLowerCase());
  }
  if (kind === "json") {
    return (text) => {
      try {
        JSON.parse(text as string);
        return text;
      } catch {
        return undefined;
      }
    };
  }
  if (isTime(type)) {
    const time = { seconds: 0, nanos: 0, digits: 0 };
    return (text) => {
      if (INTEGER.test(text as string)) return asCount(type, BigInt(text as string));
      if (!readTime(text as string, time) || time.digits > 9) return undefined;
      if (kind === "timestamp_ns" && !fitsNanoseconds(time.seconds, time.nanos)) return undefined;
      return asTime(type, BigInt(time.seconds), BigInt(time.nanos));
    };
  }
  if (countBits(type) !== null) {
    return (text) => (INTEGER.test(text as string) ? asCount(type, BigInt(text as string)) : undefined);
  }
  return null;
}

function fromNumber(type: FenlType): Conversion | null {
  if (type.kind === "f64" || type.kind === "f32" || type.kind === "f16") {
    return (value) => asFloat(type, Number(value));
  }
  if (countBits(type) === null) return null;
  return (value) => {
    if (typeof value === "number" && !Number.isInteger(value)) return undefined;
    return asCount(type, BigInt(value as number | bigint));
  };
}

function fromTime(from: FenlType, to: FenlType): Conversion {
  const perSecond = from.kind === "date32" ? null : PER_SECOND[TIME_KIND.exec(from.kind)?.[1] ?? "ms"]!;
  return (value) => {
    if (perSecond === null) return asTime(to, BigInt(value as number) * DAY_SECONDS, 0n);
    const count = BigInt(value as bigint);
    let seconds = count / perSecond;
    let units = count % perSecond;
    if (units < 0n) {
      units += perSecond;
      seconds -= 1n;
    }
    return asTime(to, seconds, units * (1_000_000_000n / perSecond));
  };
}

function fromDuration(from: FenlType, to: FenlType): Conversion {
  const [fromUnit, toUnit] = [from, to].map(({ kind }) => PER_SECOND[DURATION_KIND.exec(kind)![1]!]!);
  return (value) => {
    const scaled = (value as bigint) * toUnit!;
    return scaled % fromUnit! === 0n ? asCount(to, scaled / fromUnit!) : undefined;
  };
}

function nullable(conversion: Conversion): (value: HostValue) => HostValue | undefined {
  return (value) => (value === null ? null : conversion(value));
}

function fromList(from: FenlType & { kind: "list" }, to: FenlType & { kind: "list" }): Conversion | null {
  const inner = conversionOf(from.item, to.item);
  if (inner === null) return null;
  const item = nullable(inner);
  return (value) => {
    const items = (value as readonly HostValue[]).map(item);
    return items.includes(undefined) ? undefined : (items as HostValue[]);
  };
}

function fromMap(from: FenlType & { kind: "map" }, to: FenlType & { kind: "map" }): Conversion | null {
  const pair = (type: FenlType & { kind: "map" }): FenlType & { kind: "record" } => ({
    kind: "record",
    fields: [
      { name: "key", type: type.key },
      { name: "value", type: type.value },
    ],
  });
  return fromList({ kind: "list", item: pair(from) }, { kind: "list", item: pair(to) });
}

/** Fields are those of the same name. */
function fromRecord(from: FenlType & { kind: "record" }, to: FenlType & { kind: "record" }): Conversion | null {
  if (from.fields.length !== to.fields.length) return null;
  const fields: { place: number; convert: (value: HostValue) => HostValue | undefined }[] = [];
  for (const { name, type } of to.fields) {
    const place = from.fields.findIndex((field) => field.name === name);
    const inner = place < 0 ? null : conversionOf(from.fields[place]!.type, type);
    if (inner === null) return null;
    fields.push({ place, convert: nullable(inner) });
  }
  return (value) => {
    const values = fields.map(({ place, convert }) => convert((value as readonly HostValue[])[place]!));
    return values.includes(undefined) ? undefined : (values as HostValue[]);
  };
}

/** How values of one type become those of another; null where the types have nothing to do with each other. */
function conversionOf(from: FenlType, to: FenlType): Conversion | null {
  if (sameType(from, to)) return (value) => value;
  if (from.kind === "null") return () => null;
  if (isTextType(to)) return (value) => plainText(from, value);
  if (isTextType(from)) return fromText(to);
  if (INTEGER_KIND.test(from.kind) || from.kind === "f64" || from.kind === "f32" || from.kind === "f16") {
    return fromNumber(to);
  }
  if (isTime(from) && isTime(to)) return fromTime(from, to);
  if (DURATION_KIND.test(from.kind) && DURATION_KIND.test(to.kind)) return fromDuration(from, to);
  if (from.kind === "list" && to.kind === "list") return fromList(from, to);
  if (from.kind === "map" && to.kind === "map") return fromMap(from, to);
  if (from.kind === "record" && to.kind === "record") return fromRecord(from, to);
  return null;
}

/** A column as one of another type, and the rows whose values are none of that type, which became null. */
export interface ConvertedColumn {
  readonly data: ColumnData;
  readonly misfits: readonly number[];
}

/**
 * A column's values as those of another type: exactly, but that floats take the nearest number. A text that is empty is
 * null, but where the type is one of texts. Null where the types have nothing to do with each other.
 */
export function convertColumn(column: ColumnData, to: FenlType, rows: number): ConvertedColumn | null {
  if (sameType(column.type, to)) return { data: column, misfits: [] };
  const conversion = conversionOf(column.type, to);
  if (conversion === null) return null;
  const misfits: number[] = [];
  const isText = isTextType(column.type) && !isTextType(to);
  const known = column.dictionary === undefined ? null : new Array<HostValue | undefined>(column.dictionary.length);
  const done = known === null ? null : new Uint8Array(known.length);
  const values = new Array<HostValue>(rows);
  for (let row = 0; row < rows; row++) {
    const value = valueAt(column, row);
    if (value === null || (isText && value === "")) {
      values[row] = null;
      continue;
    }
    let converted: HostValue | undefined;
    if (known === null || done === null) converted = conversion(value);
    else {
      const code = column.values[row] as number;
      if (done[code] === 0) {
        done[code] = 1;
        known[code] = conversion(value);
      }
      converted = known[code];
    }
    if (converted === undefined) misfits.push(row);
    values[row] = converted ?? null;
  }
  return { data: columnOf(to, values), misfits };
}

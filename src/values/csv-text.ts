import type { FenlType } from "./fenl-type.ts";
import type { HostValue } from "./host-value.ts";
import { formatDate, formatTimestamp } from "./timestamp.ts";

/** Lays out the digits of a finite number as the reference does: decimal notation from 1e-5 up to below 1e10. */
function layOut(shortest: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(shortest)!;
  const [, sign = "", first = "", rest = "", exponentText = ""] = match;
  const exponent = Number(exponentText);
  const digits = first + rest;
  if (exponent < -5 || exponent > 9) return `${sign}${first}.${rest || "0"}e${exponent}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.padEnd(exponent + 1, "0");
  return `${sign}${whole.slice(0, exponent + 1)}.${whole.slice(exponent + 1) || "0"}`;
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  return null;
}

/** A double as CSV text (language reference, 5.5): shortest digits that read back as the same, always with a fraction. */
export function formatFloat(value: number): string {
  const size = Math.abs(value);
  // Here JavaScript lays out the same digits in the same way, but for whole numbers.
  if (size >= 1e-5 && size < 1e10) return Number.isInteger(value) ? `${value}.0` : String(value);
  return special(value) ?? layOut(value.toExponential());
}

/** A single-precision float as CSV text: the shortest digits that read back as the same single. */
export function formatFloat32(value: number): string {
  const known = special(value);
  if (known !== null) return known;
  for (let precision = 0; precision < 9; precision++) {
    const text = value.toExponential(precision);
    if (Math.fround(Number(text)) === value) return layOut(text.replace(/(\.\d*?)0+e/, "$1e").replace(".e", "e"));
  }
  return layOut(value.toExponential());
}

const NANOS_PER_UNIT: Readonly<Record<string, bigint>> = {
  timestamp_s: 1_000_000_000n,
  timestamp_ms: 1_000_000n,
  timestamp_us: 1_000n,
  timestamp_ns: 1n,
  date64: 1_000_000n,
};

/** Text for one value inside a list, map or record: JSON, with times as text and 64-bit integers in digits. */
function nestedText(type: FenlType, value: HostValue): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "list":
      return `[${(value as readonly HostValue[]).map((item) => nestedText(type.item, item)).join(",")}]`;
    case "map":
      return `{${(value as readonly (readonly HostValue[])[])
        .map(([key, item]) => `${JSON.stringify(plainText(type.key, key!))}:${nestedText(type.value, item!)}`)
        .join(",")}}`;
    case "record":
      return `{${type.fields
        .map(
          (field, index) => `${JSON.stringify(field.name)}:${nestedText(field.type, (value as HostValue[])[index]!)}`,
        )
        .join(",")}}`;
    case "json":
      return value as string;
    default: {
      const text = plainText(type, value);
      const bare = typeof value === "boolean" || (/^-?[0-9]/.test(text) && !(type.kind in NANOS_PER_UNIT));
      return bare && type.kind !== "date32" && typeof value !== "string" ? text : JSON.stringify(text);
    }
  }
}

/** A value's text before CSV quoting; null is empty. */
export function plainText(type: FenlType, value: HostValue): string {
  if (value === null) return "";
  switch (type.kind) {
    case "f64":
      return formatFloat(value as number);
    case "f16":
    case "f32":
      return formatFloat32(value as number);
    case "timestamp_s":
    case "timestamp_ms":
    case "timestamp_us":
    case "timestamp_ns":
    case "date64":
      return formatTimestamp((value as bigint) * NANOS_PER_UNIT[type.kind]!);
    case "date32":
      return formatDate(value as number);
    case "list":
    case "map":
    case "record":
      return nestedText(type, value);
    default:
      return String(value);
  }
}

/** Quotes a text where CSV needs it: a comma, a quote, a line feed or a carriage return. */
export function csvQuoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A value as a CSV cell (language reference, 5.5), quoted where it must be. */
export function csvCell(type: FenlType, value: HostValue): string {
  return csvQuoted(plainText(type, value));
}

/** Cells, already quoted, as a line without its end; a line of one empty cell is `""`, which is not a blank line. */
export function csvLine(cells: readonly string[]): string {
  return cells.length === 1 && cells[0] === "" ? '""' : cells.join(",");
}

import { columnReader } from "../execute/rows/dictionary.ts";
import { formatFloat, formatFloat32, plainText } from "../values/csv-text.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { type Output, outputParts } from "./output.ts";

const PIECE_LENGTH = 1 << 16;

/**
 * A value as JSON: integers of any size in digits, times and dates as text, NaN and infinities as text (JSON has no
 * such numbers), maps as objects, or as lists of pairs where the keys are no strings.
 */
export function jsonText(type: FenlType, value: HostValue): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "bool":
      return String(value);
    case "f16":
    case "f32":
      return Number.isFinite(value) ? formatFloat32(value as number) : JSON.stringify(formatFloat(value as number));
    case "f64":
      return Number.isFinite(value) ? formatFloat(value as number) : JSON.stringify(formatFloat(value as number));
    case "list":
      return `[${(value as readonly HostValue[]).map((item) => jsonText(type.item, item)).join(",")}]`;
    case "map": {
      const pairs = value as readonly (readonly [HostValue, HostValue])[];
      const byText = type.key.kind === "string" || type.key.kind === "large_string";
      const entries = pairs.map(([key, item]) =>
        byText
          ? `${JSON.stringify(key)}:${jsonText(type.value, item)}`
          : `[${jsonText(type.key, key)},${jsonText(type.value, item)}]`,
      );
      return byText ? `{${entries.join(",")}}` : `[${entries.join(",")}]`;
    }
    case "record":
      return `{${type.fields
        .map((field, index) => {
          const item = (value as readonly HostValue[])[index] ?? null;
          return `${JSON.stringify(field.name)}:${jsonText(field.type, item)}`;
        })
        .join(",")}}`;
    default:
      return typeof value === "string" || /^(timestamp_|date)/.test(type.kind)
        ? JSON.stringify(plainText(type, value))
        : String(value);
  }
}

/** The output as JSON lines in pieces: an object a row, nulls included. */
export function* toJsonLinesPieces(output: Output): Generator<string> {
  let piece = "";
  for (const part of outputParts(output)) {
    const columns = part.columns.map((column) => ({
      label: `${JSON.stringify(column.name)}:`,
      type: column.type,
      read: columnReader(column),
    }));
    for (let row = 0; row < part.rows; row++) {
      piece += `{${columns.map(({ label, type, read }) => label + jsonText(type, read(row))).join(",")}}\n`;
      if (piece.length >= PIECE_LENGTH) {
        yield piece;
        piece = "";
      }
    }
  }
  if (piece !== "") yield piece;
}

import type { FenlType } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ColumnData } from "../column-data.ts";
import { valuesArray } from "../column-data.ts";

/** Parts of a column, one after the other; equal texts get one code. */
export function joinColumns(type: FenlType, parts: readonly ColumnData[], rowsOf: readonly number[]): ColumnData {
  if (parts.length === 1) return parts[0]!;
  const rows = rowsOf.reduce((sum, count) => sum + count, 0);
  const valid = joinValid(parts, rowsOf, rows);
  if (type.kind === "record") {
    const fields = type.fields.map((field, index) => ({
      name: field.name,
      ...joinColumns(
        field.type,
        parts.map((part) => part.fields![index]!),
        rowsOf,
      ),
    }));
    return { type, values: new Int32Array(0), valid, fields };
  }
  const values = valuesArray(type, rows);
  if (parts.every((part) => part.dictionary === undefined)) {
    let at = 0;
    for (const [index, part] of parts.entries()) {
      values.set(part.values as never, at);
      at += rowsOf[index]!;
    }
    return { type, values, valid };
  }
  const distinct = type.kind !== "list" && type.kind !== "map";
  const dictionary: HostValue[] = [];
  const codes = new Map<HostValue, number>();
  const to = values as Int32Array;
  let at = 0;
  for (const part of parts) {
    const renumbered = Int32Array.from(part.dictionary!, (value) => {
      if (!distinct) return dictionary.push(value) - 1;
      const known = codes.get(value);
      if (known !== undefined) return known;
      codes.set(value, dictionary.length);
      return dictionary.push(value) - 1;
    });
    const from = part.values as Int32Array;
    for (let row = 0; row < from.length; row++) to[at++] = part.valid?.[row] === 0 ? 0 : renumbered[from[row]!]!;
  }
  return { type, values, valid, dictionary };
}

function joinValid(parts: readonly ColumnData[], rowsOf: readonly number[], rows: number): Uint8Array | undefined {
  if (parts.every((part) => part.valid === undefined)) return undefined;
  const valid = new Uint8Array(rows).fill(1);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (part.valid !== undefined) valid.set(part.valid, at);
    at += rowsOf[index]!;
  }
  return valid;
}

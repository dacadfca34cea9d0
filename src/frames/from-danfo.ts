import { Field, makeData, RecordBatch, Schema, Struct, Table } from "apache-arrow";
import type { DataFrame } from "danfojs-node";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { arrowArray } from "./arrow-table.ts";

const GREATEST_TIME = 8_640_000_000_000_000;

/** The type that holds all values of a column: what they are decides, not the frame's dtype, which a change may have left behind. */
function typeOf(name: string, values: readonly unknown[]): FenlType {
  let kind: "bool" | "i64" | "f64" | "string" | "timestamp_ms" | undefined;
  for (const [row, value] of values.entries()) {
    if (value === null || value === undefined) continue;
    const found =
      typeof value === "boolean"
        ? "bool"
        : typeof value === "bigint" || Number.isSafeInteger(value)
          ? "i64"
          : typeof value === "number"
            ? "f64"
            : typeof value === "string"
              ? "string"
              : value instanceof Date && Math.abs(value.getTime()) <= GREATEST_TIME
                ? "timestamp_ms"
                : null;
    if (found === null) {
      const shown = Object.prototype.toString.call(value).slice("[object ".length, -1);
      throw new TypeError(
        `The frame's column "${name}" has a value that no Fenl type holds in row ${row + 1}: ${shown}.`,
      );
    }
    const numbers = (kind === "i64" && found === "f64") || (kind === "f64" && found === "i64");
    if (kind !== undefined && kind !== found && !numbers) {
      throw new TypeError(
        `The frame's column "${name}" mixes values of type ${kind} and ${found} (row ${row + 1}): convert them to one type first.`,
      );
    }
    kind = numbers ? "f64" : found;
  }
  return { kind: kind ?? "string" };
}

function hostValue(type: FenlType, value: unknown): HostValue {
  if (value === null || value === undefined) return null;
  if (type.kind === "i64") return BigInt(value as number | bigint);
  if (type.kind === "f64") return Number(value);
  return value instanceof Date ? BigInt(value.getTime()) : (value as HostValue);
}

/**
 * A Danfo frame's columns as an Arrow table: whole numbers are i64, other numbers f64, Dates are timestamps.
 * @throws TypeError for a column of values that are of no one type
 */
export function fromDataFrame(frame: DataFrame): Table {
  const rows = frame.values as unknown[][];
  const columns = frame.columns.map((name, index) => {
    const values = rows.map((row) => row[index]);
    const type = typeOf(name, values);
    return {
      name,
      data: arrowArray(
        type,
        values.map((value) => hostValue(type, value)),
      ),
    };
  });
  const fields = columns.map(({ name, data }) => new Field(name, data.type, true));
  const children = columns.map(({ data }) => data);
  const batch = makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children });
  const schema = new Schema(fields);
  return new Table(schema, [new RecordBatch(schema, batch)]);
}

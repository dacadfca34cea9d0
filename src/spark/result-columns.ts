import { distinctNames } from "../frames/distinct-names.ts";
import type { PlanResult } from "../plan/plan.ts";
import { TableError } from "../tables/table-error.ts";
import { type FenlType, typeName } from "../values/fenl-type.ts";
import { isCompound } from "./lanes.ts";
import { quoted } from "./spark-table.ts";

/** The columns of a result's Parquet files, as expressions over the rows of the last task. */
export function resultColumns(result: PlanResult): string[] {
  const names = distinctNames([
    "_time",
    "_time_ns",
    "_subsort",
    "_key_hash",
    "_key",
    ...result.fields.map(({ name }) => name),
  ]);
  const expressions = [
    fromLane("_t", { kind: "timestamp_ns" }),
    "_t",
    unflipped("_s"),
    unflipped("_h"),
    fromLane("k", result.keyType),
    ...result.fields.map(({ type, name }, index) => {
      requireWritable(name, type);
      return isCompound(type) ? `c${index}` : fromLane(`c${index}`, type);
    }),
  ];
  return expressions.map((expression, index) => `${expression} as ${quoted(names[index]!)}`);
}

/** Unsigned 64-bit numbers that were moved by 2^63. */
function unflipped(column: string): string {
  return `cast(cast(${column} as decimal(20,0)) + 9223372036854775808BD as decimal(20,0))`;
}

/** A lane's values as Spark's type for them. Spark has no unsigned numbers, and times to the microsecond. */
function fromLane(column: string, type: FenlType): string {
  switch (type.kind) {
    case "u32":
      return `(cast(${column} as bigint) & 4294967295L)`;
    case "u64":
      return `cast(if(${column} < 0, cast(${column} as decimal(20,0)) + 18446744073709551616BD, cast(${column} as decimal(20,0))) as decimal(20,0))`;
    case "date32":
      return `date_from_unix_date(${column})`;
    case "date64":
    case "timestamp_ms":
      return `timestamp_millis(${column})`;
    case "timestamp_s":
      return `timestamp_seconds(${column})`;
    case "timestamp_us":
      return `timestamp_micros(${column})`;
    case "timestamp_ns":
      return `timestamp_micros(${column} div 1000 - if(${column} % 1000 < 0, 1L, 0L))`;
    case "null":
    case "window":
    case "error":
      return "cast(null as string)";
    default:
      return `cast(${column} as ${sparkType(type)})`;
  }
}

function requireWritable(field: string, type: FenlType): void {
  if (!isCompound(type) || !hasUnsignedLong(type)) return;
  const message = `the field '${field}' is of type ${typeName(type)}, and Spark's Parquet files have no u64 inside lists, maps and records; cast it, or hand it out as a field of its own`;
  throw new TableError("column", message, { column: field });
}

function hasUnsignedLong(type: FenlType): boolean {
  switch (type.kind) {
    case "list":
      return hasUnsignedLong(type.item);
    case "map":
      return hasUnsignedLong(type.key) || hasUnsignedLong(type.value);
    case "record":
      return type.fields.some((field) => hasUnsignedLong(field.type));
    default:
      return type.kind === "u64";
  }
}

/** Spark's name of the type in which values of a Fenl type are written. */
export function sparkType(type: FenlType): string {
  switch (type.kind) {
    case "bool":
      return "boolean";
    case "i8":
      return "tinyint";
    case "i16":
    case "u8":
      return "smallint";
    case "i32":
    case "u16":
    case "interval_days":
    case "interval_months":
      return "int";
    case "i64":
    case "u32":
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return "bigint";
    case "u64":
      return "decimal(20,0)";
    case "f16":
    case "f32":
      return "float";
    case "f64":
      return "double";
    case "date32":
      return "date";
    case "date64":
    case "timestamp_s":
    case "timestamp_ms":
    case "timestamp_us":
    case "timestamp_ns":
      return "timestamp";
    case "list":
      return `array<${sparkType(type.item)}>`;
    case "map":
      return `map<${sparkType(type.key)}, ${sparkType(type.value)}>`;
    case "record": {
      const names = distinctNames(type.fields.map(({ name }) => name));
      return `struct<${type.fields.map((field, index) => `${quoted(names[index]!)}: ${sparkType(field.type)}`).join(", ")}>`;
    }
    default:
      return "string";
  }
}

import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import { columnReader } from "../execute/rows/dictionary.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { distinctNames } from "./distinct-names.ts";
import { type Output, outputForm, outputParts } from "./output.ts";

type DuckDB = typeof import("@duckdb/node-api");

const ROWS_PER_CHUNK = 2048;
const CHUNKS_PER_TURN = 16;

/** The DuckDB type of a Fenl type; half floats are widened, durations become integers. */
function columnType(duckdb: DuckDB, type: FenlType): DuckDBType {
  switch (type.kind) {
    case "bool":
      return duckdb.BOOLEAN;
    case "i8":
      return duckdb.TINYINT;
    case "i16":
      return duckdb.SMALLINT;
    case "i32":
    case "interval_days":
    case "interval_months":
      return duckdb.INTEGER;
    case "i64":
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return duckdb.BIGINT;
    case "u8":
      return duckdb.UTINYINT;
    case "u16":
      return duckdb.USMALLINT;
    case "u32":
      return duckdb.UINTEGER;
    case "u64":
      return duckdb.UBIGINT;
    case "f16":
    case "f32":
      return duckdb.FLOAT;
    case "f64":
      return duckdb.DOUBLE;
    case "date32":
      return duckdb.DATE;
    case "date64":
    case "timestamp_ms":
      return duckdb.TIMESTAMP_MS;
    case "timestamp_s":
      return duckdb.TIMESTAMP_S;
    case "timestamp_us":
      return duckdb.TIMESTAMP;
    case "timestamp_ns":
      return duckdb.TIMESTAMP_NS;
    case "list":
      return duckdb.LIST(columnType(duckdb, type.item));
    case "map":
      return duckdb.MAP(columnType(duckdb, type.key), columnType(duckdb, type.value));
    case "record": {
      const entries: Record<string, DuckDBType> = Object.create(null);
      for (const [index, name] of distinctNames(type.fields.map((field) => field.name)).entries()) {
        entries[name] = columnType(duckdb, type.fields[index]!.type);
      }
      return duckdb.STRUCT(entries);
    }
    default:
      return duckdb.VARCHAR;
  }
}

/** A function that makes DuckDB's value of a Fenl value. */
function converter(duckdb: DuckDB, type: FenlType): (value: HostValue) => DuckDBValue {
  const present = presentConverter(duckdb, type);
  return (value) => (value === null ? null : present(value));
}

function presentConverter(duckdb: DuckDB, type: FenlType): (value: HostValue) => DuckDBValue {
  switch (type.kind) {
    case "date32":
      return (value) => new duckdb.DuckDBDateValue(value as number);
    case "date64":
    case "timestamp_ms":
      return (value) => new duckdb.DuckDBTimestampMillisecondsValue(value as bigint);
    case "timestamp_s":
      return (value) => new duckdb.DuckDBTimestampSecondsValue(value as bigint);
    case "timestamp_us":
      return (value) => new duckdb.DuckDBTimestampValue(value as bigint);
    case "timestamp_ns":
      return (value) => new duckdb.DuckDBTimestampNanosecondsValue(value as bigint);
    case "list": {
      const item = converter(duckdb, type.item);
      return (value) => duckdb.listValue((value as readonly HostValue[]).map(item));
    }
    case "map": {
      const key = converter(duckdb, type.key);
      const item = converter(duckdb, type.value);
      return (value) =>
        duckdb.mapValue(
          (value as readonly (readonly [HostValue, HostValue])[]).map((pair) => ({
            key: key(pair[0]),
            value: item(pair[1]),
          })),
        );
    }
    case "record": {
      const names = distinctNames(type.fields.map((field) => field.name));
      const fields = type.fields.map((field) => converter(duckdb, field.type));
      return (value) => {
        const entries: Record<string, DuckDBValue> = Object.create(null);
        for (const [index, name] of names.entries()) {
          entries[name] = fields[index]!((value as readonly HostValue[])[index] ?? null);
        }
        return duckdb.structValue(entries);
      };
    }
    default:
      return (value) => value as DuckDBValue;
  }
}

/** Lets pending callbacks (interrupts, heartbeats) run between chunks. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function appendAll(duckdb: DuckDB, appender: DuckDBAppender, output: Output): Promise<void> {
  for (const part of outputParts(output)) await appendRows(duckdb, appender, part);
  appender.closeSync();
}

async function appendRows(duckdb: DuckDB, appender: DuckDBAppender, output: Output): Promise<void> {
  const types = output.columns.map((column) => columnType(duckdb, column.type));
  const readers = output.columns.map((column) => columnReader(column));
  const converters = output.columns.map((column) => converter(duckdb, column.type));
  for (let start = 0, chunks = 1; start < output.rows; start += ROWS_PER_CHUNK, chunks++) {
    const count = Math.min(ROWS_PER_CHUNK, output.rows - start);
    const chunk = duckdb.DuckDBDataChunk.create(types, count);
    for (let index = 0; index < types.length; index++) {
      const read = readers[index]!;
      const convert = converters[index]!;
      const values = Array.from({ length: count }, (_, row) => convert(read(start + row)));
      chunk.setColumnValues(index, values);
    }
    appender.appendDataChunk(chunk);
    if (chunks % CHUNKS_PER_TURN === 0) await nextTurn();
  }
}

/** Makes a table of a DuckDB database with the output's columns and rows. */
export async function createFilledTable(
  duckdb: DuckDB,
  connection: DuckDBConnection,
  output: Output,
  table: string,
): Promise<void> {
  const { columns } = outputForm(output);
  const names = distinctNames(columns.map((column) => column.name)).map(duckdb.quotedIdentifier);
  const definitions = columns.map((column, index) => `${names[index]} ${columnType(duckdb, column.type)}`);
  await connection.run(`CREATE TABLE ${duckdb.quotedIdentifier(table)} (${definitions.join(", ")})`);
  await appendAll(duckdb, await connection.createAppender(table), output);
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, INTEGER } from "@duckdb/node-api";
import { makeEvents } from "./make-events.ts";
import { type EventOptions, type Events, SHOP_TABLES } from "./tables.ts";

const ROWS_PER_CHUNK = 2048;

/** Makes a shop's tables and writes each to a Parquet file of its name. */
export async function writeEvents(options: EventOptions, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const tables = makeEvents(options);
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    for (const { name, columns } of SHOP_TABLES) {
      await appendEvents(connection, name, tables[name]!);
      const extra = name === "purchases" ? (options.extraColumns ?? 0) : 0;
      const select = [
        'make_timestamp(time * 1000) AS "time"',
        `printf('u%07d', "user") AS "user"`,
        ...columns.map((column) => (column === "item" ? "printf('item %05d', item) AS item" : column)),
        ...Array.from({ length: extra }, (_, index) => `amount + ${index} AS extra${index}`),
      ];
      const order = options.shuffled ? `ORDER BY hash(time, ${options.seed ?? 1})` : "";
      await connection.run(
        `COPY (SELECT ${select.join(", ")} FROM ${name} ${order}) TO '${join(directory, `${name}.parquet`)}' (FORMAT parquet)`,
      );
      await connection.run(`DROP TABLE ${name}`);
    }
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

async function appendEvents(connection: DuckDBConnection, name: string, events: Events): Promise<void> {
  await connection.run(
    `CREATE TABLE ${name} ("time" BIGINT, "user" INTEGER, item INTEGER, amount DOUBLE, rating INTEGER)`,
  );
  const appender = await connection.createAppender(name);
  const columns = [events.time, events.user, events.item, events.amount, events.rating];
  for (let start = 0; start < events.rows; start += ROWS_PER_CHUNK) {
    const end = Math.min(start + ROWS_PER_CHUNK, events.rows);
    const chunk = DuckDBDataChunk.create([BIGINT, INTEGER, INTEGER, DOUBLE, INTEGER], end - start);
    for (const [index, values] of columns.entries()) {
      const vector = chunk.getColumnVector(index) as unknown as { items: typeof values; flush(): void };
      (vector.items.set as (from: typeof values) => void)(values.subarray(start, end));
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

import type { ColumnData } from "../column-data.ts";
import { columnOf } from "../column-data.ts";
import { shown, TableError } from "../table-error.ts";

/** Texts that are read with one call. */
const TEXTS = 1 << 16;

/** The times that texts mean, written as a format of `strptime` says; null where one is not. */
async function readTexts(texts: readonly string[], format: string): Promise<(bigint | null)[]> {
  // Times with a zone are of microseconds there: what comes after would be lost.
  const directives = format.replaceAll("%%", "");
  if (directives.includes("%n") && /%z/i.test(directives)) {
    const message = `the time format ${shown(format)} cannot be used: %n (nanoseconds) does not go with a zone; expected %f (microseconds) with it`;
    throw new TableError("format", message);
  }
  const { DuckDBInstance, listValue } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      const times: (bigint | null)[] = [];
      // An empty list would leave the format unread.
      for (let from = 0; from === 0 || from < texts.length; from += TEXTS) {
        const part = ["", ...texts.slice(from, from + TEXTS)];
        const sql = "SELECT TRY(epoch_ns(try_strptime(text, $2))) FROM (SELECT unnest($1) AS text)";
        const read = await connection.runAndReadAll(sql, [listValue(part), format]);
        for (const [time] of read.getRows().slice(1)) times.push(time as bigint | null);
      }
      return times;
    } catch (error) {
      const reason = (error as Error).message.split("\n", 1)[0]!.replace(/^[A-Za-z ]+ Error: /, "");
      const message = `the time format ${shown(format)} cannot be used: ${reason}; expected one such as %d/%m/%Y %H:%M:%S`;
      throw new TableError("format", message, {}, { cause: error });
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A column of texts as times, and the rows whose texts are not written as the format says. */
export async function timesOfFormat(
  column: ColumnData,
  format: string,
  rows: number,
): Promise<{ readonly data: ColumnData; readonly misfits: readonly number[] }> {
  const texts = column.dictionary as readonly string[];
  const times = await readTexts(texts, format);
  const codes = column.values as Int32Array;
  const misfits: number[] = [];
  const values = Array.from({ length: rows }, (_, row) => {
    if (column.valid?.[row] === 0 || texts[codes[row]!] === "") return null;
    const time = times[codes[row]!]!;
    if (time === null) misfits.push(row);
    return time;
  });
  return { data: columnOf({ kind: "timestamp_ns" }, values), misfits };
}

import type { DuckDBConnection } from "@duckdb/node-api";

/** A column of an answer, and how it is compared. */
interface Column {
  readonly name: string;
  readonly type: string;
}

/** How far sums of floating-point numbers may be apart: they are added in another order. */
const TOLERANCE = 1e-9;

/**
 * Compares the Parquet files of two answers as sets of rows: how many there are, hashes of all exact columns, and sums of
 * the floating-point ones, weighted by their rows. The second file's types and columns are those that are compared.
 * @returns the number of rows
 * @throws Error that tells what differs
 */
export async function assertSameAnswers(connection: DuckDBConnection, fenl: string, sql: string): Promise<number> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${sql}'`);
  const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: plainType(String(type)) }));
  const theirs = await fingerprint(connection, `SELECT * FROM '${sql}'`, columns);
  const own = await fingerprint(connection, `SELECT _key AS key, _time AS "time", * FROM '${fenl}'`, columns);
  for (const [name, value] of Object.entries(theirs)) {
    const other = own[name]!;
    if (value === other) continue;
    const near = typeof value === "number" && typeof other === "number" && isNear(value, other);
    if (!near) throw new Error(`the answers differ in ${name}: Fenl has ${other}, SQL ${value}`);
  }
  return Number(theirs.rows);
}

/** Totals of integers are compared as 64-bit integers, times as milliseconds. */
function plainType(type: string): string {
  if (type === "HUGEINT" || /^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(type)) return "BIGINT";
  return type.startsWith("TIMESTAMP") ? "TIMESTAMP" : type;
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

async function fingerprint(
  connection: DuckDBConnection,
  select: string,
  columns: readonly Column[],
): Promise<Record<string, unknown>> {
  const cast = ({ name, type }: Column) => `CAST("${name}" AS ${type})`;
  const exact = columns.filter(({ type }) => type !== "DOUBLE");
  const row = `hash(${exact.map(cast).join(", ")})`;
  const sums = columns
    .filter(({ type }) => type === "DOUBLE")
    .flatMap((column) => [
      `count(${cast(column)}) AS "values of ${column.name}"`,
      `sum(${cast(column)}) AS "the sum of ${column.name}"`,
      `sum(${cast(column)} * (${row} % 1009)) AS "the weighted sum of ${column.name}"`,
    ]);
  const names = exact.map(({ name }) => name).join(", ");
  const totals = ["count(*) AS rows", `CAST(sum(${row}) AS VARCHAR) AS "${names}"`, ...sums];
  const result = await connection.runAndReadAll(`SELECT ${totals.join(", ")} FROM (${select})`);
  return result.getRowObjects()[0]!;
}

import type { Example } from "../../src/functions/define.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import { type CsvTable, tableFromCsv } from "../oracle/read-csv.ts";
import type { OracleTable } from "../oracle/tables.ts";
import type { Value } from "../oracle/value.ts";

function jsonValue(type: FenlType, json: unknown): Value {
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case "list":
      return (json as unknown[]).map((item) => jsonValue(type.item, item));
    case "map":
      return Object.entries(json as object).map(([key, item]) => [
        jsonValue(type.key, key),
        jsonValue(type.value, item),
      ]);
    case "string":
    case "bool":
    case "f64":
      return json as string | boolean | number;
    default:
      return BigInt(json as number);
  }
}

function withTypes(table: OracleTable, types: Readonly<Record<string, FenlType>>): OracleTable {
  const typeOf = (name: string) => types[`${table.name}.${name}`];
  const cell = (value: Value, type: FenlType): Value =>
    value === null || value === "" ? null : jsonValue(type, JSON.parse(value as string));
  return {
    ...table,
    columns: table.columns.map(({ name, type }) => ({ name, type: typeOf(name) ?? type })),
    rows: table.rows.map((row) => ({
      ...row,
      values: row.values.map((value, index) => {
        const type = typeOf(table.columns[index]!.name);
        return type ? cell(value, type) : value;
      }),
    })),
  };
}

/** The tables of an example, as rows. */
export function exampleTables(example: Example): OracleTable[] {
  return Object.entries(example.tables).map(([name, csv]) => {
    const hasSubsort = csv.split("\n")[0]!.split(",").includes("subsort");
    const source: CsvTable = {
      name,
      csv,
      timeColumn: "time",
      keyColumn: "key",
      grouping: example.groupings?.[name] ?? "entity",
      ...(hasSubsort ? { subsortColumn: "subsort" } : {}),
    };
    return withTypes(tableFromCsv(source), example.columnTypes ?? {});
  });
}

/** CSV text with times as examples write them: without a fraction of zero. */
export function shortTimes(csv: string): string {
  return csv.replaceAll(".000000000", "").trimEnd();
}

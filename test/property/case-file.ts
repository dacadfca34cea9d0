import type { FenlType } from "../../src/values/fenl-type.ts";
import type { OracleOptions } from "../oracle/oracle.ts";
import { isFloat, type Value } from "../oracle/value.ts";
import type { Question } from "./agreement.ts";

type Json = null | boolean | number | string | readonly Json[];

/** Integers as decimal text, floats as numbers or the text of a special one. */
function toJson(value: Value): Json {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  return Array.isArray(value) ? value.map(toJson) : (value as Json);
}

function fromJson(type: FenlType, value: Json): Value {
  if (value === null) return null;
  if (type.kind === "list") return (value as Json[]).map((item) => fromJson(type.item, item));
  if (type.kind === "map") {
    return (value as Json[][]).map(([key, item]) => [fromJson(type.key, key!), fromJson(type.value, item!)]);
  }
  if (isFloat(type)) return Number(value);
  return type.kind === "string" || type.kind === "bool" ? (value as Value) : BigInt(value as string);
}

interface CaseFile {
  readonly query: string;
  readonly options: Readonly<Record<string, Json | object>>;
  readonly rowsPerFile: number;
  readonly tables: readonly {
    readonly name: string;
    readonly grouping: string;
    readonly keyType: FenlType;
    readonly timeColumn: string;
    readonly keyColumn: string;
    readonly columns: readonly { readonly name: string; readonly type: FenlType }[];
    readonly rows: readonly {
      readonly time: string;
      readonly subsort: string;
      readonly key: Json;
      readonly values: readonly Json[];
    }[];
  }[];
}

/** A question as the text of a case file; tables that the query does not name are left out. */
export function writeCase({ query, options, rowsPerFile, tables }: Question): string {
  const used = tables.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(query));
  const file: CaseFile = {
    query,
    options: Object.fromEntries(
      Object.entries(options)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, typeof value === "bigint" ? String(value) : (value as Json)]),
    ),
    rowsPerFile,
    tables: used.map((table) => ({
      ...table,
      rows: table.rows.map(({ time, subsort, key, values }) => ({
        time: String(time),
        subsort: String(subsort),
        key: toJson(key),
        values: values.map(toJson),
      })),
    })),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** The question of a case file. */
export function readCase(text: string): Question {
  const file = JSON.parse(text) as CaseFile;
  const { finalTime, changedSince, ...others } = file.options;
  const options = {
    ...others,
    ...(finalTime === undefined ? {} : { finalTime: BigInt(finalTime as string) }),
    ...(changedSince === undefined ? {} : { changedSince: BigInt(changedSince as string) }),
  } as unknown as OracleOptions;
  const tables = file.tables.map((table) => ({
    ...table,
    rows: table.rows.map((row) => ({
      time: BigInt(row.time),
      subsort: BigInt(row.subsort),
      key: fromJson(table.keyType, row.key),
      values: row.values.map((value, index) => fromJson(table.columns[index]!.type, value)),
    })),
  }));
  return { query: file.query, options, rowsPerFile: file.rowsPerFile, tables };
}

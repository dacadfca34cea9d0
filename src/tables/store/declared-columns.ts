import type { FenlType } from "../../values/fenl-type.ts";
import { isUnsigned, typeName } from "../../values/fenl-type.ts";
import type { ColumnData } from "../column-data.ts";
import { convertColumn } from "../read/convert-column.ts";
import type { SourceColumn, SourceTable } from "../read/source-table.ts";
import { valueError } from "../read/time-column.ts";
import { timesOfFormat } from "../read/time-format.ts";
import type { TimeUnit } from "../read/time-unit.ts";
import { inTimeUnit } from "../read/time-unit.ts";
import type { TableDefinition } from "../table-definition.ts";
import { nearestNames } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { TableColumn } from "../table-snapshot.ts";
import { rowsOf } from "./manifest-view.ts";
import type { ManifestTable } from "./store-manifest.ts";

/** What is known of a file's columns before it is read. */
export interface DeclaredColumns {
  /** The types of columns; of the others they are told from the file. */
  readonly columns?: readonly TableColumn[] | undefined;
  /** How the texts of the time column are written, as for `strptime`. */
  readonly timeFormat?: string | undefined;
  /** What integers of the time column count; default nanoseconds. */
  readonly timeUnit?: TimeUnit | undefined;
}

/** A source whose columns have the types that were declared, and why values of rows have not: they became null. */
export interface DeclaredSource {
  readonly source: SourceTable;
  readonly misfits: ReadonlyMap<number, string>;
}

/** What is declared for a load: by the table, and by the load itself, which has the last word. */
export function declaredFor(definition: TableDefinition, load: DeclaredColumns): DeclaredColumns {
  if (load.timeFormat !== undefined && load.timeUnit !== undefined) {
    throw new TableError("format", "a time format and a time unit are given; expected one of them");
  }
  const byName = new Map((definition.columns ?? []).map((column) => [column.name, column]));
  for (const column of load.columns ?? []) byName.set(column.name, column);
  return { ...load, columns: [...byName.values()] };
}

/**
 * The columns whose texts must be kept as they are written, so that nothing is lost before they are typed: those that
 * are declared, and those of texts in a table that has data.
 */
export function textColumns(table: ManifestTable, declared: DeclaredColumns): ReadonlySet<string> {
  const names = new Set((declared.columns ?? []).map(({ name }) => name));
  if (declared.timeFormat !== undefined) names.add(table.definition.timeColumn);
  if (rowsOf(table) > 0) for (const { name, type } of table.columns) if (type.kind === "string") names.add(name);
  return names;
}

const EXPECTED: Readonly<Partial<Record<FenlType["kind"], string>>> = {
  bool: "true or false",
  json: "JSON",
  date32: "a date such as 2022-01-31",
  date64: "a time such as 2022-01-31T08:30:00Z, of whole milliseconds",
  timestamp_s: "a time such as 2022-01-31T08:30:00Z, of whole seconds, or such seconds since 1970",
  timestamp_ms: "a time such as 2022-01-31T08:30:00Z, of whole milliseconds, or such milliseconds since 1970",
  timestamp_us: "a time such as 2022-01-31T08:30:00Z, of whole microseconds, or such microseconds since 1970",
  timestamp_ns: "a time from 1677-09-21 to 2262-04-11 such as 2022-01-31T08:30:00Z, or nanoseconds since 1970",
};

function expectation(type: FenlType): string {
  const known = EXPECTED[type.kind];
  if (known !== undefined) return known;
  const bits = /^[iu](8|16|32|64)$/.exec(type.kind)?.[1];
  if (bits !== undefined) {
    const unsigned = isUnsigned(type);
    const span = 2n ** BigInt(unsigned ? Number(bits) : Number(bits) - 1);
    return `a whole number from ${unsigned ? 0n : -span} to ${span - 1n}`;
  }
  if (/^f(16|32|64)$/.test(type.kind)) return "a number such as 1.5";
  return /^(duration|interval)_/.test(type.kind) ? "a whole number" : `a value of type ${typeName(type)}`;
}

/** A column as it was declared; misfits are reported, the last one found of a row last. */
function declaredColumn(source: SourceTable, column: SourceColumn, type: FenlType, report: Report): SourceColumn {
  const converted = convertColumn(column, type, source.rows);
  if (converted === null) {
    const message = `${source.label}, column ${shown(column.name)} is of type ${typeName(column.type)} and cannot be read as ${typeName(type)}`;
    throw new TableError("column", message, { file: source.label, column: column.name });
  }
  report(column, converted.misfits, `of type ${typeName(type)}`, expectation(type));
  return { name: column.name, ...converted.data };
}

type Report = (column: SourceColumn, misfits: readonly number[], role: string, expected: string) => void;

function textColumn(source: SourceTable, column: SourceColumn): ColumnData {
  return convertColumn(column, { kind: "string" }, source.rows)!.data;
}

/**
 * A source's columns as they were declared. The first value that is not of its column's type fails, with `skip` all
 * such are told.
 */
export async function declaredSource(
  definition: TableDefinition,
  raw: SourceTable,
  declared: DeclaredColumns,
  onError: "fail" | "skip",
): Promise<DeclaredSource> {
  const { timeColumn } = definition;
  const { columns = [], timeFormat, timeUnit } = declared;
  const source = timeUnit === undefined ? raw : inTimeUnit(raw, timeColumn, timeUnit);
  const misfits = new Map<number, string>();
  const report: Report = (column, rows, role, expected) => {
    for (const row of rows) {
      const error = valueError(source, column, row, role, expected);
      if (onError === "fail") throw error;
      if (!misfits.has(row)) misfits.set(row, error.message);
    }
  };
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const names = source.columns.map(({ name }) => name);
  for (const { name, type } of columns) {
    if (names.includes(name)) continue;
    const message = `${source.label} has no column ${shown(name)}, which is declared as ${typeName(type)}${nearestNames(name, names)}`;
    throw new TableError("column", message, { file: source.label, column: name });
  }
  const typed: SourceColumn[] = [];
  for (const column of source.columns) {
    let read = column;
    if (timeFormat !== undefined && column.name === timeColumn) {
      const text = textColumn(source, column);
      const { data, misfits: rows } = await timesOfFormat(text, timeFormat, source.rows);
      report(column, rows, "a time of the given format", `a time written as ${timeFormat}`);
      read = { name: column.name, ...data };
    }
    const type = types.get(column.name);
    typed.push(type === undefined ? read : declaredColumn(source, read, type, report));
  }
  return { source: { ...source, columns: typed }, misfits };
}

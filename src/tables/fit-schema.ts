import type { FenlType } from "../values/fenl-type.ts";
import { sameType, typeName } from "../values/fenl-type.ts";
import { columnOf } from "./column-data.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";
import { shown, TableError } from "./table-error.ts";
import type { TableColumn } from "./table-snapshot.ts";

const UNITS_PER_SECOND: Readonly<Record<string, bigint>> = {
  timestamp_s: 1n,
  timestamp_ms: 1_000n,
  timestamp_us: 1_000_000n,
  timestamp_ns: 1_000_000_000n,
};

/**
 * A file's columns as those of a table that has data. The names must be the same; types too, but that a CSV file may
 * happen to have columns without any value, whole numbers where the table has decimals, or times in a coarser unit.
 */
export function fitSchema(columns: readonly TableColumn[], source: SourceTable, tableName: string): SourceTable {
  const byName = new Map(source.columns.map((column) => [column.name, column]));
  const fitted: SourceColumn[] = [];
  for (const { name, type } of columns) {
    const column = byName.get(name);
    const fit = column && fitColumn(type, column, source);
    if (!fit) break;
    fitted.push(fit);
  }
  if (fitted.length !== columns.length || byName.size !== columns.length) {
    const message = `schema does not match previous schema: table ${shown(tableName)} has ${describe(columns)}, and ${source.label} has ${describe(source.columns)}`;
    throw new TableError("schema", message, { file: source.label });
  }
  return { ...source, columns: fitted };
}

function describe(columns: readonly TableColumn[]): string {
  const fields = columns.slice(0, 100).map(({ name, type }) => ({ name, type }));
  const more = columns.length > 100 ? ` and ${columns.length - 100} more columns` : "";
  return typeName({ kind: "record", fields }) + more;
}

function fitColumn(type: FenlType, column: SourceColumn, source: SourceTable): SourceColumn | null {
  if (sameType(type, column.type)) return column;
  const { name, values, valid } = column;
  if (!source.inferred) return null;
  if (column.undetermined) return { name, ...columnOf(type, new Array<null>(source.rows).fill(null)) };
  if (type.kind === "f64" && column.type.kind === "i64") {
    return { name, type, values: Float64Array.from(values as BigInt64Array, Number), valid };
  }
  const [from, to] = [UNITS_PER_SECOND[column.type.kind], UNITS_PER_SECOND[type.kind]];
  if (from === undefined || to === undefined || from > to) return null;
  const scale = to / from;
  const scaled = BigInt64Array.from(values as BigInt64Array, (value) => value * scale);
  const fits = (values as BigInt64Array).every((value, row) => valid?.[row] === 0 || scaled[row] === value * scale);
  return fits ? { name, type, values: scaled, valid } : null;
}

import type { FenlType } from "../../values/fenl-type.ts";
import { sameType } from "../../values/fenl-type.ts";
import type { TimeUnit } from "../read/time-unit.ts";
import type { TableDefinition } from "../table-definition.ts";
import type { TableColumn } from "../table-snapshot.ts";
import { Unfit } from "./unfit.ts";

/**
 * A file's columns in the order of the table's, if those are settled, and the time column of integers as times of its
 * unit. @throws Unfit where a column is missing, or another than the table's
 */
export function settleColumns(
  found: readonly TableColumn[],
  definition: TableDefinition,
  settled: readonly TableColumn[] | null,
  timeUnit: TimeUnit | undefined,
): { readonly order: readonly number[]; readonly columns: readonly TableColumn[] } {
  const { timeColumn, keyColumn, subsortColumn } = definition;
  for (const name of [timeColumn, keyColumn, subsortColumn ?? timeColumn]) {
    if (!found.some((column) => column.name === name)) throw new Unfit(`it has no column ${name}`);
  }
  const columns = found.map(({ name, type }): TableColumn => {
    if (timeUnit === undefined || name !== timeColumn) return { name, type };
    if (type.kind !== "i64" && type.kind !== "u64") throw new Unfit("its times are no 64-bit integers");
    return { name, type: { kind: `timestamp_${timeUnit}` } as FenlType };
  });
  if (settled === null) return { order: columns.map((_, index) => index), columns };
  if (settled.length !== columns.length) throw new Unfit("its columns are not the table's");
  const order = settled.map(({ name, type }) => {
    const index = columns.findIndex((column) => column.name === name);
    if (index < 0 || !sameType(columns[index]!.type, type)) throw new Unfit("its columns are not the table's");
    return index;
  });
  return { order, columns: settled };
}

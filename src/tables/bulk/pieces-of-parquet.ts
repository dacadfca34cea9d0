import type { FenlType } from "../../values/fenl-type.ts";
import { schemaFields, unitTypeOf } from "../prepared/arrow-file.ts";
import type { TableDefinition } from "../table-definition.ts";
import type { BulkInput, BulkOptions, PiecesOfFile } from "./bulk-job.ts";
import { divisionOf, VALUE_BYTES } from "./bulk-job.ts";
import type { BulkThreads } from "./bulk-threads.ts";
import type { ParquetColumn, ParquetFile, RowGroup } from "./parquet-file.ts";
import { readParquetFile } from "./parquet-file.ts";
import type { Piece } from "./piece.ts";
import type { ParquetTask } from "./read-piece.ts";
import { settleColumns } from "./settle-columns.ts";
import { Unfit } from "./unfit.ts";

/** About so many rows are decoded at once, and so many bytes. */
const PIECE_ROWS = 1 << 19;
const PIECE_BYTES = 1 << 28;
/** A row group of more rows would take too much memory. */
const MOST_ROWS = 1 << 22;

/** Decodes a Parquet file on several threads. @throws Unfit */
export async function piecesOfParquet(
  definition: TableDefinition,
  { path, source }: BulkInput,
  options: BulkOptions,
  threads: BulkThreads,
): Promise<PiecesOfFile> {
  const file = readParquetFile(path);
  const { rows } = file;
  if (rows === 0) throw new Unfit("it has no rows");
  if (rows >= 2 ** 32) throw new Unfit("it has more than 2^32 rows");
  const { order, columns } = settleColumns(typedColumns(file), definition, options.columns, options.timeUnit);
  const key = columns.findIndex(({ name }) => name === definition.keyColumn);
  const division = divisionOf(rows, Math.max(source.size, rows * columns.length * VALUE_BYTES));
  const read = order.map((index) => file.columns[index]!);
  const tasks = tasksOf(file, order).map(
    (rowGroups): ParquetTask => ({
      kind: "parquet",
      path,
      rowGroups,
      columns: read,
      key,
      keyType: columns[key]!.type,
      division,
    }),
  );
  let done = 0;
  const pieces = await threads.run<Piece>(tasks, (task) => {
    done += tasks[task]!.rowGroups.reduce((sum, group) => sum + group.rows, 0);
    const { size } = source;
    options.onProgress?.({ phase: "reading", rows: done, bytes: Math.floor((size * done) / rows), totalBytes: size });
  });
  return { rows, pieces, columns, key, division };
}

/** The columns with the units that only the Arrow schema of the file's writer knows. */
function typedColumns({ columns, arrowSchema }: ParquetFile): readonly ParquetColumn[] {
  const mayDiffer = columns.some(({ type }) => type.kind === "i64" || type.kind === "timestamp_ms");
  const arrow = arrowSchema === undefined || !mayDiffer ? null : unitsOfArrowSchema(arrowSchema);
  if (arrow === null) return columns;
  return columns.map((column) => {
    const type = arrow.get(column.name);
    if (type === undefined) return column;
    if (column.type.kind === "i64" && type.kind.startsWith("duration_")) return { ...column, type };
    if (column.type.kind === "timestamp_ms" && type.kind === "timestamp_s") {
      throw new Unfit(`column ${column.name} has seconds, written as milliseconds`);
    }
    return column;
  });
}

/** The types of times and durations by the Arrow schema of the file's writer; null where it is none. */
function unitsOfArrowSchema(base64: string): ReadonlyMap<string, FenlType> | null {
  try {
    const fields = schemaFields(Buffer.from(base64, "base64"));
    return new Map(
      fields.flatMap((field) => {
        const type = unitTypeOf(field);
        return type === undefined ? [] : [[field.name, type] as const];
      }),
    );
  } catch {
    // The file's own schema suffices.
    return null;
  }
}

/** Row groups by pieces, with the chunks of the columns that are read, in their order. */
function tasksOf(file: ParquetFile, order: readonly number[]): RowGroup[][] {
  const tasks: RowGroup[][] = [];
  const most = Math.min(PIECE_ROWS, PIECE_BYTES / (VALUE_BYTES * order.length));
  let rows = most;
  for (const group of file.rowGroups) {
    if (group.rows > MOST_ROWS) throw new Unfit("a row group is too large");
    if (group.rows === 0) continue;
    if (rows + group.rows > most) {
      tasks.push([]);
      rows = 0;
    }
    tasks.at(-1)!.push({ rows: group.rows, chunks: order.map((index) => group.chunks[index]!) });
    rows += group.rows;
  }
  return tasks;
}

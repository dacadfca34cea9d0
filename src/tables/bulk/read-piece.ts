import { closeSync, openSync } from "node:fs";
import type { FenlType } from "../../values/fenl-type.ts";
import type { Division, SpillFile } from "./divide-piece.ts";
import { dividePiece } from "./divide-piece.ts";
import { keyHashesOf } from "./key-hashes.ts";
import { readColumn } from "./parquet-column.ts";
import type { ParquetColumn, RowGroup } from "./parquet-file.ts";
import type { Piece } from "./piece.ts";
import type { Scratch } from "./scratch.ts";

/** Consecutive row groups of a Parquet file that are to become a piece. */
export interface ParquetTask {
  readonly kind: "parquet";
  readonly path: string;
  readonly rowGroups: readonly RowGroup[];
  readonly columns: readonly ParquetColumn[];
  readonly key: number;
  /** Of the key as it is hashed. */
  readonly keyType: FenlType;
  readonly division: Division;
}

/** Reads row groups and divides their rows into buckets. @throws Unfit */
export function readParquetPiece(task: ParquetTask, spill: SpillFile | null, scratch: Scratch): Piece {
  const rows = task.rowGroups.reduce((sum, group) => sum + group.rows, 0);
  const file = openSync(task.path, "r");
  try {
    const columns = task.columns.map((column, index) => {
      const chunks = task.rowGroups.map((group) => group.chunks[index]!);
      return readColumn(file, column, chunks, rows, scratch, `column ${index}`);
    });
    const keyHash = keyHashesOf(task.keyType, columns[task.key]!, scratch);
    return dividePiece(columns, keyHash, task.division, spill, scratch);
  } finally {
    closeSync(file);
  }
}

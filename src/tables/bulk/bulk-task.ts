import type { WrittenFile } from "../prepared/write-prepared.ts";
import type { Piece } from "./piece.ts";
import type { CsvPiece, CsvTask } from "./read-csv-piece.ts";
import type { ParquetTask } from "./read-piece.ts";
import type { PartTask } from "./write-part.ts";

/** What a thread is asked to do, with the directory for temporary files. */
export interface BulkRequest {
  readonly spill: string;
  /** Null: the load has ended. */
  readonly task: BulkTask | null;
  /** Whether a piece stays in memory. */
  readonly inMemory: boolean;
}

export type BulkTask = ParquetTask | CsvTask | PartTask;

export type BulkResult = Piece | CsvPiece | WrittenFile | null;

/** What a thread answers. */
export type BulkAnswer =
  | { readonly kind: "done"; readonly result: BulkResult }
  | { readonly kind: "unfit"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: unknown; readonly code: unknown; readonly syscall: unknown };

/** The bytes of memory that a result keeps. */
export function bytesKept(result: BulkResult): number {
  if (result === null) return 0;
  const piece = "piece" in result ? result.piece : "starts" in result ? result : null;
  return piece?.bytes ?? 0;
}

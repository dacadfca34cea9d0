import type { RowSetColumn } from "../../execute/rows/row-set.ts";
import { PresenceLevels } from "./column-chunk.ts";
import type { EncodeMemory } from "./encode-kernels.ts";

/** Rows of a column: their values or codes, and which of them there are. */
export type ColumnRows = Pick<RowSetColumn, "values" | "valid">;

/** A column's values that are not null, one after the other in the memory of encoding, with some zeros behind them. */
export interface PresentValues {
  readonly at: number;
  readonly count: number;
  readonly levels: PresenceLevels;
  /** Where a byte for each row is; null where all have values. */
  readonly valid: number | null;
}

/** Copies rows into the memory of encoding. Of codes, only those below `codes` have values. */
export function presentValues(memory: EncodeMemory, { values, valid }: ColumnRows, codes?: number): PresentValues {
  const { run } = memory;
  const rows = values.length;
  const at = memory.copy(values);
  let validAt = valid === undefined ? null : memory.copy(valid);
  if (codes !== undefined) {
    if (validAt === null) {
      validAt = memory.takeZeros(rows);
      memory.bytes.fill(1, validAt, validAt + rows);
    }
    run.markCodes(at, validAt, rows, codes);
  }
  const count = validAt === null ? rows : run.countOnes(validAt, rows);
  if (validAt === null || count === rows) {
    return { at, count, levels: new PresenceLevels(memory, rows, null), valid: null };
  }
  const width = values.BYTES_PER_ELEMENT;
  (width === 8 ? run.keep8 : run.keep4)(at, validAt, rows);
  memory.zero(at + width * count, 8 * width);
  return { at, count, levels: new PresenceLevels(memory, rows, validAt), valid: validAt };
}

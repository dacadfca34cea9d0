import type { RowSetColumn } from "../../execute/rows/row-set.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { type Levels, PresenceLevels } from "./levels.ts";

/** Rows of a column: their values or codes, and which of them there are. */
export type ColumnRows = Pick<RowSetColumn, "values" | "valid">;

/**
 * A column's values that are not null, one after the other in the memory of encoding, with some zeros behind them and room
 * for their levels before them.
 */
export interface PresentValues {
  readonly at: number;
  readonly count: number;
  /** How many there are with those that are null. */
  readonly entries: number;
  readonly levels: Levels;
  /** Of rows of which some are null: where a byte for each is. */
  readonly valid?: number;
}

/** Copies rows into the memory of encoding. Of codes, only those below `codes` have values. */
export function presentValues(memory: EncodeMemory, { values, valid }: ColumnRows, codes?: number): PresentValues {
  const { run } = memory;
  const entries = values.length;
  memory.take(entries / 8 + 16);
  const at = memory.copy(values);
  let validAt = valid === undefined ? null : memory.copy(valid);
  // Rows that all have codes of values need no validity.
  if (codes !== undefined && (validAt !== null || run.areBelow(at, entries, codes) === 0)) {
    if (validAt === null) {
      validAt = memory.takeZeros(entries);
      memory.bytes.fill(1, validAt, validAt + entries);
    }
    run.markCodes(at, validAt, entries, codes);
  }
  const count = validAt === null ? entries : run.countOnes(validAt, entries);
  if (validAt === null || count === entries) {
    return { at, count, entries, levels: new PresenceLevels(memory, entries, null) };
  }
  const width = values.BYTES_PER_ELEMENT;
  (width === 8 ? run.keep8 : run.keep4)(at, validAt, entries);
  memory.zero(at + width * count, 8 * width);
  return { at, count, entries, levels: new PresenceLevels(memory, entries, validAt), valid: validAt };
}

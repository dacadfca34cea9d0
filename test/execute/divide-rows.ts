import type { RangeDivision } from "../../src/execute/order/range-division.ts";
import { mapArrays } from "../../src/execute/rows/gather.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import type { StageMemory } from "../../src/execute/rows/stage-memory.ts";

/** Rows as a stage divides them while they are copied out of its memory. */
export function divideRows(rows: StoredRows, division: RangeDivision, memory: StageMemory): StoredRows {
  const slotStarts = division.divide(memory.write(rows.keyHash), rows.rows);
  const whole = mapArrays(rows, rows.rows, (values) => {
    const at = division.placed(memory.write(values), rows.rows, values.BYTES_PER_ELEMENT);
    const like = values.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => typeof values;
    return new like(memory.memory.buffer, at, rows.rows).slice() as typeof values;
  });
  return { ...whole, slotStarts };
}

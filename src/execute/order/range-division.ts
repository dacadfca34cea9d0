import type { WasmModule } from "../../values/web-assembly.ts";
import { sliceRows } from "../rows/gather.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { TimeDivision } from "./time-slots.ts";

/** About so many rows of one range in a slot, so that they are put in order in the processor's cache. */
const ROWS_A_SLOT = 1 << 11;
/** Ranges and their slots together: more of them at a time are not written fast. */
const MOST_BITS = 11;

const FIRST = -(2n ** 63n);

/** Divides rows among equal ranges of key hashes, and within these among equal slots, while they are copied out of a worker's memory. */
export class RangeDivision extends TimeDivision {
  /**
   * @param sorter the module that divides rows
   * @param bits there are 2^`bits` ranges, more than one
   * @param rows about how many rows there will be at a time
   */
  constructor(sorter: WasmModule, memory: StageMemory, bits: number, rows: number) {
    // A range has as many rows of all runs as a run has of all ranges.
    const wanted = Math.max(0, Math.ceil(Math.log2(Math.max(1, rows) / ROWS_A_SLOT)));
    const all = Math.max(bits, Math.min(MOST_BITS, bits + wanted));
    // Hashes are taken for signed numbers: ranges of the upper half come first.
    super({ sorter, first: FIRST, shift: 64 - all, count: 1 << all }, memory);
  }
}

/** The rows of each range, as views, without ranges that have none; where there is one range only, the very rows. */
export function rowsOfRanges(rows: StoredRows, bits: number): (readonly [range: number, rows: StoredRows])[] {
  if (rows.rows === 0) return [];
  if (bits === 0) return [[0, rows]];
  const starts = rows.slotStarts!;
  const slots = (starts.length - 1) >>> bits;
  const half = 1 << (bits - 1);
  const ranges: [number, StoredRows][] = [];
  for (let range = 0; range < 2 * half; range++) {
    const first = (range ^ half) * slots;
    const [from, to] = [starts[first]!, starts[first + slots]!];
    if (from === to) continue;
    const slotStarts = starts.slice(first, first + slots + 1).map((start) => start - from);
    ranges.push([range, { ...sliceRows(rows, from, to), slotStarts }]);
  }
  return ranges;
}

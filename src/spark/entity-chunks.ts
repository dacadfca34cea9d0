import type { Data, RecordBatch } from "apache-arrow";
import { IDENTITY, type IdentityColumn } from "./lanes.ts";
import { partitionOf } from "./partition-of.ts";

/** Rows of a batch. */
export interface BatchRows {
  readonly batch: RecordBatch;
  readonly from: number;
  readonly to: number;
}

/** What a task may rely on, and finds broken: Spark did not do what it was asked to. */
export class GuardError extends Error {
  override readonly name = "GuardError";
}

/** Rows that stages take in at once, about: whole entities, so that a large one can be more. */
const CHUNK_ROWS = 1 << 17;

/** A column of an identity as 32-bit numbers: the halves of 64-bit ones. */
interface Sorted {
  readonly name: IdentityColumn;
  readonly low: Int32Array | Int8Array;
  readonly high: Int32Array | null;
}

/**
 * Cuts the sorted rows of a partition into chunks of whole entities, and checks what Spark was asked for: that rows are
 * in order, and that each entity is in the partition where all of its rows are.
 */
export class EntityChunks {
  readonly #partitions: number;
  #pending: BatchRows[] = [];
  #rows = 0;
  #last: { readonly columns: readonly Sorted[]; readonly row: number } | null = null;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** Adds the next rows; their `_p` is the partition they are in. @returns rows of whole entities, where there are enough @throws GuardError */
  add(batch: RecordBatch): BatchRows[] | null {
    const columns = sortedColumns(batch);
    const start = this.#check(columns, batch.numRows, batch.getChild("_p")!.get(0) as number);
    this.#last = { columns, row: batch.numRows - 1 };
    if (this.#rows + batch.numRows < CHUNK_ROWS || start === null) {
      this.#append(batch, 0, batch.numRows);
      return null;
    }
    this.#append(batch, 0, start);
    const chunk = this.take();
    this.#append(batch, start, batch.numRows);
    return chunk;
  }

  /** The rows that are left. */
  take(): BatchRows[] {
    const chunk = this.#pending;
    this.#pending = [];
    this.#rows = 0;
    return chunk;
  }

  #append(batch: RecordBatch, from: number, to: number): void {
    if (to === from) return;
    this.#pending.push({ batch, from, to });
    this.#rows += to - from;
  }

  /** Checks rows against those before them; returns where the last entity begins, null where it began earlier. */
  #check(columns: readonly Sorted[], rows: number, partition: number): number | null {
    const { low, high } = columns[0]!;
    let start: number | null = null;
    for (let row = 0; row < rows; row++) {
      const before = row > 0 ? { columns, row: row - 1 } : this.#last;
      const order = before === null ? -1 : compare(before.columns, before.row, columns, row);
      if (order > 0) throw disorder(partition);
      const key = before?.columns[0];
      if (key && key.low[before!.row] === low[row] && key.high![before!.row] === high![row]) continue;
      const place = partitionOf(low[row]!, high![row]!, this.#partitions);
      if (place !== partition) throw astray(partition, this.#partitions, place);
      start = row;
    }
    return start;
  }
}

function disorder(partition: number): GuardError {
  return new GuardError(
    `the rows of partition ${partition} are not in the order that was asked for (sortWithinPartitions): this engine gives wrong answers, and the query was stopped`,
  );
}

function astray(partition: number, partitions: number, place: number): GuardError {
  return new GuardError(
    `partition ${partition} of ${partitions} has rows of an entity that belongs to partition ${place} (repartition): an entity would be computed in parts, and the query was stopped`,
  );
}

function sortedColumns(batch: RecordBatch): Sorted[] {
  const byName = new Map(batch.schema.fields.map(({ name }, index) => [name, batch.data.children[index]!]));
  return IDENTITY.flatMap((name): Sorted[] => {
    const data: Data | undefined = byName.get(name);
    if (data === undefined) return [];
    const values = data.values as BigInt64Array | Int32Array | Int8Array;
    if (!(values instanceof BigInt64Array)) return [{ name, low: values, high: null }];
    const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    const [low, high] = [new Int32Array(values.length), new Int32Array(values.length)];
    for (let row = 0; row < values.length; row++) {
      low[row] = halves[2 * row]!;
      high[row] = halves[2 * row + 1]!;
    }
    return [{ name, low, high }];
  });
}

function compare(a: readonly Sorted[], rowA: number, b: readonly Sorted[], rowB: number): number {
  for (let at = 0; at < a.length; at++) {
    const [left, right] = [a[at]!, b[at]!];
    if (left.high !== null) {
      const [highA, highB] = [left.high[rowA]!, right.high![rowB]!];
      if (highA !== highB) return highA < highB ? -1 : 1;
      const [lowA, lowB] = [left.low[rowA]! >>> 0, right.low[rowB]! >>> 0];
      if (lowA !== lowB) return lowA < lowB ? -1 : 1;
    } else if (left.low[rowA] !== right.low[rowB]) return left.low[rowA]! < right.low[rowB]! ? -1 : 1;
  }
  return 0;
}

import type { FenlType } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { TextBytes } from "./text-bytes.ts";

/** Values of one column, one per row. Typed arrays own their buffers, so a row set can be transferred. */
export interface RowSetColumn {
  readonly name: string;
  readonly type: FenlType;
  /** Int32Array (i32 representations, codes of `dictionary`), BigInt64Array, Float32Array or Float64Array. */
  readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array;
  /** A byte per row, 0 or 1; absent: all valid. */
  readonly valid?: Uint8Array;
  /** For strings, lists and maps: what the codes in `values` stand for. */
  readonly dictionary?: Dictionary;
  /** Of keys that are numbers: what these stand for. The rows then have no column of hashes: theirs are of no rows. */
  readonly numbered?: NumberedKeys;
  /** Of a result's keys, where that is known: for each code the hash of the entity. */
  readonly hashes?: BigUint64Array;
}

/** Keys of entities by the numbers that rows have instead, in the order of the hashes. */
export interface NumberedKeys {
  /** Of the query's dictionary of keys. */
  readonly codes: Int32Array;
  readonly hashes: BigUint64Array;
}

/** What the codes of a column stand for: values, or texts or lists in memory that all threads see. */
export type Dictionary = readonly HostValue[] | TextBytes | ListParts;

/** Lists that are parts of one column: list `i` has its items from `starts[i]` up to `ends[i]`. Parts may overlap. */
export interface ListParts {
  readonly kind: "lists";
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly items: RowSetColumn;
}

/** Rows with their identity (see the engine semantics, section 2), as operations hand them to each other. */
export interface RowSet {
  readonly rows: number;
  readonly keyHash: BigUint64Array;
  readonly time: BigInt64Array;
  readonly subsort: BigUint64Array;
  /** Absent: all 1 (events and ticks). */
  readonly rank?: Uint8Array;
  /** Absent: all 0. */
  readonly origin?: Int32Array;
  /** Absent: all 0. */
  readonly ordinal?: Int32Array;
  readonly columns: readonly RowSetColumn[];
  /**
   * The columns whose row i has text i of a dictionary that is in memory of these rows alone. Absent: not known of any; rows
   * that are chosen, cut or put in another order do not have it.
   */
  readonly rowTexts?: readonly number[];
}

/** Rows between stages: what the sink wrote, under the entities that the next stage reads them for. */
export interface StoredRows extends RowSet {
  /** Keys of text hold codes of the query's dictionary of keys. */
  readonly key?: RowSetColumn;
  /** The hash of the entity that the rows come from: rows put under new entities, requests. */
  readonly localKeyHash?: BigUint64Array;
  /** Whether row i has text i of a dictionary of keys that is in memory of these rows alone. */
  readonly hasKeyTexts?: boolean;
  /** Of rows that are divided by time, where each slot's rows begin, and the number of all. */
  readonly slotStarts?: Uint32Array;
}

/** A query's answer before it becomes a table: rows in (time, rank, subsort, key hash, origin, ordinal) order. */
export interface QueryRows {
  readonly rows: RowSet;
  /** `_key` per row: the entity key's values. */
  readonly key: RowSetColumn;
}

import type { FenlType } from "../values/fenl-type.ts";

/** A column of a table's data, by its name in the source. */
export interface TableColumn {
  readonly name: string;
  readonly type: FenlType;
}

/**
 * A table as a query sees it: definition, schema and the prepared files of one version. Plain data, so that it can go
 * to a worker.
 */
export interface TableSnapshot {
  readonly name: string;
  readonly grouping: string;
  readonly timeColumn: string;
  readonly keyColumn: string;
  readonly keyType: FenlType;
  readonly columns: readonly TableColumn[];
  readonly files: readonly PreparedFile[];
}

/**
 * An Arrow IPC file with one record batch, sorted by (key hash, `_time`, `_subsort`) unsigned/signed as typed, file
 * order kept among equals. Columns: `_entities`, `_time: Timestamp<ns>` (no nulls), `_subsort: Uint64`, or `Uint32` where
 * the field's metadata tell what is added; then the source's columns under their own names prefixed with `.` (so that no
 * name collides), strings dictionary-encoded (`Dictionary<Utf8, Int32>`). `_entities` is an index: a list of no items for
 * each row, whose child has `_key_hash: Uint64` and `_end: Uint32` (where its rows end) of each entity in turn, and the key
 * column where equal keys are the same. The time column may be missing where `_time` tells it: its name and type stand in
 * the metadata of that field. 64-bit values that do not fit a file are a load error.
 *
 * Stores up to format 3 have a column `_key_hash: Uint64` instead of the index, the key beside the other columns, and
 * subsorts of 64 bits.
 */
export interface PreparedFile {
  /** Absolute. */
  readonly path: string;
  readonly rows: number;
  /** Decimal text of the smallest and the greatest `_key_hash`. */
  readonly firstKeyHash: string;
  readonly lastKeyHash: string;
  /** Decimal text, nanoseconds since 1970. */
  readonly firstTime: string;
  readonly lastTime: string;
  /** Decimal text of what is added to the file's subsorts, where they are stored in 32 bits. */
  readonly firstSubsort?: string;
  /** True when no two rows share key hash, time and subsort. */
  readonly distinct: boolean;
  /** The CRC-32 of the whole file, where it may outlast the process that wrote it. */
  readonly crc32?: number;
  /** Absent where the file is small. */
  readonly head?: PreparedHead;
}

/** The earliest rows of a prepared file, as one of their own beside it: previews of queries read them first. */
export type PreparedHead = Omit<PreparedFile, "path" | "head"> & {
  readonly bytes: number;
  /** All rows of the file up to this time, inclusive, are in the head; decimal text, nanoseconds since 1970. */
  readonly through: string;
};

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
 * An Arrow IPC file with one record batch, sorted by (`_key_hash`, `_time`, `_subsort`) unsigned/signed as typed, file
 * order kept among equals. Columns: `_key_hash: Uint64`, `_time: Timestamp<ns>` (no nulls), `_subsort: Uint64`, then
 * the source's columns under their own names prefixed with `.` (so that no name collides), strings dictionary-encoded
 * (`Dictionary<Utf8, Int32>`). The time column may be missing where `_time` tells it: its name and type stand in the
 * metadata of that field. 64-bit values that do not fit a file are a load error.
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
  /** True when no two rows share key hash, time and subsort. */
  readonly distinct: boolean;
  /** The CRC-32 of the whole file. */
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

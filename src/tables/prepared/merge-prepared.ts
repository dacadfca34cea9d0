import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { ColumnData } from "../column-data.ts";
import { gather } from "../gather.ts";
import { joinColumns } from "../read/join-columns.ts";
import type { PreparedFile, TableColumn } from "../table-snapshot.ts";
import { writeNewFile } from "../write-new-file.ts";
import { lowerBound } from "./entity-index.ts";
import type { PreparedRows } from "./prepare.ts";
import { describeRows } from "./prepare.ts";
import { removePrepared } from "./prepared-head.ts";
import { readPrepared } from "./read-prepared.ts";
import { sortedOrder } from "./sort-rows.ts";
import { storedIdentity } from "./stored-identity.ts";
import type { WrittenFile } from "./write-prepared.ts";
import { checksumOf, preparedBytes, writeHead } from "./write-prepared.ts";
import { rememberWritten } from "./written-here.ts";

/** Rows of a merged file, about, unless one entity alone has more; and rows that are in memory at once, about. */
const FILE_ROWS = 1 << 20;
const PASS_ROWS = 1 << 22;

/** How merging is done. */
export interface MergeOptions {
  /** The column that tells the entities apart. */
  readonly key: string;
  readonly directory: string;
  /** Whether files are on the disk when they are written. */
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly fileRows?: number;
  readonly passRows?: number;
}

/** How many files hold the rows of files where there are no more than needed. */
export function fewestFiles(files: readonly { readonly rows: number }[]): number {
  return Math.ceil(files.reduce((sum, { rows }) => sum + rows, 0) / FILE_ROWS);
}

/** The rows of files, in the files' order, whose key hashes are in a range. */
function rowsInRange(
  files: readonly PreparedFile[],
  columns: readonly TableColumn[],
  key: string,
  first: bigint,
  last: bigint,
): PreparedRows | null {
  const parts: PreparedRows[] = [];
  for (const file of files) {
    if (BigInt(file.lastKeyHash) < first || BigInt(file.firstKeyHash) > last) continue;
    const names = columns.map(({ name }) => name);
    const { keyHash, time, subsort, columns: read } = readPrepared(file, names);
    const [from, to] = [lowerBound(keyHash, first), lowerBound(keyHash, last + 1n)];
    if (from === to) continue;
    const chosen = Uint32Array.from({ length: to - from }, (_, index) => from + index);
    parts.push({
      key,
      keyHash: keyHash.subarray(from, to),
      time: time.subarray(from, to),
      subsort: subsort.subarray(from, to),
      columns: names.map((name) => ({ name, ...gather(read.get(name)!, chosen) })),
    });
  }
  if (parts.length === 0) return null;
  const counts = parts.map(({ time }) => time.length);
  return {
    key,
    keyHash: concatenated(parts.map(({ keyHash }) => keyHash)),
    time: concatenated(parts.map(({ time }) => time)),
    subsort: concatenated(parts.map(({ subsort }) => subsort)),
    columns: columns.map(({ name, type }, index) => {
      const column: ColumnData = joinColumns(
        type,
        parts.map((part) => part.columns[index]!),
        counts,
      );
      return { name, ...column };
    }),
  };
}

function concatenated<T extends BigUint64Array | BigInt64Array>(parts: readonly T[]): T {
  const rows = parts.reduce((sum, { length }) => sum + length, 0);
  const whole = new (parts[0]!.constructor as new (length: number) => T)(rows);
  let at = 0;
  for (const part of parts) {
    whole.set(part as never, at);
    at += part.length;
  }
  return whole;
}

/** Rows in order, divided where the entity changes once there are enough for a file. */
function* orderedParts(rows: PreparedRows, fileRows: number): Generator<PreparedRows> {
  const { key, keyHash, time, subsort, columns } = rows;
  const order = sortedOrder([keyHash, time, subsort], time.length);
  for (let from = 0; from < order.length; ) {
    let to = Math.min(order.length, from + fileRows);
    while (to < order.length && keyHash[order[to]!] === keyHash[order[to - 1]!]) to++;
    const chosen = order.subarray(from, to);
    const pick = <T extends BigUint64Array | BigInt64Array>(values: T): T => {
      const picked = new (values.constructor as new (length: number) => T)(chosen.length);
      for (let index = 0; index < chosen.length; index++) picked[index] = values[chosen[index]!]!;
      return picked;
    };
    yield {
      key,
      keyHash: pick(keyHash),
      time: pick(time),
      subsort: pick(subsort),
      columns: columns.map((column) => ({ name: column.name, ...gather(column, chosen) })),
    };
    from = to;
  }
}

/**
 * Writes the rows of prepared files as few files, in the order in which the files would be read together: rows that are
 * equal in key hash, time and subsort keep the order of the files. A failure removes what was written.
 */
export async function mergePrepared(
  files: readonly PreparedFile[],
  columns: readonly TableColumn[],
  { key, directory, durable, signal, fileRows = FILE_ROWS, passRows = PASS_ROWS }: MergeOptions,
): Promise<WrittenFile[]> {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bits = Math.max(0, Math.ceil(Math.log2(rows / passRows)));
  const span = 1n << BigInt(64 - bits);
  const written: WrittenFile[] = [];
  try {
    for (let pass = 0n; pass < 1n << BigInt(bits); pass++) {
      const together = rowsInRange(files, columns, key, pass * span, (pass + 1n) * span - 1n);
      for (const part of together === null ? [] : orderedParts(together, fileRows)) {
        signal?.throwIfAborted();
        const path = join(directory, `${randomUUID()}.arrow`);
        const bytes = preparedBytes(part);
        const description = describeRows(storedIdentity(part));
        const file = { path, ...description, bytes: bytes.length, ...checksumOf([bytes], durable) };
        written.push(file);
        writeNewFile(path, bytes, durable);
        rememberWritten(path);
        const head = writeHead(path, part, durable);
        if (head !== undefined) written[written.length - 1] = { ...file, head };
        await setImmediate();
      }
    }
    return written;
  } catch (error) {
    for (const { path } of written) removePrepared(path);
    throw error;
  }
}

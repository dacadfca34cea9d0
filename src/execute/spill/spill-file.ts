import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { deserialize, serialize } from "node:v8";
import { owned, ownedCopy, type RowArray } from "../rows/allocate.ts";
import { compactDictionaries } from "../rows/compact-dictionaries.ts";
import { dictionarySize, isListed } from "../rows/dictionary.ts";
import { sliceRows } from "../rows/gather.ts";
import { readAt } from "../rows/prepared-layout.ts";
import type {
  ArrayName,
  SpilledArray,
  SpilledBlock,
  SpilledColumn,
  SpilledDictionary,
  SpilledRun,
} from "../rows/row-run.ts";
import type { Dictionary, RowSetColumn, StoredRows } from "../rows/row-set.ts";

/** Rows that share their dictionaries. */
const CODED_ROWS = 1 << 11;

/** A temporary file that could not be written. */
export class SpillError extends Error {
  override readonly name = "SpillError";
}

/** Writes rows into a temporary file, which is made with the first of them. */
export class SpillWriter {
  readonly path: string;
  #file: number | null = null;
  #end = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Writes rows behind what is there. */
  block(rows: StoredRows): SpilledBlock {
    const optional = (values: RowArray | undefined) => (values ? this.#array(values) : undefined);
    return {
      rows: rows.rows,
      keyHash: this.#array(rows.keyHash),
      time: this.#array(rows.time),
      subsort: this.#array(rows.subsort),
      rank: optional(rows.rank),
      origin: optional(rows.origin),
      ordinal: optional(rows.ordinal),
      localKeyHash: optional(rows.localKeyHash),
      key: rows.key ? this.#column(rows.key) : undefined,
      columns: rows.columns.map((column) => this.#column(column)),
    };
  }

  /** Rows as a run; with dictionaries in blocks, so that a reader needs few of their values at a time. */
  run(rows: StoredRows): SpilledRun {
    const coded = rows.key?.dictionary !== undefined || rows.columns.some(({ dictionary }) => dictionary !== undefined);
    if (!coded || rows.rows <= CODED_ROWS) return this.runOf([this.block(rows)]);
    const blocks: SpilledBlock[] = [];
    for (let row = 0; row < rows.rows; row += CODED_ROWS) {
      const part = sliceRows(rows, row, Math.min(rows.rows, row + CODED_ROWS));
      blocks.push(this.block(compactDictionaries(part)));
    }
    return this.runOf(blocks);
  }

  runOf(blocks: readonly SpilledBlock[]): SpilledRun {
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    return { kind: "spilled", path: this.path, rows, blocks };
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #column({ name, type, values, valid, dictionary }: RowSetColumn): SpilledColumn {
    return {
      name,
      type,
      values: this.#array(values),
      ...(valid ? { valid: this.#array(valid) } : {}),
      ...(dictionary ? { dictionary: this.#dictionary(dictionary) } : {}),
    };
  }

  #array(values: RowArray): SpilledArray {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { array: values.constructor.name as ArrayName, offset: this.#write(bytes) };
  }

  #dictionary(dictionary: Dictionary): SpilledDictionary {
    const bytes = serialize(inPrivateMemory(dictionary));
    return { offset: this.#write(bytes), length: bytes.length, count: dictionarySize(dictionary) };
  }

  #write(bytes: Uint8Array): number {
    const offset = this.#end;
    try {
      this.#file ??= openNew(this.path);
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#file, bytes, at, Math.min(bytes.length - at, 1 << 30), offset + at);
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = code === "ENOSPC" ? "the disk is full" : message;
      throw new SpillError(
        `the query needs more memory than its limit, and its temporary file in ${dirname(this.path)} cannot be written: ${reason}`,
        { cause: error },
      );
    }
    // Arrays of 8 bytes a value start where they can be read as such.
    this.#end = offset + ((bytes.length + 7) & ~7);
    return offset;
  }
}

/** V8 writes no memory that threads share, and of an array all of its memory. */
function inPrivateMemory(dictionary: Dictionary): Dictionary {
  if (isListed(dictionary)) return dictionary;
  if (dictionary.kind === "texts") {
    return { ...dictionary, offsets: ownedCopy(dictionary.offsets), bytes: ownedCopy(dictionary.bytes) };
  }
  const { items } = dictionary;
  return {
    ...dictionary,
    starts: ownedCopy(dictionary.starts),
    ends: ownedCopy(dictionary.ends),
    items: {
      ...items,
      values: ownedCopy(items.values),
      ...(items.valid ? { valid: ownedCopy(items.valid) } : {}),
      ...(items.dictionary ? { dictionary: inPrivateMemory(items.dictionary) } : {}),
    },
  };
}

function openNew(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, "w", 0o600);
}

const ARRAYS: Readonly<Record<ArrayName, RowArray>> = {
  Int32Array: new Int32Array(0),
  BigInt64Array: new BigInt64Array(0),
  Float32Array: new Float32Array(0),
  Float64Array: new Float64Array(0),
  BigUint64Array: new BigUint64Array(0),
  Uint8Array: new Uint8Array(0),
};

/** Rows `from` up to `to` of a block of an open file; `dictionaryOf` gives the values of a dictionary. */
export function readBlock(
  file: number,
  block: SpilledBlock,
  from: number,
  to: number,
  dictionaryOf: (dictionary: SpilledDictionary) => Dictionary,
): StoredRows {
  const array = <T extends RowArray>({ array: name, offset }: SpilledArray): T => {
    const values = owned(ARRAYS[name], to - from);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    readAt(file, bytes, offset + from * values.BYTES_PER_ELEMENT);
    return values as T;
  };
  const optional = <T extends RowArray>(of: SpilledArray | undefined) => (of ? array<T>(of) : undefined);
  const column = ({ name, type, values, valid, dictionary, base }: SpilledColumn): RowSetColumn => {
    const read = array<Int32Array>(values);
    if (base) for (let row = 0; row < read.length; row++) read[row]! += base;
    return {
      name,
      type,
      values: read,
      ...(valid ? { valid: array<Uint8Array>(valid) } : {}),
      ...(dictionary && base === undefined ? { dictionary: dictionaryOf(dictionary) } : {}),
    };
  };
  return {
    rows: to - from,
    keyHash: array(block.keyHash),
    time: array(block.time),
    subsort: array(block.subsort),
    rank: optional(block.rank),
    origin: optional(block.origin),
    ordinal: optional(block.ordinal),
    localKeyHash: optional(block.localKeyHash),
    key: block.key ? column(block.key) : undefined,
    columns: block.columns.map(column),
  };
}

/** The values of a dictionary in an open file. */
export function readDictionary(file: number, { offset, length }: SpilledDictionary): Dictionary {
  const bytes = Buffer.allocUnsafe(length);
  readAt(file, bytes, offset);
  return deserialize(bytes) as Dictionary;
}

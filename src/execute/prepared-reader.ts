import { closeSync, openSync } from "node:fs";
import { Type } from "apache-arrow";
import { isTextKey } from "../compile/stage-layout.ts";
import { type FenlType, representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { owned, type RowArray } from "./allocate.ts";
import { filePart } from "./file-part.ts";
import { sliceRows } from "./gather.ts";
import { type ByteRange, type ColumnPlace, type PreparedLayout, preparedLayout, readAt } from "./prepared-layout.ts";
import { expandBits, firstRow, isDirect } from "./read-scan.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { RunReader } from "./run-reader.ts";
import type { JobSource, ScanFile, StoredRows } from "./stage-job.ts";
import { readTexts } from "./texts.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

/** How many rows a scan reads of a file: exact, from the file's index of entities. */
export function scannedRows(source: ScanSource, scan: ScanFile): number {
  return segmentsOf(source, scan).reduce((sum, [from, to]) => sum + to - from, 0);
}

/** Reads a file of a scan, a part at a time. */
export function preparedReader(source: ScanSource, scan: ScanFile): RunReader {
  const layout = preparedLayout(scan.file);
  const direct =
    layout !== null &&
    source.columns.every(({ name, read }) => !read || isDirect(layout, name)) &&
    (source.keyColumn === undefined || layout.columns.get(source.keyColumn.name)?.width != null);
  if (!direct) {
    // Values that vary in size: the whole file, which has a million rows at most or those of one entity.
    const rows = filePart(source, scan);
    return { rows: rows.rows, read: (from, to) => sliceRows(rows, from, to), close() {} };
  }
  return new PreparedReader(source, scan, layout);
}

/** The rows of a file that a scan takes, as ranges in order. */
function segmentsOf(source: ScanSource, { file }: ScanFile): [from: number, to: number][] {
  const layout = preparedLayout(file)!;
  const [first, last] = [BigInt(source.range.first), BigInt(source.range.last)];
  const span = (from: bigint, to: bigint): [number, number] => [
    from <= BigInt(file.firstKeyHash) ? 0 : firstRow(file, layout, from),
    to >= BigInt(file.lastKeyHash) ? file.rows : firstRow(file, layout, to + 1n),
  ];
  if (BigInt(file.lastKeyHash) < first || BigInt(file.firstKeyHash) > last) return [];
  const keys = source.keys?.map(BigInt) ?? null;
  const segments = keys === null ? [span(first, last)] : keys.map((key) => span(key, key));
  return segments.filter(([from, to]) => to > from);
}

class PreparedReader implements RunReader {
  readonly rows: number;
  readonly #source: ScanSource;
  readonly #scan: ScanFile;
  readonly #layout: PreparedLayout;
  readonly #file: number;
  readonly #segments: readonly (readonly [from: number, to: number])[];
  readonly #texts = new Map<string, readonly string[]>();

  constructor(source: ScanSource, scan: ScanFile, layout: PreparedLayout) {
    this.#source = source;
    this.#scan = scan;
    this.#layout = layout;
    this.#segments = segmentsOf(source, scan);
    this.rows = this.#segments.reduce((sum, [from, to]) => sum + to - from, 0);
    this.#file = openSync(scan.file.path, "r");
  }

  read(from: number, to: number): StoredRows {
    let start = 0;
    for (const [first, end] of this.#segments) {
      const rows = end - first;
      if (from < start + rows) return this.#rows(first + from - start, Math.min(end, first + to - start));
      start += rows;
    }
    throw new RangeError("there are no rows after the last one");
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Rows of the file. */
  #rows(from: number, to: number): StoredRows {
    const { keyHash, time, subsort } = this.#layout;
    const { keyColumn, columns } = this.#source;
    return {
      rows: to - from,
      keyHash: this.#fixed(new BigUint64Array(0), keyHash, from, to),
      time: this.#fixed(new BigInt64Array(0), time, from, to),
      subsort: this.#fixed(new BigUint64Array(0), subsort, from, to),
      ...(keyColumn ? { key: this.#key(keyColumn.name, keyColumn.type, from, to) } : {}),
      columns: columns.map(({ name, type, read }) =>
        read ? this.#column(name, type, from, to) : { name, type, values: valuesOf(type, to - from) },
      ),
    };
  }

  #key(name: string, type: FenlType, from: number, to: number): RowSetColumn {
    if (!isTextKey(type)) return this.#column(name, type, from, to);
    const { dictionary: _texts, ...key } = this.#column(name, type, from, to);
    const codes = key.values as Int32Array;
    for (let row = 0; row < codes.length; row++) codes[row]! += this.#scan.keyBase;
    return key;
  }

  #column(name: string, type: FenlType, from: number, to: number): RowSetColumn {
    const place = this.#layout.columns.get(name)!;
    const values = valuesOf(type, 0);
    const valid = place.validity === null ? {} : { valid: this.#bits(place.validity, from, to) };
    if (place.arrow === Type.Bool)
      return { name, type, values: Int32Array.from(this.#bits(place.values, from, to)), ...valid };
    const read = this.#fixed(values, place.values, from, to);
    return {
      name,
      type,
      values: read,
      ...valid,
      ...(place.texts ? { dictionary: this.#dictionary(name, place) } : {}),
    };
  }

  #dictionary(name: string, place: ColumnPlace): readonly HostValue[] {
    let texts = this.#texts.get(name);
    if (texts === undefined) {
      texts = readTexts(this.#file, place.texts!);
      this.#texts.set(name, texts);
    }
    return texts;
  }

  #fixed<T extends RowArray>(like: T, { offset }: ByteRange, from: number, to: number): T {
    const values = owned(like, to - from);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    readAt(this.#file, bytes, offset + from * like.BYTES_PER_ELEMENT);
    return values;
  }

  /** A byte per row for a bit per row. */
  #bits({ offset }: ByteRange, from: number, to: number): Uint8Array {
    const packed = Buffer.allocUnsafe(((to + 7) >> 3) - (from >> 3));
    readAt(this.#file, packed, offset + (from >> 3));
    // Whole bytes are expanded.
    const bytes = new Uint8Array(to - from + 16);
    expandBits(packed, bytes, 0, from & 7, to - from);
    return bytes.subarray(0, to - from);
  }
}

/** An array for values of a type, in its representation. */
function valuesOf(type: FenlType, length: number): RowSetColumn["values"] {
  switch (representationOf(type)) {
    case "i64":
      return new BigInt64Array(length);
    case "f64":
      return new Float64Array(length);
    case "f32":
      return new Float32Array(length);
    default:
      return new Int32Array(length);
  }
}

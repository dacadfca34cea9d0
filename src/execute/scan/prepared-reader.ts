import { closeSync, openSync } from "node:fs";
import { Type } from "apache-arrow";
import { isTextKey } from "../../compile/stage-layout.ts";
import { valuesArray } from "../../tables/column-data.ts";
import type { PreparedFile } from "../../tables/table-snapshot.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import { owned, type RowArray } from "../rows/allocate.ts";
import { gatherRows, sliceRows } from "../rows/gather.ts";
import {
  type ByteRange,
  type PreparedLayout,
  preparedLayout,
  readAt,
  type TextsPlace,
} from "../rows/prepared-layout.ts";
import type { RowSetColumn } from "../rows/row-set.ts";
import type { JobSource, ScanFile, StoredRows } from "../rows/stage-job.ts";
import type { TextBytes } from "../rows/text-bytes.ts";
import type { RunReader } from "../spill/run-reader.ts";
import { filePart, lowerBound, upperBound } from "./file-part.ts";
import { expandBits, firstRow, isDirect } from "./read-scan.ts";
import { isReadWhole, usedTexts, wholeTexts } from "./used-texts.ts";

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
  if (source.keys === undefined) return [span(first, last)].filter(([from, to]) => to > from);
  const keys = source.keys
    .map(BigInt)
    .filter((key) => key >= BigInt(file.firstKeyHash) && key <= BigInt(file.lastKeyHash));
  const hashes = keys.length * ROWS_PER_SEARCH > file.rows ? keyHashes(file, layout) : null;
  const segments: [number, number][] = [];
  for (const key of keys) {
    const [from, to] = hashes === null ? span(key, key) : [lowerBound(hashes, key), upperBound(hashes, key)];
    if (to === from) continue;
    // Entities that stand side by side are read at once.
    if (segments.at(-1)?.[1] === from) segments.at(-1)![1] = to;
    else segments.push([from, to]);
  }
  return segments;
}

/** Reading the hashes of so many rows takes as long as it takes to search the file for one. */
const ROWS_PER_SEARCH = 1 << 13;

function keyHashes(file: PreparedFile, layout: PreparedLayout): BigUint64Array {
  const hashes = new BigUint64Array(file.rows);
  const handle = openSync(file.path, "r");
  try {
    readAt(handle, new Uint8Array(hashes.buffer), layout.keyHash.offset);
  } finally {
    closeSync(handle);
  }
  return hashes;
}

/** Rows between two segments that are rather read than passed over. */
const NARROW_GAP = 256;
/** Rows that are read at once with gaps between them, at most. */
const MOST_SPAN = 1 << 16;

/** Segments that are read at once. */
interface Span {
  readonly segments: (readonly [from: number, to: number])[];
  rows: number;
}

function spansOf(segments: readonly (readonly [from: number, to: number])[]): Span[] {
  const spans: Span[] = [];
  for (const segment of segments) {
    const [from, to] = segment;
    const span = spans.at(-1);
    const near = span !== undefined && from - span.segments.at(-1)![1] <= NARROW_GAP;
    if (near && to - span.segments[0]![0] <= MOST_SPAN) {
      span.segments.push(segment);
      span.rows += to - from;
    } else {
      spans.push({ segments: [segment], rows: to - from });
    }
  }
  return spans;
}

class PreparedReader implements RunReader {
  readonly rows: number;
  readonly #source: ScanSource;
  readonly #scan: ScanFile;
  readonly #layout: PreparedLayout;
  readonly #file: number;
  readonly #spans: readonly Span[];
  /** The span that was read last, and its place among the rows. */
  #at = 0;
  #start = 0;
  readonly #texts = new Map<string, TextBytes>();

  constructor(source: ScanSource, scan: ScanFile, layout: PreparedLayout) {
    this.#source = source;
    this.#scan = scan;
    this.#layout = layout;
    this.#spans = spansOf(segmentsOf(source, scan));
    this.rows = this.#spans.reduce((sum, { rows }) => sum + rows, 0);
    this.#file = openSync(scan.file.path, "r");
  }

  read(from: number, to: number): StoredRows {
    if (from < this.#start) [this.#at, this.#start] = [0, 0];
    for (; this.#at < this.#spans.length; this.#start += this.#spans[this.#at++]!.rows) {
      const { segments, rows } = this.#spans[this.#at]!;
      const first = from - this.#start;
      if (first >= rows) continue;
      const end = Math.min(rows, to - this.#start);
      const [only] = segments;
      if (segments.length === 1) return this.#rows(only![0] + first, only![0] + end);
      const start = only![0];
      const whole = this.#rows(start, segments.at(-1)![1]);
      const chosen = Uint32Array.from(
        segments.flatMap(([a, b]) => Array.from({ length: b - a }, (_, row) => a - start + row)),
      );
      return gatherRows(whole, chosen.subarray(first, end));
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
        read ? this.#column(name, type, from, to) : { name, type, values: valuesArray(type, to - from) },
      ),
    };
  }

  #key(name: string, type: FenlType, from: number, to: number): RowSetColumn {
    if (!isTextKey(type)) return this.#column(name, type, from, to);
    const key = this.#values(name, type, from, to);
    const codes = key.values as Int32Array;
    for (let row = 0; row < codes.length; row++) codes[row]! += this.#scan.keyBase;
    return key;
  }

  #column(name: string, type: FenlType, from: number, to: number): RowSetColumn {
    const column = this.#values(name, type, from, to);
    const { texts } = this.#layout.columns.get(name)!;
    return texts === null
      ? column
      : { ...column, dictionary: this.#dictionary(name, texts, column.values as Int32Array) };
  }

  /** A column as it is in the file. */
  #values(name: string, type: FenlType, from: number, to: number): RowSetColumn {
    const place = this.#layout.columns.get(name)!;
    const values = valuesArray(type, 0);
    const valid = place.validity === null ? {} : { valid: this.#bits(place.validity, from, to) };
    if (place.arrow === Type.Bool)
      return { name, type, values: Int32Array.from(this.#bits(place.values, from, to)), ...valid };
    return { name, type, values: this.#fixed(values, place.values, from, to), ...valid };
  }

  /** The texts that some codes stand for; where these are many, the codes become those of the ones that occur. */
  #dictionary(name: string, place: TextsPlace, codes: Int32Array): TextBytes {
    if (!isReadWhole(place)) return usedTexts(this.#file, place, codes);
    const texts = this.#texts.get(name) ?? wholeTexts(this.#file, place);
    this.#texts.set(name, texts);
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

import { closeSync, openSync } from "node:fs";
import { isTextKey } from "../../compile/stage-layout.ts";
import { valuesArray } from "../../tables/column-data.ts";
import { type EntityIndex, lowerBound, spread, upperBound } from "../../tables/prepared/entity-index.ts";
import { wholeSubsorts } from "../../tables/prepared/stored-identity.ts";
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
import { type EntityPlace, FileEntities, withEntities } from "./file-entities.ts";
import { filePart } from "./file-part.ts";
import { expandBits, isDirect } from "./read-scan.ts";
import { isReadWhole, usedTexts, wholeTexts } from "./used-texts.ts";

type ScanSource = Extract<JobSource, { kind: "scan" }>;

/** How many rows a scan reads of a file: exact, from the file's index of entities. */
export function scannedRows(source: ScanSource, scan: ScanFile): number {
  return segmentsOf(source, scan).reduce((sum, { from, to }) => sum + to.row - from.row, 0);
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

/** Entities of a file that stand side by side. */
interface Segment {
  readonly from: EntityPlace;
  to: EntityPlace;
}

/** The entities of a file that a scan takes, as segments in order. */
function segmentsOf(source: ScanSource, { file }: ScanFile): Segment[] {
  const layout = preparedLayout(file);
  if (layout === null) return [];
  const [first, last] = [BigInt(source.range.first), BigInt(source.range.last)];
  const [least, most] = [BigInt(file.firstKeyHash), BigInt(file.lastKeyHash)];
  if (most < first || least > last) return [];
  return withEntities(file, layout, (entities) => {
    const segments: Segment[] = [];
    const add = ([from, to]: readonly [EntityPlace, EntityPlace]) => {
      if (to.row === from.row) return;
      // Entities that stand side by side are read at once.
      const before = segments.at(-1);
      if (before?.to.row === from.row) before.to = to;
      else segments.push({ from, to });
    };
    if (source.keys === undefined) {
      add(entities.between(first, last));
      return segments;
    }
    const keys = source.keys.map(BigInt).filter((key) => key >= least && key <= most);
    const find = keys.length * ENTITIES_PER_SEARCH > file.rows ? wholeIndex(entities) : entities;
    for (const key of keys) add(find.between(key, key));
    return segments;
  });
}

/** Reading so many entities takes as long as it takes to search the file for one. */
const ENTITIES_PER_SEARCH = 1 << 13;

/** Finds entities in an index that has been read as a whole. */
function wholeIndex(entities: FileEntities): Pick<FileEntities, "between"> {
  const { hashes, ends } = entities.index({ entity: 0, row: 0 }, entities.end);
  const place = (entity: number) => ({ entity, row: entity === 0 ? 0 : ends[entity - 1]! });
  return { between: (first, last) => [place(lowerBound(hashes, first)), place(upperBound(hashes, last))] };
}

/** Rows between two segments that are rather read than passed over. */
const NARROW_GAP = 256;
/** Rows that are read at once with gaps between them, at most. */
const MOST_SPAN = 1 << 16;

/** Segments that are read at once. */
interface Span {
  readonly segments: Segment[];
  rows: number;
}

function spansOf(segments: readonly Segment[]): Span[] {
  const spans: Span[] = [];
  for (const segment of segments) {
    const { from, to } = segment;
    const span = spans.at(-1);
    const near = span !== undefined && from.row - span.segments.at(-1)!.to.row <= NARROW_GAP;
    if (near && to.row - span.segments[0]!.from.row <= MOST_SPAN) {
      span.segments.push(segment);
      span.rows += to.row - from.row;
    } else {
      spans.push({ segments: [segment], rows: to.row - from.row });
    }
  }
  return spans;
}

/** Some rows of a file, and their entities. */
interface Places {
  readonly from: number;
  readonly to: number;
  /** The first one's place in its segment. */
  readonly base: number;
  /** The first entity, and where in the segment the rows of each end. */
  readonly entity: number;
  readonly ends: Uint32Array;
}

/** The entity that a row belongs to. */
function entityOfRow(ends: Uint32Array, row: number): number {
  let from = 0;
  let to = ends.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ends[middle]! <= row) from = middle + 1;
    else to = middle;
  }
  return from;
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
  #indexed: { readonly segment: Segment; readonly index: EntityIndex } | null = null;
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
      const all = { from: segments[0]!.from, to: segments.at(-1)!.to };
      const start = all.from.row;
      if (segments.length === 1) return this.#rows(all, start + first, start + end);
      const whole = this.#rows(all, start, all.to.row);
      const chosen = Uint32Array.from(
        segments.flatMap((own) =>
          Array.from({ length: own.to.row - own.from.row }, (_, row) => own.from.row - start + row),
        ),
      );
      return gatherRows(whole, chosen.subarray(first, end));
    }
    throw new RangeError("there are no rows after the last one");
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Rows of the file, which are among those of some entities. */
  #rows(segment: Segment, from: number, to: number): StoredRows {
    const { time } = this.#layout;
    const { keyColumn, columns } = this.#source;
    const { hashes, ends } = this.#index(segment);
    const base = from - segment.from.row;
    const first = entityOfRow(ends, base);
    const last = entityOfRow(ends, to - segment.from.row - 1);
    const places = { from, to, base, entity: segment.from.entity + first, ends: ends.subarray(first, last + 1) };
    return {
      rows: to - from,
      keyHash: this.#ofEntities(hashes.subarray(first, last + 1), places),
      time: this.#fixed(new BigInt64Array(0), time, from, to),
      subsort: this.#subsorts(from, to),
      ...(keyColumn ? { key: this.#key(keyColumn.name, keyColumn.type, places) } : {}),
      columns: columns.map(({ name, type, read }) =>
        read ? this.#column(name, type, places) : { name, type, values: valuesArray(type, to - from) },
      ),
    };
  }

  /** The entities of a segment, of which the last one's are kept. */
  #index(segment: Segment): EntityIndex {
    if (this.#indexed?.segment !== segment) {
      const entities = new FileEntities(this.#scan.file, this.#layout, this.#file);
      this.#indexed = { segment, index: entities.index(segment.from, segment.to) };
    }
    return this.#indexed.index;
  }

  /** The values of entities for each of some rows. */
  #ofEntities<T extends RowArray>(values: T, { from, to, base, ends }: Places): T {
    const rows = owned(values, to - from);
    const asWords = ({ buffer, byteOffset, byteLength }: T) => new Int32Array(buffer, byteOffset, byteLength >> 2);
    spread(asWords(values), ends, base, asWords(rows), values.BYTES_PER_ELEMENT / 4);
    return rows;
  }

  #subsorts(from: number, to: number): BigUint64Array {
    const { subsort } = this.#layout;
    if (subsort.first === null) return this.#fixed(new BigUint64Array(0), subsort, from, to);
    const above = new Uint32Array(to - from);
    readAt(this.#file, new Uint8Array(above.buffer), subsort.offset + 4 * from);
    return wholeSubsorts(subsort.first, above);
  }

  #key(name: string, type: FenlType, places: Places): RowSetColumn {
    if (!isTextKey(type)) return this.#column(name, type, places);
    const key = this.#values(name, type, places);
    const codes = key.values as Int32Array;
    for (let row = 0; row < codes.length; row++) codes[row]! += this.#scan.keyBase;
    return key;
  }

  #column(name: string, type: FenlType, places: Places): RowSetColumn {
    const column = this.#values(name, type, places);
    const { texts } = this.#layout.columns.get(name)!;
    return texts === null
      ? column
      : { ...column, dictionary: this.#dictionary(name, texts, column.values as Int32Array) };
  }

  /** A column as it is in the file. */
  #values(name: string, type: FenlType, places: Places): RowSetColumn {
    const { from, to } = places;
    const place = this.#layout.columns.get(name)!;
    const like = valuesArray(type, 0);
    const valid = place.validity === null ? {} : { valid: this.#bits(place.validity, from, to) };
    if (place.form === "bits")
      return { name, type, values: Int32Array.from(this.#bits(place.values, from, to)), ...valid };
    if (!place.byEntity) return { name, type, values: this.#fixed(like, place.values, from, to), ...valid };
    const own = this.#fixed(like, place.values, places.entity, places.entity + places.ends.length);
    return { name, type, values: this.#ofEntities(own, places) };
  }

  /** The texts that some codes stand for; where these are many, the codes become those of the ones that occur. */
  #dictionary(name: string, place: TextsPlace, codes: Int32Array): TextBytes {
    if (!isReadWhole(place, codes.length)) return usedTexts(this.#file, place, codes);
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

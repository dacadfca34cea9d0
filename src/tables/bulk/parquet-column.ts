import { isAscii, isUtf8 } from "node:buffer";
import { readSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decompress } from "fzstd";
import type { DecodedColumn } from "./decoded-column.ts";
import { concatTexts, expandCodes } from "./decoded-column.ts";
import { inSteps } from "./kernels.ts";
import type { ColumnChunk, ParquetColumn } from "./parquet-file.ts";
import { areOnes, readRuns } from "./parquet-runs.ts";
import type { Scratch } from "./scratch.ts";
import { decompressSnappy } from "./snappy.ts";
import { copyText, wordsOf } from "./text-bytes.ts";
import type { ThriftStruct } from "./thrift.ts";
import { numberAt, structAt, ThriftReader } from "./thrift.ts";
import { Unfit } from "./unfit.ts";

const ZSTD = 6;

const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RUNS = 3;
const DELTA = 5;
const DELTA_LENGTHS = 6;
const DELTA_TEXTS = 7;
const RLE_DICTIONARY = 8;

/** Columns of fewer rows for each entry of their dictionaries are kept as texts: a dictionary goes with each range. */
const ROWS_PER_ENTRY = 16;

/** Values of a dictionary page. */
type Dictionary = { readonly count: number } & (
  | { readonly form: "fixed"; readonly words: Uint32Array }
  | { readonly form: "texts"; readonly offsets: Int32Array; readonly bytes: Uint8Array }
);

/**
 * Reads a column of consecutive row groups. The result is in memory of `scratch` under names that begin with `name`.
 * @throws Unfit where a page is not as it should be, or written in a way that is not read here
 */
export function readColumn(
  file: number,
  column: ParquetColumn,
  chunks: readonly ColumnChunk[],
  rows: number,
  scratch: Scratch,
  name: string,
): DecodedColumn {
  const reader = new ColumnReader(column, rows, scratch, name);
  for (const chunk of chunks) reader.chunk(file, chunk);
  return reader.finish();
}

class ColumnReader {
  private readonly column: ParquetColumn;
  private readonly rows: number;
  private readonly scratch: Scratch;
  private readonly name: string;
  private readonly valid: Uint8Array | null;
  private nulls = 0;
  private row = 0;
  private dictionary: Dictionary | null = null;
  /** Fixed values. */
  private readonly values: Uint8Array | null;
  /** Texts: codes of all dictionaries so far, as long as all pages have codes. */
  private codes: Int32Array | null = null;
  private dictionaries: { offsets: Int32Array; bytes: Uint8Array }[] = [];
  private codeBase = 0;
  private offsets: Int32Array | null = null;
  private textBytes: Uint8Array;
  private textEnd = 0;

  constructor(column: ParquetColumn, rows: number, scratch: Scratch, name: string) {
    this.column = column;
    this.rows = rows;
    this.scratch = scratch;
    this.name = name;
    this.valid = column.optional ? scratch.bytes(`${name} valid`, rows) : null;
    const width = column.form === "bits" ? 1 : column.form;
    this.values = width === "texts" ? null : scratch.bytes(`${name} values`, rows * width);
    this.textBytes = new Uint8Array(0);
  }

  chunk(file: number, chunk: ColumnChunk): void {
    const bytes = this.scratch.bytes("chunk", chunk.size);
    for (let read = 0; read < chunk.size; ) {
      const count = readSync(file, bytes, read, chunk.size - read, chunk.offset + read);
      if (count === 0) throw new Unfit("the file ends too early");
      read += count;
    }
    this.dictionary = null;
    const end = this.row + chunk.values;
    for (let at = 0; this.row < end; ) {
      const reader = new ThriftReader(bytes, at);
      const header = reader.struct();
      const [type, size, compressed] = [numberAt(header, 1), numberAt(header, 2) ?? -1, numberAt(header, 3) ?? -1];
      if (size < 0 || compressed < 0 || reader.at + compressed > bytes.length) throw new Unfit("a page is damaged");
      at = reader.at + compressed;
      const page = bytes.subarray(reader.at, at);
      if (type === 0) this.page(structAt(header, 5), this.inflate(page, size, chunk.codec), end);
      else if (type === 2) this.readDictionary(structAt(header, 7), this.inflate(page, size, chunk.codec));
      else if (type === 3) this.pageV2(structAt(header, 8), page, size, chunk.codec, end);
      else if (type !== 1) throw new Unfit("a page is of an unknown kind");
    }
  }

  /** The bytes are in memory of `scratch`, until another page is inflated. */
  private inflate(bytes: Uint8Array, size: number, codec: number): Uint8Array {
    if (codec === 0) return bytes;
    const page = this.scratch.bytes("page", size);
    if (codec === 2) return inflateGzip(bytes, page);
    if (codec === ZSTD) return inflateZstd(bytes, page);
    decompressSnappy(bytes, page, this.scratch.run);
    return page;
  }

  private readDictionary(header: ThriftStruct | undefined, page: Uint8Array): void {
    const count = (header && numberAt(header, 1)) ?? -1;
    const encoding = header && numberAt(header, 2);
    if (count < 0 || (encoding !== PLAIN && encoding !== PLAIN_DICTIONARY)) throw new Unfit("a dictionary is damaged");
    if (this.column.form === "texts") {
      const offsets = new Int32Array(count + 1);
      const bytes = new Uint8Array(page.length);
      splitTexts(page, offsets, 0, count, bytes, 0, null);
      const texts = { offsets, bytes: bytes.subarray(0, offsets[count]) };
      checkTexts(texts.bytes, offsets, 0, count);
      this.dictionary = { form: "texts", count, ...texts };
      this.codeBase = this.dictionaries.reduce((sum, one) => sum + one.offsets.length - 1, 0);
      this.dictionaries.push(texts);
      return;
    }
    const width = this.column.form;
    if (width === "bits" || page.length < count * width) throw new Unfit("a dictionary is damaged");
    const words = this.scratch.uint32("dictionary", (count * width) / 4);
    new Uint8Array(words.buffer, words.byteOffset, count * width).set(page.subarray(0, count * width));
    this.dictionary = { form: "fixed", count, words };
  }

  private page(header: ThriftStruct | undefined, page: Uint8Array, end: number): void {
    const count = (header && numberAt(header, 1)) ?? -1;
    if (header === undefined || count < 0 || this.row + count > end) throw new Unfit("a page is damaged");
    let from = 0;
    if (this.valid !== null) {
      if (numberAt(header, 3) !== RUNS || page.length < 4) throw new Unfit("a page is damaged");
      const length = page[0]! | (page[1]! << 8) | (page[2]! << 16) | (page[3]! * 2 ** 24);
      from = 4 + length;
      if (length < 0 || from > page.length) throw new Unfit("a page is damaged");
      this.readValidity(page.subarray(4, from), count);
    }
    this.readValues(numberAt(header, 2), page.subarray(from), count);
  }

  private pageV2(header: ThriftStruct | undefined, page: Uint8Array, size: number, codec: number, end: number): void {
    const count = (header && numberAt(header, 1)) ?? -1;
    if (header === undefined || count < 0 || this.row + count > end) throw new Unfit("a page is damaged");
    const levels = (numberAt(header, 5) ?? 0) + (numberAt(header, 6) ?? 0);
    if (numberAt(header, 6) || levels > page.length) throw new Unfit("a page is damaged");
    if (this.valid !== null) this.readValidity(page.subarray(0, levels), count);
    const data = page.subarray(levels);
    const compressed = header.get(7) !== false && data.length > 0;
    this.readValues(numberAt(header, 4), compressed ? this.inflate(data, size - levels, codec) : data, count);
  }

  /** As long as there is no null, nothing is noted. */
  private readValidity(levels: Uint8Array, count: number): void {
    const valid = this.valid!.subarray(this.row, this.row + count);
    this.pageNulls = 0;
    if (areOnes(levels, count)) {
      if (this.nulls > 0) valid.fill(1);
      return;
    }
    if (this.nulls === 0) this.valid!.fill(1, 0, this.row);
    readRuns(levels, 1, valid, count, 2);
    let present = count;
    for (let row = valid.indexOf(0); row >= 0 && row < count; row++) present -= 1 - valid[row]!;
    this.nulls += count - present;
    this.pageNulls = count - present;
  }

  /** Of the page that is read. */
  private pageNulls = 0;

  private readValues(encoding: number | undefined, bytes: Uint8Array, count: number): void {
    const present = count - (this.valid === null ? 0 : this.pageNulls);
    const valid = present === count ? null : this.valid!.subarray(this.row, this.row + count);
    if (encoding === PLAIN) this.plain(bytes, count, present, valid);
    else if (encoding === DELTA) this.deltas(bytes, count, present, valid);
    else if (encoding === DELTA_LENGTHS && this.column.form === "texts") this.lengths(bytes, count, present, valid);
    else if (encoding === DELTA_TEXTS && this.column.form === "texts") this.fronts(bytes, count, present, valid);
    else if (encoding === RLE_DICTIONARY || encoding === PLAIN_DICTIONARY) this.coded(bytes, count, present, valid);
    else if (encoding === RUNS && this.column.form === "bits") {
      if (bytes.length < 4) throw new Unfit("a page is damaged");
      const to = this.values!.subarray(this.row, this.row + count);
      readRuns(bytes.subarray(4), 1, to, present, 2);
      spread(to, present, valid);
    } else throw new Unfit("a page's encoding is not read here");
    this.row += count;
  }

  private plain(bytes: Uint8Array, count: number, present: number, valid: Uint8Array | null): void {
    const { form } = this.column;
    if (form === "texts") {
      this.startTexts(bytes.length);
      const end =
        valid === null
          ? this.splitAll(bytes, count)
          : splitTexts(bytes, this.offsets!, this.row, count, this.textBytes, this.textEnd, valid);
      checkTexts(this.textBytes, this.offsets!, this.row, count);
      this.textEnd = end;
      return;
    }
    if (form === "bits") {
      if (bytes.length < (present + 7) >> 3) throw new Unfit("a page ends too early");
      const to = this.values!.subarray(this.row, this.row + count);
      this.spreadBits(bytes, to, present);
      spread(to, present, valid);
      return;
    }
    if (bytes.length < present * form) throw new Unfit("a page ends too early");
    const to = this.values!.subarray(this.row * form, (this.row + count) * form);
    to.set(bytes.subarray(0, present * form));
    if (valid !== null) spread(new Uint32Array(to.buffer, to.byteOffset, to.length / 4), present, valid, form / 4);
  }

  private deltas(bytes: Uint8Array, count: number, present: number, valid: Uint8Array | null): void {
    const { form } = this.column;
    if (form === "texts" || form === "bits") throw new Unfit("a page's encoding is not read here");
    const to = this.values!.subarray(this.row * form, (this.row + count) * form);
    const end = bytes.byteOffset + bytes.length;
    if (this.scratch.run.addDeltas(bytes.byteOffset, present, end, to.byteOffset, form === 8 ? 1 : 0) === 0) {
      throw new Unfit("a page is damaged");
    }
    spread(new Uint32Array(to.buffer, to.byteOffset, to.length / 4), present, valid, form / 4);
  }

  /** Texts whose lengths come before them all. */
  private lengths(bytes: Uint8Array, count: number, present: number, valid: Uint8Array | null): void {
    const lengths = this.lengthsAt(bytes, "lengths", present);
    const size = sumOf(lengths);
    if (size > bytes.length) throw new Unfit("a page ends too early");
    this.startTexts(size);
    this.textBytes.set(bytes.subarray(bytes.length - size), this.textEnd);
    this.endTexts(lengths, count, valid);
  }

  /** Texts of which each tells what it shares with the one before. */
  private fronts(bytes: Uint8Array, count: number, present: number, valid: Uint8Array | null): void {
    const { run } = this.scratch;
    const end = bytes.byteOffset + bytes.length;
    const behind = () => Math.min(run.deltasEnd() >>> 0, end);
    const shared = this.lengthsAt(bytes, "lengths", present);
    const others = this.lengthsAt(bytes.subarray(behind() - bytes.byteOffset), "other lengths", present);
    const at = behind();
    this.startTexts(sumOf(shared) + sumOf(others));
    const to = this.textBytes.byteOffset + this.textEnd;
    if (run.joinFronts(shared.byteOffset, present, others.byteOffset, at, end, to) === -1) {
      throw new Unfit("a page is damaged");
    }
    this.endTexts(shared, count, valid);
  }

  /** Lengths that a page begins with. */
  private lengthsAt(bytes: Uint8Array, name: string, present: number): Int32Array {
    const lengths = this.scratch.int32(name, present);
    const end = bytes.byteOffset + bytes.length;
    if (this.scratch.run.addDeltas(bytes.byteOffset, present, end, lengths.byteOffset, 0) === 0) {
      throw new Unfit("a page is damaged");
    }
    return lengths;
  }

  /** Takes note of where texts end that were written behind the others. */
  private endTexts(lengths: Int32Array, count: number, valid: Uint8Array | null): void {
    const offsets = this.offsets!;
    offsets[this.row] = this.textEnd;
    for (let row = 0, next = 0; row < count; row++) {
      if (valid === null || valid[row] !== 0) this.textEnd += lengths[next++]!;
      offsets[this.row + row + 1] = this.textEnd;
    }
    checkTexts(this.textBytes, offsets, this.row, count);
  }

  /** Takes apart texts of which none is null; where the last ends. */
  private splitAll(bytes: Uint8Array, count: number): number {
    const { run } = this.scratch;
    const state = this.scratch.int32("state", 1);
    const offsets = this.offsets!.byteOffset + 4 * this.row;
    const atEnd = bytes.byteOffset + bytes.length;
    state[0] = bytes.byteOffset;
    let end = this.textEnd;
    this.offsets![this.row] = end;
    inSteps(count, (from, rows) => {
      const at = state[0]!;
      end = run.splitTexts(at, atEnd, rows, offsets + 4 * from, this.textBytes.byteOffset, end, state.byteOffset);
      if (end < 0) throw new Unfit("a page ends too early");
    });
    return end;
  }

  /** A byte for each bit, of which whole bytes are taken. */
  private spreadBits(bits: Uint8Array, to: Uint8Array, count: number): void {
    const bytes = this.scratch.bytes("bits", 8 * ((count + 7) >> 3));
    this.scratch.run.spreadBits(bits.byteOffset, bytes.length / 8, bytes.byteOffset);
    to.set(bytes.subarray(0, count));
  }

  private coded(bytes: Uint8Array, count: number, present: number, valid: Uint8Array | null): void {
    const { dictionary } = this;
    const width = bytes[0] ?? 0;
    if (dictionary === null || width > 32) throw new Unfit("a page has no dictionary");
    if (dictionary.form === "fixed") {
      const codes = this.scratch.int32("codes", count);
      readRuns(bytes.subarray(1), width, codes, present, dictionary.count);
      spread(codes, present, valid);
      const each = (this.column.form as 4 | 8) / 4;
      const to = this.values!.byteOffset + this.row * each * 4;
      const from = dictionary.words.byteOffset;
      // Codes of null rows are 0, where there is a dictionary at all.
      if (dictionary.count === 0) return;
      const { gather8, gather4 } = this.scratch.run;
      const gather = each === 2 ? gather8 : gather4;
      inSteps(count, (row, rows) => gather(codes.byteOffset + 4 * row, rows, from, to + 4 * each * row));
      return;
    }
    if (this.offsets === null) {
      this.codes ??= this.scratch.int32(`${this.name} codes`, this.rows);
      const codes = this.codes.subarray(this.row, this.row + count);
      readRuns(bytes.subarray(1), width, codes, present, dictionary.count);
      spread(codes, present, valid);
      const base = this.codeBase;
      if (base > 0) for (let row = 0; row < count; row++) codes[row]! += base;
      return;
    }
    const codes = this.scratch.int32("codes", count);
    readRuns(bytes.subarray(1), width, codes, present, dictionary.count);
    spread(codes, present, valid);
    this.appendExpanded(codes, dictionary, valid);
  }

  /** Goes over to texts, where some pages have codes and others texts. */
  private startTexts(more: number): void {
    if (this.offsets === null) {
      this.offsets = this.scratch.int32(`${this.name} offsets`, this.rows + 1);
      this.offsets[0] = 0;
      if (this.codes !== null) {
        const { codes } = this;
        const rows = this.row;
        this.row = 0;
        const valid = this.nulls > 0 ? this.valid!.subarray(0, rows) : null;
        this.appendExpanded(codes.subarray(0, rows), concatTexts(this.dictionaries), valid);
        this.row = rows;
        this.codes = null;
      }
    }
    this.reserve(more);
  }

  private reserve(more: number): void {
    const size = this.textEnd + more;
    if (size > 2 ** 31 - 1) throw new Unfit("a piece has more than 2 GiB of text");
    if (size > this.textBytes.length) {
      this.textBytes = this.scratch.bytes(`${this.name} bytes`, Math.max(size, 2 * this.textBytes.length), true);
    }
  }

  private appendExpanded(
    codes: Int32Array,
    texts: { offsets: Int32Array; bytes: Uint8Array },
    valid: Uint8Array | null,
  ) {
    let size = 0;
    for (let row = 0; row < codes.length; row++) {
      if (valid !== null && valid[row] === 0) continue;
      size += texts.offsets[codes[row]! + 1]! - texts.offsets[codes[row]!]!;
    }
    this.reserve(size);
    this.textEnd = expandCodes(codes, texts, valid, this.offsets!, this.row, this.textBytes, this.textEnd);
  }

  finish(): DecodedColumn {
    if (this.row !== this.rows) throw new Unfit("a column ends too early");
    const valid = this.nulls > 0 ? this.valid : null;
    const { form } = this.column;
    if (form !== "texts") {
      return { form: "fixed", width: form === "bits" ? 1 : form, bytes: this.values!, valid };
    }
    const distinct = this.dictionaries.reduce((sum, { offsets }) => sum + offsets.length - 1, 0);
    if (this.offsets === null && this.codes !== null && distinct * ROWS_PER_ENTRY <= this.rows) {
      return { form: "codes", codes: this.codes, dictionary: concatTexts(this.dictionaries), valid };
    }
    this.startTexts(0);
    return { form: "texts", offsets: this.offsets!, bytes: this.textBytes.subarray(0, this.textEnd), valid };
  }
}

/** @throws Unfit where one is not a length */
function sumOf(lengths: Int32Array): number {
  let sum = 0;
  for (const length of lengths) {
    if (length < 0) throw new Unfit("a page is damaged");
    sum += length;
  }
  return sum;
}

function inflateGzip(bytes: Uint8Array, to: Uint8Array): Uint8Array {
  try {
    const inflated = gunzipSync(bytes, { maxOutputLength: to.length });
    to.set(inflated);
    return to.subarray(0, inflated.length);
  } catch (error) {
    throw new Unfit((error as Error).message);
  }
}

function inflateZstd(bytes: Uint8Array, to: Uint8Array): Uint8Array {
  try {
    return decompress(bytes, to);
  } catch (error) {
    throw new Unfit((error as Error).message);
  }
}

/** Moves the first `present` values to the rows that are valid, from the last on; `each` words a value. */
function spread(
  values: Uint8Array | Int32Array | Uint32Array,
  present: number,
  valid: Uint8Array | null,
  each = 1,
): void {
  if (valid === null) return;
  let from = present - 1;
  for (let row = valid.length - 1; row >= 0; row--) {
    if (valid[row] === 0) {
      for (let word = 0; word < each; word++) values[row * each + word] = 0;
      continue;
    }
    for (let word = 0; word < each; word++) values[row * each + word] = values[from * each + word]!;
    from--;
  }
}

/** Takes apart texts that follow their lengths, to `offsets` from `row` on and bytes from `end` on; the new end. */
function splitTexts(
  from: Uint8Array,
  offsets: Int32Array,
  row: number,
  count: number,
  to: Uint8Array,
  end: number,
  valid: Uint8Array | null,
): number {
  const fromWords = wordsOf(from);
  const toWords = wordsOf(to);
  let at = 0;
  let out = end;
  offsets[row] = out;
  for (let index = 0; index < count; index++) {
    if (valid === null || valid[index] !== 0) {
      const size = at + 4 <= from.length ? fromWords.getInt32(at, true) : -1;
      at += 4;
      if (!(size >= 0 && at + size <= from.length)) throw new Unfit("a page ends too early");
      copyText(from, fromWords, at, to, toWords, out, size);
      at += size;
      out += size;
    }
    offsets[row + index + 1] = out;
  }
  return out;
}

/** All bytes are UTF-8, and no text begins within a character. */
function checkTexts(bytes: Uint8Array, offsets: Int32Array, from: number, count: number): void {
  const [start, end] = [offsets[from]!, offsets[from + count]!];
  const texts = bytes.subarray(start, end);
  if (isAscii(texts)) return;
  if (!isUtf8(texts)) throw new Unfit("a text is not UTF-8");
  for (let index = 0; index < count; index++) {
    const at = offsets[from + index]!;
    if (at < end && (bytes[at]! & 0xc0) === 0x80) throw new Unfit("a text is not UTF-8");
  }
}

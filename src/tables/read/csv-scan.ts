import { isUtf8 } from "node:buffer";
import { describePlace, TableError } from "../table-error.ts";
import type { RejectedLine } from "./source-table.ts";

const LF = 0x0a;
const CR = 0x0d;

/** The bytes that divide cells and that quote them. */
export interface CsvDialect {
  readonly delimiter: number;
  readonly quote: number;
}

/** Commas, and double quotes. */
export const COMMAS: CsvDialect = { delimiter: 0x2c, quote: 0x22 };

/** The line ends of a file: it has one kind outside quotes. */
export type LineEnd = "\n" | "\r\n" | "\r";

const LINE_END_NAMES: Readonly<Record<LineEnd, string>> = { "\n": "LF", "\r\n": "CRLF", "\r": "CR" };

/** The largest offset up to which bytes can be judged: a character cut off at the end is left for the next part. */
function wholeCharacters(bytes: Uint8Array): number {
  const size = bytes.length;
  for (let back = 1; back <= Math.min(3, size); back++) {
    const byte = bytes[size - back]!;
    if (byte < 0x80) return size;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? size - back : size;
  }
  return size;
}

/** The offset of the first byte that does not belong to a UTF-8 character, or -1. */
function firstInvalidByte(bytes: Uint8Array, final: boolean): number {
  const end = final ? bytes.length : wholeCharacters(bytes);
  if (isUtf8(bytes.subarray(0, end))) return -1;
  let at = 0;
  for (;;) {
    const lead = bytes[at]!;
    let length = 1;
    if (lead >= 0x80) {
      length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
      if (at + length > end || !isUtf8(bytes.subarray(at, at + length))) return at;
    }
    at += length;
  }
}

/**
 * Checks that bytes are CSV of a dialect, before they are parsed: RFC 4180 but for the divider and the quote, one kind of line end (LF, CRLF or
 * CR), blank lines skipped. Misplaced, trailing and unclosed quotes, ragged rows and bytes that are not UTF-8 are
 * errors that name row, line and byte; with `skip` such rows are put aside, and what follows is read on: after a row that is
 * whole the next one, after misplaced quotes the next line. Parts are given in order; what `scan` did not consume is given
 * again.
 */
export class CsvScanner {
  private readonly file: string;
  private readonly delimiter: number;
  private readonly quote: number;
  private lineEnd: LineEnd | undefined;
  private header: readonly string[] | undefined;
  private line = 1;
  private offset = 0;
  private records = 0;
  /** Cells of every record; -1 before the first. */
  private width = -1;
  private readonly breakRows: number[] = [];
  private readonly breakLines: number[] = [];
  /** The numbers in the file of the rows at the breaks. */
  private readonly breakNumbers: number[] = [];
  private readonly skip: boolean;
  /** Rows that were put aside. */
  readonly rejected: RejectedLine[] = [];
  /** Where in the bytes that were scanned last rows were put aside: from where to where. */
  gaps: (readonly [from: number, to: number])[] = [];

  constructor(file: string, offset: number, dialect: CsvDialect = COMMAS, skip = false) {
    this.file = file;
    this.skip = skip;
    this.offset = offset;
    this.delimiter = dialect.delimiter;
    this.quote = dialect.quote;
  }

  /** The file's line ends, as far as it has any. */
  get recordDelimiter(): LineEnd {
    return this.lineEnd ?? "\n";
  }

  /** Names the columns in errors, once the header is known. */
  nameColumns(header: readonly string[]): void {
    this.header = header;
  }

  /** The line on which a row of data starts, and its number in the file; all from 1. */
  placeOf(row: number): { readonly line: number; readonly row: number } {
    const at = this.breakBefore(row);
    const after = row - this.breakRows[at]!;
    return { line: this.breakLines[at]! + after, row: this.breakNumbers[at]! + after };
  }

  private breakBefore(row: number): number {
    let low = 0;
    let high = this.breakRows.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.breakRows[middle]! <= row) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * Scans whole records from the start of `bytes`; says how many bytes they take. `final`: nothing follows. The first
   * scan ends after the header, so that `nameColumns` can be called.
   */
  scan(bytes: Uint8Array, final: boolean): number {
    this.gaps = [];
    const invalid = firstInvalidByte(bytes, final);
    if (this.skip && this.header !== undefined) return this.scanAndSkip(bytes, final, invalid < 0);
    const valid = invalid < 0 ? bytes : bytes.subarray(0, invalid);
    let at = 0;
    while (at < valid.length) {
      const next = this.scanRecord(valid, at, final && invalid < 0);
      if (next < 0) break;
      at = next;
      if (this.header === undefined && this.records === 1) break;
    }
    if (invalid >= 0 && (this.header !== undefined || this.records === 0)) throw this.invalidByte(bytes, at, invalid);
    this.offset += at;
    return at;
  }

  private scanAndSkip(bytes: Uint8Array, final: boolean, isValid: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      const next = this.scanOrReject(bytes, at, final, isValid);
      if (next < 0) break;
      at = next;
    }
    this.offset += at;
    return at;
  }

  /** The same as {@link scanRecord}, for a record that may be put aside. */
  private scanOrReject(bytes: Uint8Array, start: number, final: boolean, isValid: boolean): number {
    const before = { line: this.line, records: this.records, breaks: this.breakRows.length };
    try {
      const next = this.scanRecord(bytes, start, final);
      if (isValid || next < 0 || isUtf8(bytes.subarray(start, next))) return next;
      // It is no record after all.
      const lines = this.line - before.line;
      this.line = before.line;
      this.records = before.records;
      this.breakRows.length = this.breakLines.length = this.breakNumbers.length = before.breaks;
      const invalid = start + firstInvalidByte(bytes.subarray(start, next), true);
      this.reject(bytes, start, next, lines, this.invalidByte(bytes, start, invalid));
      return next;
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      // A quote may have taken the lines after it along: only its own is known to be wrong.
      let end = start;
      while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++;
      if (end >= bytes.length - 1 && !final) return -1;
      if (end < bytes.length) end += bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1;
      this.reject(bytes, start, end, 1, error);
      return end;
    }
  }

  /** Puts a row aside. */
  private reject(bytes: Uint8Array, start: number, end: number, lines: number, { message }: TableError): void {
    const text = Buffer.from(bytes.subarray(start, end))
      .toString("utf8")
      .replace(/[\r\n]+$/, "");
    this.rejected.push({ row: this.rowNumber(), line: this.line, reason: message, text });
    this.gaps.push([start, end]);
    this.line += lines;
  }

  /** The number in the file of the row of data that comes next. */
  private rowNumber(): number {
    return this.records + this.rejected.length;
  }

  /** The end of the record (or blank line) at `start`, or -1 when more bytes are needed. */
  private scanRecord(bytes: Uint8Array, start: number, final: boolean): number {
    const { delimiter, quote: quoteByte } = this;
    const end = bytes.length;
    let at = start;
    let cells = 0;
    let linesInside = 0;
    for (;;) {
      if (bytes[at] === quoteByte) {
        const opening = at++;
        for (;;) {
          const quote = bytes.indexOf(quoteByte, at);
          if (quote < 0) {
            if (!final) return -1;
            throw this.error(opening, cells, linesInside, "this quote is never closed");
          }
          for (; at < quote; at++) if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) linesInside++;
          if (quote + 1 >= end && !final) return -1;
          at = quote + 1;
          if (bytes[at] !== quoteByte) break;
          at++;
        }
        if (at < end && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) {
          const divider = delimiter === COMMAS.delimiter ? "a comma" : JSON.stringify(String.fromCharCode(delimiter));
          const message = `text after a closing quote; expected ${divider} or the line's end, and quotes inside quotes doubled`;
          throw this.error(at, cells, linesInside, message);
        }
      } else {
        let byte = bytes[at];
        while (at < end && byte !== delimiter && byte !== LF && byte !== CR) {
          if (byte === quoteByte) {
            const message = "a quote inside an unquoted cell; quote the whole cell and double the quotes in it";
            throw this.error(at, cells, linesInside, message);
          }
          byte = bytes[++at];
        }
      }
      cells++;
      if (at >= end && !final) return -1;
      if (bytes[at] !== delimiter || at >= end) break;
      at++;
    }
    let next = at;
    if (at < end) {
      next = this.passLineEnd(bytes, at, final);
      if (next < 0) return -1;
    }
    if (at === start) {
      this.line++;
      return next;
    }
    if (this.width < 0) this.width = cells;
    else if (cells !== this.width) {
      const has = `${cells} ${cells === 1 ? "cell" : "cells"}`;
      const ragged = this.error(start, -1, 0, `${has}, and the header has ${this.width}`);
      if (!this.skip || this.header === undefined) throw ragged;
      this.reject(bytes, start, next, linesInside + 1, ragged);
      return next;
    }
    const last = this.breakRows.length - 1;
    const records = last < 0 ? -1 : this.records - this.breakRows[last]!;
    const isBreak =
      this.line - this.breakLines[last]! !== records || this.rowNumber() - this.breakNumbers[last]! !== records;
    if (last < 0 || isBreak) {
      this.breakRows.push(this.records);
      this.breakLines.push(this.line);
      this.breakNumbers.push(this.rowNumber());
    }
    this.records++;
    this.line += linesInside + 1;
    return next;
  }

  private passLineEnd(bytes: Uint8Array, at: number, final: boolean): number {
    let kind: LineEnd = "\n";
    if (bytes[at] === CR) {
      if (at + 1 >= bytes.length && !final) return -1;
      kind = bytes[at + 1] === LF ? "\r\n" : "\r";
    }
    if (this.lineEnd === undefined) this.lineEnd = kind;
    else if (this.lineEnd !== kind) {
      const message = `this line ends with ${LINE_END_NAMES[kind]} and the lines before with ${LINE_END_NAMES[this.lineEnd]}; expected one kind, and quotes around cells that hold line ends`;
      throw this.error(at, -1, 0, message);
    }
    return at + kind.length;
  }

  private invalidByte(bytes: Uint8Array, start: number, invalid: number): TableError {
    let cells = 0;
    let lines = 0;
    let quoted = false;
    for (let at = start; at < invalid; at++) {
      if (bytes[at] === this.quote) quoted = !quoted;
      else if (bytes[at] === this.delimiter && !quoted) cells++;
      else if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) lines++;
    }
    const value = bytes[invalid]!.toString(16).padStart(2, "0");
    const utf16 =
      this.offset + start === 0 &&
      ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
    const hint = utf16 ? "; it looks like UTF-16, save the file as UTF-8" : "";
    return this.error(invalid, cells, lines, `the byte 0x${value} is not UTF-8${hint}`);
  }

  /** An error at a byte; `cell` is -1 where it concerns the whole line. */
  private error(at: number, cell: number, linesInside: number, message: string): TableError {
    const row = this.records === 0 ? undefined : this.rowNumber();
    const column = cell < 0 ? undefined : this.header?.[cell];
    const place = { file: this.file, row, line: this.line + linesInside, column, byte: this.offset + at };
    return new TableError("format", `${describePlace(place)}: ${message}`, place);
  }
}

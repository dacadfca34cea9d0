import { isUtf8 } from "node:buffer";
import type { CsvDialect, LineEnd } from "../read/csv-scan.ts";
import { Unfit } from "./unfit.ts";

const LF = 0x0a;
const CR = 0x0d;

/** How a CSV file is written. */
export interface CsvForm extends CsvDialect {
  readonly lineEnd: LineEnd;
  /** Cells of each record. */
  readonly width: number;
}

/** The cells of records: where each begins and ends in `bytes`, record by record; quotes are taken off. */
export interface CsvCells {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Where the next record begins. */
  readonly end: number;
}

/** The first record that begins at `from` or later; `quoted`: byte `from` is within quotes, null: no line end is. */
export function firstRecord(bytes: Uint8Array, from: number, quoted: boolean | null, form: CsvForm): number {
  const last = form.lineEnd === "\r" ? CR : LF;
  if (quoted === null) {
    const at = bytes.indexOf(last, Math.max(0, from - 1));
    return at < 0 ? bytes.length : at + 1;
  }
  if (from > 0 && !quoted && bytes[from - 1] === last) return from;
  let within = quoted;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === form.quote) within = !within;
    else if (byte === last && !within) return at + 1;
  }
  return bytes.length;
}

/**
 * Takes apart the records that begin before `limit`, from `start` on. Null: the last of them does not end in `bytes`,
 * and the file goes on (`final` is false).
 * @throws Unfit for whatever the plain reader would refuse, or may see differently
 */
export function splitCells(
  bytes: Uint8Array,
  start: number,
  limit: number,
  final: boolean,
  form: CsvForm,
  room: (cells: number) => { starts: Int32Array; ends: Int32Array },
): CsvCells | null {
  const { delimiter, quote, width } = form;
  const size = bytes.length;
  let { starts, ends } = room(Math.max(1024, width * 64));
  let cell = 0;
  let at = start;
  while (at < limit) {
    const first = bytes[at]!;
    if (first === LF || first === CR) {
      at = lineEnd(bytes, at, final, form);
      if (at < 0) return null;
      continue;
    }
    if (cell + width > starts.length) ({ starts, ends } = room(2 * (cell + width)));
    for (let column = 0; ; ) {
      let from = at;
      let to: number;
      if (bytes[at] === quote) {
        from++;
        to = unquote(bytes, from, quote);
        at = closing;
        if (to < 0) {
          if (final) throw new Unfit("a quote is never closed");
          return null;
        }
        if (at < size && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) {
          throw new Unfit("text after a closing quote");
        }
      } else {
        let byte = bytes[at];
        while (byte !== delimiter && byte !== LF && byte !== CR && at < size) {
          if (byte === quote) throw new Unfit("a quote inside an unquoted cell");
          byte = bytes[++at];
        }
        to = at;
      }
      if (at >= size && !final) return null;
      if (column === width) throw new Unfit("a record has too many cells");
      starts[cell] = from;
      ends[cell++] = to;
      column++;
      if (at < size && bytes[at] === delimiter) {
        at++;
        continue;
      }
      if (column !== width) throw new Unfit("a record has too few cells");
      break;
    }
    if (at < size) {
      at = lineEnd(bytes, at, final, form);
      if (at < 0) return null;
    }
  }
  requireUtf8(bytes.subarray(start, at));
  return { bytes, rows: cell / width, starts, ends, end: at };
}

/** @throws Unfit where bytes are no UTF-8 */
export function requireUtf8(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) throw new Unfit("it is not UTF-8");
}

/** The place after the closing quote that `unquote` found. */
let closing = 0;

/** Moves a quoted cell's doubled quotes together, in place; the end of its text, or -1 where it is not closed. */
function unquote(bytes: Uint8Array, from: number, quote: number): number {
  let at = bytes.indexOf(quote, from);
  if (at < 0) return -1;
  if (bytes[at + 1] !== quote) {
    closing = at + 1;
    return at;
  }
  // Doubled quotes are only moved once the cell is known to end: it may be read again.
  const marks: number[] = [];
  for (;;) {
    if (bytes[at + 1] !== quote) break;
    marks.push(at);
    at = bytes.indexOf(quote, at + 2);
    if (at < 0) return -1;
  }
  closing = at + 1;
  let to = marks[0]! + 1;
  for (const [index, mark] of marks.entries()) {
    const end = marks[index + 1] ?? at - 1;
    bytes.copyWithin(to, mark + 2, end + 1);
    to += end + 1 - (mark + 2);
  }
  bytes.fill(quote, to, at);
  return to;
}

/** The place after a line's end, or -1 where more bytes must tell. */
function lineEnd(bytes: Uint8Array, at: number, final: boolean, form: CsvForm): number {
  let kind: LineEnd = "\n";
  if (bytes[at] === CR) {
    if (at + 1 >= bytes.length && !final) return -1;
    kind = bytes[at + 1] === LF ? "\r\n" : "\r";
  }
  if (kind !== form.lineEnd) throw new Unfit("its lines end in several ways");
  return at + kind.length;
}

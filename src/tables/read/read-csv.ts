import { setImmediate } from "node:timers/promises";
import { parse } from "csv-parse/sync";
import type { OnLoadProgress } from "../load-progress.ts";
import { describePlace, shown, TableError } from "../table-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { contentDigester } from "./byte-source.ts";
import type { FinishedColumn } from "./csv-column.ts";
import { CsvColumn } from "./csv-column.ts";
import type { CsvDialect, LineEnd } from "./csv-scan.ts";
import { CsvScanner } from "./csv-scan.ts";
import type { SourceColumn, SourceTable } from "./source-table.ts";

/** How a file is read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Of CSV: what divides cells, one ASCII character; default a comma. */
  readonly delimiter?: string;
  /** Of CSV: what quotes cells, one ASCII character; default a double quote. */
  readonly quote?: string;
  /** Of CSV: whether rows that are no CSV, or not UTF-8, fail the file (the default) or are put aside. */
  readonly onError?: "fail" | "skip" | undefined;
  /** Columns whose texts are kept as they are written, whatever they look like. */
  readonly textColumns?: ReadonlySet<string> | undefined;
  readonly onProgress?: OnLoadProgress | undefined;
}

const WINDOW = 1 << 20;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads CSV: header, then rows, in the dialect of `CsvScanner`, cells taken apart by csv-parse; every column is typed
 * from all of its cells. A column that looked typed and turned out to be text after the first megabyte is read again.
 */
export async function readCsv(source: ByteSource, options: ReadOptions = {}): Promise<SourceTable> {
  const first = await readColumns(source, options, null);
  const finished = first.columns.map((column) => column.finish());
  const skips = options.onError === "skip";
  // A text can be left out for its value, where a column of times cannot hold it.
  const isReread = ({ kind }: FinishedColumn) => kind === "reread" || (skips && kind === "misfit");
  const rereads = new Set(finished.flatMap((column, index) => (isReread(column) ? [index] : [])));
  if (rereads.size > 0) {
    const second = await readColumns(source, options, rereads);
    if (second.contentHash !== first.contentHash) {
      throw new TableError("file", `${source.label} changed while it was read; load it again when it is complete`, {
        file: source.label,
      });
    }
    for (const index of rereads) finished[index] = second.columns[index]!.finish();
  }
  const placeOf = (row: number, column: string) => ({
    file: source.label,
    ...first.scanner.placeOf(row + 1),
    column,
  });
  const { header, rows, contentHash, subsort } = first;
  const columns = finished.map((column, index) => named(header[index]!, column, placeOf));
  const { rejected } = first.scanner;
  return { label: source.label, rows, columns, contentHash, subsort, warnings: [], inferred: true, rejected, placeOf };
}

function named(name: string, column: FinishedColumn, placeOf: SourceTable["placeOf"]): SourceColumn {
  if (column.kind === "done") return { name, ...column.data, undetermined: column.undetermined };
  if (column.kind === "reread") throw new Error(`column ${name} was not read as text`);
  const place = placeOf(column.row, name);
  const message = `${describePlace(place)}: ${shown(column.value)} does not fit the column's type; expected a time from 1677-09-21 to 2262-04-11, as others have nanoseconds`;
  throw new TableError("value", message, place);
}

interface ReadColumns {
  readonly scanner: CsvScanner;
  readonly header: readonly string[];
  readonly columns: readonly CsvColumn[];
  readonly rows: number;
  readonly contentHash: string;
  readonly subsort: bigint;
}

/** Reads the file once. `asText`: only these columns, and as strings; null: all, typed as they come. */
async function readColumns(
  source: ByteSource,
  options: ReadOptions,
  asText: ReadonlySet<number> | null,
): Promise<ReadColumns> {
  const dialect = dialectOf(options);
  const digester = await contentDigester(source);
  let window = new Uint8Array(Math.max(1, Math.min(WINDOW, source.size)));
  let held = 0;
  let offset = 0;
  let rows = 0;
  let scanner: CsvScanner | undefined;
  let header: readonly string[] | undefined;
  let columns: CsvColumn[] = [];
  while (offset < source.size) {
    options.signal?.throwIfAborted();
    if (held === window.length) {
      const larger = new Uint8Array(window.length * 2);
      larger.set(window);
      window = larger;
    }
    const read = await source.read(window.subarray(held), offset);
    if (read === 0) break;
    digester.update(window.subarray(held, held + read));
    offset += read;
    held += read;
    if (scanner === undefined && held < 3 && offset < source.size) continue;
    let from = 0;
    if (scanner === undefined) {
      if (BYTE_ORDER_MARK.every((byte, index) => window[index] === byte)) from = 3;
      scanner = new CsvScanner(source.label, from, dialect, options.onError === "skip");
    }
    const final = offset >= source.size;
    const nextRecords = (reader: CsvScanner) => {
      const used = reader.scan(window.subarray(from, held), final);
      const records = parseRecords(
        source,
        withoutGaps(window.subarray(from, from + used), reader.gaps),
        reader,
        dialect,
      );
      from += used;
      return records;
    };
    if (header === undefined) {
      const [names] = nextRecords(scanner);
      if (names !== undefined) {
        header = checkedHeader(source, names);
        scanner.nameColumns(header);
        columns = header.map(
          (name, index) => new CsvColumn(asText?.has(index) ?? options.textColumns?.has(name) ?? false),
        );
      }
    }
    if (header !== undefined) {
      const records = nextRecords(scanner);
      for (const [index, column] of columns.entries()) {
        if (asText === null || asText.has(index)) column.addAll(records, index);
      }
      rows += records.length;
    }
    window.copyWithin(0, from, held);
    held -= from;
    options.onProgress?.({ phase: "reading", rows, bytes: offset, totalBytes: source.size });
    await setImmediate();
  }
  const { contentHash, subsort } = digester.digest();
  if (header === undefined || scanner === undefined) {
    throw new TableError("format", `${source.label} is empty; expected a header line with the columns' names`, {
      file: source.label,
    });
  }
  return { scanner, header, columns, rows, contentHash, subsort };
}

/** A CSV file's header: the columns' names, where the rows begin, and how the file is written. */
export interface CsvHeader {
  readonly names: readonly string[];
  readonly start: number;
  readonly dialect: CsvDialect;
  readonly lineEnd: LineEnd;
  /** Bytes of rows, to judge by. */
  readonly sample: Uint8Array;
}

/** Reads the header alone; null where the first megabyte does not hold it. */
export async function readCsvHeader(source: ByteSource, options: ReadOptions): Promise<CsvHeader | null> {
  const dialect = dialectOf(options);
  const window = new Uint8Array(Math.min(WINDOW, source.size));
  let held = 0;
  while (held < window.length) {
    const read = await source.read(window.subarray(held), held);
    if (read === 0) break;
    held += read;
  }
  const from = BYTE_ORDER_MARK.every((byte, index) => window[index] === byte) ? 3 : 0;
  const scanner = new CsvScanner(source.label, from, dialect);
  const used = scanner.scan(window.subarray(from, held), held === source.size);
  const [names] = parseRecords(source, window.subarray(from, from + used), scanner, dialect);
  if (names === undefined) return null;
  const start = from + used;
  const sample = window.subarray(start, held);
  return { names: checkedHeader(source, names), start, dialect, lineEnd: scanner.recordDelimiter, sample };
}

function dialectOf({ delimiter = ",", quote = '"' }: ReadOptions): CsvDialect {
  for (const [role, character] of [
    ["delimiter", delimiter],
    ["quote", quote],
  ] as const) {
    if (!/^[\t\x20-\x7e]$/.test(character) || /[A-Za-z0-9]/.test(character) || delimiter === quote) {
      const message = `the ${role} of CSV cannot be ${shown(character)}; expected one ASCII character, no letter or digit, and another one as the ${role === "quote" ? "delimiter" : "quote"}`;
      throw new TableError("format", message);
    }
  }
  return { delimiter: delimiter.charCodeAt(0), quote: quote.charCodeAt(0) };
}

/** Bytes without some parts of them. */
function withoutGaps(bytes: Uint8Array, gaps: CsvScanner["gaps"]): Uint8Array {
  if (gaps.length === 0) return bytes;
  const ends = [0, ...gaps.flat(), bytes.length];
  const parts: Uint8Array[] = [];
  for (let at = 0; at < ends.length; at += 2) parts.push(bytes.subarray(ends[at], ends[at + 1]));
  return Buffer.concat(parts);
}

function parseRecords(source: ByteSource, bytes: Uint8Array, scanner: CsvScanner, dialect: CsvDialect): string[][] {
  if (bytes.length === 0) return [];
  try {
    return parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      record_delimiter: scanner.recordDelimiter,
      delimiter: String.fromCharCode(dialect.delimiter),
      quote: String.fromCharCode(dialect.quote),
      escape: String.fromCharCode(dialect.quote),
      skip_empty_lines: true,
      relax_column_count: true,
    });
  } catch (error) {
    const message = `${source.label} cannot be read as CSV: ${(error as Error).message}`;
    throw new TableError("format", message, { file: source.label }, { cause: error });
  }
}

function checkedHeader(source: ByteSource, header: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  for (const [index, name] of header.entries()) {
    const before = seen.get(name);
    if (before !== undefined) {
      const place = { file: source.label, line: 1, column: name };
      const message = `${source.label}, line 1: the header names column ${shown(name)} twice, as column ${before + 1} and as column ${index + 1}`;
      throw new TableError("format", message, place);
    }
    seen.set(name, index);
  }
  return header;
}

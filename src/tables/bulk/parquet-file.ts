import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FenlType, ScalarKind } from "../../values/fenl-type.ts";
import type { ThriftStruct } from "./thrift.ts";
import { numberAt, structAt, structsAt, ThriftReader, textAt } from "./thrift.ts";
import { Unfit } from "./unfit.ts";

/** Where a column's values of one row group are in a file. */
export interface ColumnChunk {
  readonly offset: number;
  readonly size: number;
  readonly values: number;
  readonly codec: number;
}

/** Rows that a Parquet file keeps together. */
export interface RowGroup {
  readonly rows: number;
  /** One for each column of the file. */
  readonly chunks: readonly ColumnChunk[];
}

/** How a column's values are written: booleans as bits, 4 or 8 bytes each, or texts with their lengths. */
export type PhysicalForm = "bits" | 4 | 8 | "texts";

/** A column of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: FenlType;
  readonly form: PhysicalForm;
  readonly optional: boolean;
}

/** What a Parquet file says about itself. */
export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  readonly rowGroups: readonly RowGroup[];
  /** The Arrow schema that Arrow's writers leave, in base64. */
  readonly arrowSchema: string | undefined;
}

const MAGIC = "PAR1";
/** Compressions that are undone here: none, Snappy, gzip, Zstandard. */
const CODECS = new Set([0, 1, 2, 6]);

const INTEGERS: readonly (ScalarKind | undefined)[] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];
/** The number of `UINT_8` among Parquet's converted types; the others follow. */
const UINT_8 = 11;

/** Reads a file's metadata. @throws Unfit where it is no Parquet file, or has what is not read here */
export function readParquetFile(path: string): ParquetFile {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const end = readBytes(file, Math.max(0, size - 8), Math.min(8, size));
    if (end.toString("latin1", 4) !== MAGIC) throw new Unfit("it does not end as Parquet does");
    const length = end.readUInt32LE(0);
    if (length > size - 8) throw new Unfit("its metadata is longer than the file");
    return parse(new ThriftReader(readBytes(file, size - 8 - length, length)).struct());
  } finally {
    closeSync(file);
  }
}

function readBytes(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let read = 0; read < length; ) {
    const count = readSync(file, bytes, read, length - read, at + read);
    if (count === 0) throw new Unfit("the file ends too early");
    read += count;
  }
  return bytes;
}

function parse(metadata: ThriftStruct): ParquetFile {
  if (metadata.has(8)) throw new Unfit("it is encrypted");
  const [root, ...leaves] = structsAt(metadata, 2);
  if (root === undefined || numberAt(root, 5) !== leaves.length) throw new Unfit("it has nested columns");
  const columns = leaves.map(columnOf);
  if (new Set(columns.map(({ name }) => name.toLowerCase())).size !== columns.length) {
    throw new Unfit("its columns' names differ in case only");
  }
  const rowGroups = structsAt(metadata, 4).map((group) => rowGroup(group, columns.length));
  const rows = numberAt(metadata, 3) ?? -1;
  if (rows !== rowGroups.reduce((sum, group) => sum + group.rows, 0)) throw new Unfit("its rows do not add up");
  const arrow = structsAt(metadata, 5).find((pair) => textAt(pair, 1) === "ARROW:schema");
  return { rows, columns, rowGroups, arrowSchema: arrow && textAt(arrow, 2) };
}

function columnOf(element: ThriftStruct): ParquetColumn {
  const name = textAt(element, 4);
  const repetition = numberAt(element, 3) ?? 0;
  if (name === undefined || repetition > 1 || numberAt(element, 5)) throw new Unfit("it has nested columns");
  const found = formOf(element);
  if (found === null) throw new Unfit(`column ${name} is of a type that is not read here`);
  return { name, type: { kind: found[0] } as FenlType, form: found[1], optional: repetition === 1 };
}

/** The Fenl type of a column, as DuckDB reads it, and how it is written. */
function formOf(element: ThriftStruct): [ScalarKind, PhysicalForm] | null {
  const converted = numberAt(element, 6);
  const logical = structAt(element, 10);
  const logicalId = logical && [...logical.keys()][0];
  switch (numberAt(element, 1)) {
    case 0:
      return ["bool", "bits"];
    case 1:
      if (logicalId === 6 || (logical === undefined && converted === 6)) return ["date32", 4];
      return integerOf(converted, logical, 32);
    case 2: {
      const time = logical && structAt(logical, 8);
      if (time !== undefined) return timeOf(time);
      if (logical === undefined && (converted === 9 || converted === 10)) {
        return [converted === 9 ? "timestamp_ms" : "timestamp_us", 8];
      }
      return integerOf(converted, logical, 64);
    }
    case 4:
      return converted === undefined && logical === undefined ? ["f32", 4] : null;
    case 5:
      return converted === undefined && logical === undefined ? ["f64", 8] : null;
    case 6:
      return logicalId === 1 || (logical === undefined && converted === 0) ? ["string", "texts"] : null;
    default:
      return null;
  }
}

function timeOf(time: ThriftStruct): [ScalarKind, PhysicalForm] | null {
  const unit = [...(structAt(time, 2)?.keys() ?? [])][0];
  // DuckDB has microseconds only where there is a zone, and says so.
  if (unit === 3) return time.get(1) === false ? ["timestamp_ns", 8] : null;
  return unit === 1 ? ["timestamp_ms", 8] : unit === 2 ? ["timestamp_us", 8] : null;
}

function integerOf(
  converted: number | undefined,
  logical: ThriftStruct | undefined,
  bits: 32 | 64,
): [ScalarKind, PhysicalForm] | null {
  const form = bits === 64 ? 8 : 4;
  if (logical !== undefined && !logical.has(10)) return null;
  if (converted === undefined && logical === undefined) return [bits === 64 ? "i64" : "i32", form];
  const integer = logical && structAt(logical, 10);
  const kind =
    integer === undefined
      ? INTEGERS[(converted ?? -1) - UINT_8]
      : (`${integer.get(2) === true ? "i" : "u"}${numberAt(integer, 1)}` as ScalarKind);
  if (kind === undefined || !INTEGERS.includes(kind) || kind.endsWith("64") !== (bits === 64)) return null;
  return [kind, form];
}

function rowGroup(group: ThriftStruct, columns: number): RowGroup {
  const rows = numberAt(group, 3) ?? -1;
  const chunks = structsAt(group, 1).map((chunk) => {
    const data = structAt(chunk, 3);
    if (data === undefined || chunk.has(1)) throw new Unfit("its columns are in other files");
    const codec = numberAt(data, 4) ?? -1;
    if (!CODECS.has(codec)) throw new Unfit("its compression is not undone here");
    const dictionary = numberAt(data, 11);
    const first = numberAt(data, 9) ?? -1;
    const offset = dictionary === undefined || dictionary <= 0 ? first : Math.min(first, dictionary);
    const size = numberAt(data, 7) ?? -1;
    const values = numberAt(data, 5) ?? -1;
    if (offset < 0 || size < 0 || values !== rows) throw new Unfit("a column's values do not add up");
    return { offset, size, values, codec };
  });
  if (chunks.length !== columns || rows < 0) throw new Unfit("a row group lacks columns");
  return { rows, chunks };
}

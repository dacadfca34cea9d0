import { type Data, RecordBatchStreamWriter, tableFromIPC } from "apache-arrow";
import { dictionaryReader } from "../execute/rows/dictionary.ts";
import { compactTexts, type EncodedTexts } from "../execute/rows/encoded-texts.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { codedTextData, columnData, plainTextData, recordBatch } from "./arrow-table.ts";
import { type Conversion, leafConversion, mapLeafTypes } from "./leaf-types.ts";
import { isValid } from "./output.ts";

type ParquetLibrary = typeof import("parquet-wasm");

/** More texts of a dictionary for each row are very many. */
const TEXTS_A_ROW = 2;

/** Rows that become one row group, in a form that goes from thread to thread. */
export interface ParquetGroup {
  readonly rows: number;
  readonly columns: readonly GroupColumn[];
  /** Whether it is the file's first one, whose Arrow schema is that of the file. */
  readonly isFirst: boolean;
}

/** A column of a row group under the name that it has in the file. */
export type GroupColumn = { readonly name: string; readonly statistics: boolean } & (
  | { readonly kind: "values"; readonly column: Omit<RowSetColumn, "dictionary"> }
  | {
      readonly kind: "texts";
      readonly codes: Int32Array;
      readonly valid?: Uint8Array;
      readonly texts: EncodedTexts;
    }
  /** Lists in memory that all threads see. */
  | { readonly kind: "lists"; readonly column: RowSetColumn }
  /** An Arrow stream with this column alone. */
  | { readonly kind: "arrow"; readonly stream: Uint8Array }
);

/** A row group as a Parquet file by itself. */
export function encodeGroup(parquet: ParquetLibrary, { rows, columns, isFirst }: ParquetGroup): Uint8Array {
  const names = columns.map(({ name }) => name);
  const stream = arrowStream(
    names,
    columns.map((column) => groupData(column, rows, isFirst)),
    rows,
  );
  let properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(parquet.EnabledStatistics.None)
    .setMaxRowGroupSize(Math.max(1, rows))
    .setCreatedBy("fenl");
  for (const { name, statistics } of columns) {
    if (statistics) properties = properties.setColumnStatisticsEnabled(name, parquet.EnabledStatistics.Chunk);
  }
  return parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties.build());
}

/** Arrow arrays as a stream. Not `tableToIPC`: it leaves out a batch without rows, and with it the columns. */
export function arrowStream(names: readonly string[], arrays: readonly Data[], rows: number): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.write(recordBatch(names, arrays, rows));
  return writer.finish().toUint8Array(true);
}

function groupData(column: GroupColumn, rows: number, isFirst: boolean): Data {
  switch (column.kind) {
    case "values":
      return columnData(forParquet(column.column), rows, "coded");
    case "lists":
      return columnData(forParquet(column.column), rows, "plain");
    case "texts":
      // Of very many texts those of some rows are found more quickly without a table of all; the file's are coded ones.
      if (!isFirst && column.texts.missing === undefined && column.texts.offsets.length > TEXTS_A_ROW * rows) {
        const { name, codes, valid, texts } = column;
        const type = { kind: "string" } as const;
        return plainTextData({ name, type, values: codes, ...(valid ? { valid } : {}) }, texts, rows);
      }
      return codedTextData(compactTexts(column.codes, column.valid, column.texts));
    case "arrow":
      return tableFromIPC(column.stream).batches[0]!.data.children[0]!;
  }
}

/** The column with types that readers of Parquet know; times in seconds, which Parquet lacks, are in milliseconds. */
export function forParquet(column: RowSetColumn): RowSetColumn {
  const type = mapLeafTypes(column.type, parquetLeaf);
  const convert = leafConversion(column.type, leafToParquet);
  if (convert === null) return { ...column, type };
  const { dictionary, values } = column;
  if (dictionary === undefined) {
    return { ...column, type, values: (values as BigInt64Array).map((value) => convert(value) as bigint) };
  }
  const read = dictionaryReader(dictionary);
  // Only of these rows: the dictionary is that of all.
  const own = Array.from(values as Int32Array, (code, row) => (isValid(column, row) ? convert(read(code)!) : null));
  return { ...column, type, values: Int32Array.from(own.keys()), dictionary: own };
}

function parquetLeaf(type: FenlType): FenlType {
  switch (type.kind) {
    case "timestamp_s":
    case "date64":
      return { kind: "timestamp_ms" };
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return { kind: "i64" };
    case "null":
      return { kind: "string" };
    default:
      return type;
  }
}

function leafToParquet({ kind }: FenlType): Conversion | null {
  return kind === "timestamp_s" ? (value) => (value as bigint) * 1000n : null;
}

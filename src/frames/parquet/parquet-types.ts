import { dictionaryReader } from "../../execute/rows/dictionary.ts";
import type { RowSetColumn } from "../../execute/rows/row-set.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import { type Conversion, leafConversion, mapLeafTypes } from "../leaf-types.ts";
import { isValid } from "../output.ts";

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

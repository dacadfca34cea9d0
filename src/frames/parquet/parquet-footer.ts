import type { Data } from "apache-arrow";
import type { RowSetColumn } from "../../execute/rows/row-set.ts";
import { type ThriftStruct, thriftBytes } from "../../tables/bulk/thrift.ts";
import { isText } from "../../values/fenl-type.ts";
import { arrowArray, columnData } from "../arrow-table.ts";
import { type Output, sliceOutput } from "../output.ts";
import { arrowStream, libraryFile, readMetadata } from "./foreign-chunks.ts";
import { forParquet } from "./parquet-types.ts";

/** The bytes `PAR1`, at both ends of a file. */
export const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);

// The numbers of the fields that are used in the metadata of a file.
const FILE = { rows: 3, groups: 4 };

/**
 * What a file ends with: the schema, which is that of a file without rows that the Parquet library makes, and the metadata
 * of the row groups. Texts have no dictionary in the Arrow schema, whether they have one in the row groups or not: readers
 * that are told of one do not read texts that are written otherwise.
 */
export async function parquetFooter(
  form: Output,
  names: readonly string[],
  rows: number,
  groups: readonly Uint8Array[],
): Promise<Uint8Array> {
  const empty = await emptyMetadata(form, names);
  const metadata = thriftBytes(empty.with({ [FILE.rows]: rows, [FILE.groups]: groups }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, metadata.length, true);
  return Buffer.concat([metadata, length, MAGIC]);
}

const known = new Map<string, ThriftStruct>();
const MOST_KNOWN = 256;

/** The metadata of a file without rows, which is that of all outputs with columns of these names and types. */
async function emptyMetadata(form: Output, names: readonly string[]): Promise<ThriftStruct> {
  const schema = JSON.stringify(form.columns.map(({ type }, index) => [names[index], type]));
  const made = known.get(schema);
  if (made !== undefined) return made;
  const columns = form.columns.map((column) => (column.type.kind === "u64" ? withoutRows(column) : column));
  const arrays = sliceOutput({ ...form, columns }, 0, 0).columns.map(emptyData);
  const empty = readMetadata(await libraryFile(arrowStream(names, arrays, 0), 0));
  if (known.size === MOST_KNOWN) known.clear();
  known.set(schema, empty);
  return empty;
}

/** Hashes are not read for that. */
function withoutRows({ name, type }: RowSetColumn): RowSetColumn {
  return { name, type, values: new BigInt64Array(0) };
}

function emptyData(column: RowSetColumn): Data {
  if (column.type.kind === "null" || isText(column.type)) return arrowArray({ kind: "string" }, []);
  return columnData(forParquet(column), 0, "plain");
}

import { type Data, RecordBatchStreamWriter } from "apache-arrow";
import {
  numberAt,
  structAt,
  structsAt,
  ThriftReader,
  type ThriftStruct,
  thriftBytes,
} from "../../tables/bulk/thrift.ts";
import { recordBatch } from "../arrow-table.ts";
import type { EncodedChunk } from "./column-chunk.ts";

// The numbers of the fields that are used, in the structs of Parquet's metadata.
const FILE = { groups: 4 };
const GROUP = { columns: 1 };
const CHUNK = { offset: 2, metadata: 3, offsetIndex: 4, offsetIndexSize: 5, columnIndex: 6, columnIndexSize: 7 };
const COLUMN = { plainSize: 6, size: 7, dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomFilter: 14 };

/** In the form in which readers expect it: Spark takes any other for a writer whose texts it cannot read. */
const WRITER = "fenl version 0.1.0";

/** Arrow arrays as a stream. Not `tableToIPC`: it leaves out a batch without rows, and with it the columns. */
export function arrowStream(names: readonly string[], arrays: readonly Data[], rows: number): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.write(recordBatch(names, arrays, rows));
  return writer.finish().toUint8Array(true);
}

/** The metadata of a Parquet file. */
export function readMetadata(file: Uint8Array): ThriftStruct {
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(file.length - 8, true);
  return new ThriftReader(file, file.length - 8 - length).struct();
}

/** Arrow's columns as a Parquet file of one row group, made by the Parquet library. */
export async function libraryFile(stream: Uint8Array, rows: number): Promise<Uint8Array> {
  const parquet = await import("parquet-wasm");
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(parquet.EnabledStatistics.None)
    .setMaxRowGroupSize(Math.max(1, rows))
    .setCreatedBy(WRITER);
  return parquet.writeParquet(parquet.Table.fromIPCStream(stream), properties.build());
}

/**
 * The column chunks of an Arrow stream's columns, which the Parquet library makes. Indexes of pages, which are beside the
 * row groups, are left out.
 */
export async function foreignChunks(stream: Uint8Array, rows: number): Promise<EncodedChunk[]> {
  const file = await libraryFile(stream, rows);
  const [group] = structsAt(readMetadata(file), FILE.groups);
  return structsAt(group!, GROUP.columns).map((chunk): EncodedChunk => {
    const column = structAt(chunk, CHUNK.metadata)!;
    const begin = numberAt(column, COLUMN.dictionaryPage) ?? numberAt(column, COLUMN.dataPage)!;
    const size = numberAt(column, COLUMN.size)!;
    return {
      parts: [file.subarray(begin, begin + size)],
      size,
      plainSize: numberAt(column, COLUMN.plainSize)!,
      metadata: (at) => thriftBytes(movedChunk(chunk, at - begin)),
    };
  });
}

/** A column chunk's metadata, `shift` bytes farther on in a file. */
function movedChunk(chunk: ThriftStruct, shift: number): ThriftStruct {
  const { metadata, offset, ...indexes } = CHUNK;
  const { size: _size, plainSize: _plain, ...places } = COLUMN;
  const column = moved(structAt(chunk, metadata)!, Object.values(places), shift);
  const without = Object.fromEntries(Object.values(indexes).map((field) => [field, undefined]));
  // Writers that know better write 0 here.
  const begins = numberAt(chunk, offset) ? shift : 0;
  return moved(chunk, [offset], begins).with({ [metadata]: column, ...without });
}

function moved(struct: ThriftStruct, fields: readonly number[], shift: number): ThriftStruct {
  return struct.with(
    Object.fromEntries(
      fields.flatMap((field) => {
        const offset = numberAt(struct, field);
        return offset === undefined ? [] : [[field, offset + shift]];
      }),
    ),
  );
}

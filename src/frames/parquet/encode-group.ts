import { thriftBytes, thriftStruct, WIRE } from "../../tables/bulk/thrift.ts";
import { columnData } from "../arrow-table.ts";
import { ChunkPages, ENCODING, type EncodedChunk, PHYSICAL, type Place } from "./column-chunk.ts";
import { packedCodes } from "./encode-codes.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { encodeLists } from "./encode-lists.ts";
import { encodeNumbers } from "./encode-numbers.ts";
import { encodeTextChunk, localCodes, numberedCodes, presentCodes, type TextCodes } from "./encode-texts.ts";
import { arrowStream, foreignChunks } from "./foreign-chunks.ts";
import { type GroupColumn, mapRows } from "./group-columns.ts";
import { forParquet } from "./parquet-types.ts";
import { presentValues } from "./present-values.ts";

/** Rows that become one row group. */
export interface ParquetGroup {
  readonly rows: number;
  readonly columns: readonly GroupColumn[];
}

/** Rows `from` up to `to` of some columns. */
export function groupOf(columns: readonly GroupColumn[], from: number, to: number): ParquetGroup {
  const cut = (column: GroupColumn) => mapRows(column, (values) => values.subarray(from, to) as typeof values);
  return { rows: to - from, columns: columns.map(cut) };
}

/** The highest number that a row group can have. */
const LAST_ORDINAL = 32_767;

/** A row group, encoded. */
export interface EncodedGroup {
  readonly parts: readonly (Place | Uint8Array)[];
  readonly size: number;
  /** Its metadata in a file where it is the row group of a number and begins at a place. */
  metadata(index: number, at: number): Uint8Array;
}

/** Encodes a row group. What it has in `memory` is there until that is started anew. */
export async function encodeGroup(memory: EncodeMemory, group: ParquetGroup): Promise<EncodedGroup> {
  memory.start();
  const chunks: EncodedChunk[] = [];
  for (const column of group.columns) chunks.push(...(await encodeColumn(memory, column, group.rows)));
  const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  const metadata = (index: number, at: number) => {
    let begin = at;
    const columns = chunks.map((chunk) => {
      begin += chunk.size;
      return chunk.metadata(begin - chunk.size);
    });
    return thriftBytes(
      thriftStruct([
        [1, WIRE.structs, columns],
        [2, WIRE.i64, chunks.reduce((sum, { plainSize }) => sum + plainSize, 0)],
        [3, WIRE.i64, group.rows],
        [5, WIRE.i64, at],
        [6, WIRE.i64, size],
        ...(index <= LAST_ORDINAL ? ([[7, WIRE.i16, index]] as const) : []),
      ]),
    );
  };
  return { parts: chunks.flatMap(({ parts }) => parts), size, metadata };
}

async function encodeColumn(memory: EncodeMemory, column: GroupColumn, rows: number): Promise<EncodedChunk[]> {
  const path = [column.name];
  switch (column.kind) {
    case "numbers":
      return [encodeNumbers(memory, path, column.type, presentValues(memory, column))];
    case "texts": {
      const codes = presentCodes(memory, column);
      const local = localCodes(memory, codes, column.texts);
      return [encodeTextChunk(memory, path, column.texts, { ...codes, local })];
    }
    case "keys": {
      const codes = presentCodes(memory, column);
      const numbered = { ...codes, local: numberedCodes(memory, codes, column.texts) };
      const hashes = encodeHashes(memory, column.hashName, column.hashes, numbered);
      return [hashes, encodeTextChunk(memory, path, column.texts, numbered)];
    }
    case "lists": {
      const chunk = encodeLists(memory, column.column, column.name);
      if (chunk !== null) return [chunk];
      const data = columnData(forParquet(column.column), rows, "plain");
      return await foreignChunks(arrowStream([column.name], [data], rows), rows);
    }
    case "arrow":
      return await foreignChunks(column.stream, rows);
  }
}

/** Hashes of texts have the codes of the texts. */
function encodeHashes(memory: EncodeMemory, name: string, values: BigInt64Array, codes: TextCodes): EncodedChunk {
  const { local, count } = codes;
  const present = presentValues(memory, { values });
  if (local !== null && count === values.length) {
    const distinct = memory.take(8 * local.distinct);
    if (memory.run.valuesOfCodes(local.at, count, present.at, distinct) === 1) {
      const pages = new ChunkPages(memory, PHYSICAL.i64, [name]);
      pages.dictionary({ at: distinct, size: 8 * local.distinct }, local.distinct);
      pages.data(packedCodes(memory, local, local.distinct, present.levels), count, ENCODING.dictionary);
      return pages.finish({ nulls: 0 });
    }
  }
  return encodeNumbers(memory, [name], { kind: "u64" }, present);
}

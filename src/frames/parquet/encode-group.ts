import { thriftBytes, thriftStruct, WIRE } from "../../tables/bulk/thrift.ts";
import { columnData } from "../arrow-table.ts";
import { ChunkPages, ENCODING, type EncodedChunk, PHYSICAL, type Place } from "./column-chunk.ts";
import { inRuns, packedCodes } from "./encode-codes.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { encodeLists } from "./encode-lists.ts";
import { encodeNumbers, encodeRepeated } from "./encode-numbers.ts";
import {
  encodeTextChunk,
  type LocalCodes,
  localCodes,
  numberedCodes,
  presentCodes,
  type TextCodes,
} from "./encode-texts.ts";
import { arrowStream, foreignChunks } from "./foreign-chunks.ts";
import { type GroupColumn, mapRows } from "./group-columns.ts";
import { forParquet } from "./parquet-types.ts";
import { presentValues } from "./present-values.ts";
import { areInRowOrder, encodeRowTexts } from "./row-texts.ts";

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
    case "numbers": {
      const { type } = column;
      const repeated = encodeRepeated(memory, path, type, column);
      return [repeated ?? encodeNumbers(memory, path, type, presentValues(memory, column))];
    }
    case "texts": {
      if (areInRowOrder(column)) return [encodeRowTexts(memory, path, column)];
      const codes = presentCodes(memory, column);
      const local = localCodes(memory, codes, column.texts);
      return [encodeTextChunk(memory, path, column.texts, { ...codes, local })];
    }
    case "keys": {
      if (areInRowOrder(column)) return encodeRowKeys(memory, column);
      const codes = presentCodes(memory, column);
      const own = column.byCode ? inRuns(memory, codes) : codes;
      const numbered = { ...codes, local: numberedCodes(memory, own, codes.count, column.texts) };
      const encode = column.byCode ? encodeHashesOfCodes : encodeHashes;
      const hashes = encode(memory, column.hashName, column.hashes, numbered);
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

/** Keys that are in the order of rows, and their hashes. */
function encodeRowKeys(memory: EncodeMemory, column: Extract<GroupColumn, { kind: "keys" }>): EncodedChunk[] {
  const { name, hashName, hashes, byCode, codes } = column;
  const first = codes[0]!;
  const values = byCode ? hashes.subarray(first, first + codes.length) : hashes;
  return [
    encodeNumbers(memory, [hashName], { kind: "u64" }, presentValues(memory, { values })),
    encodeRowTexts(memory, [name], column),
  ];
}

/** Hashes that are known for each code; no row is without one. */
function encodeHashesOfCodes(
  memory: EncodeMemory,
  name: string,
  hashes: BigInt64Array,
  { at, count, local, levels }: TextCodes,
): EncodedChunk {
  if (local === null || local.used === null) {
    const values = BigInt64Array.from(memory.words(at, count), (code) => hashes[code]!);
    return encodeNumbers(memory, [name], { kind: "u64" }, presentValues(memory, { values }));
  }
  const distinct = memory.take(8 * local.distinct);
  const used = memory.words(local.used, local.distinct);
  copyHashes(hashes, used, memory.words(distinct, 2 * local.distinct));
  return hashChunk(memory, name, distinct, { ...local, levels, entries: count });
}

/** Copies the hashes of some codes, as halves: as they are, each might be a number on the heap. */
function copyHashes({ buffer, byteOffset, length }: BigInt64Array, codes: Int32Array, into: Int32Array): void {
  const halves = new Int32Array(buffer, byteOffset, 2 * length);
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index]!;
    into[2 * index] = halves[2 * code]!;
    into[2 * index + 1] = halves[2 * code + 1]!;
  }
}

/** Hashes of texts have the codes of the texts; those that occur are at an address. */
function hashChunk(
  memory: EncodeMemory,
  name: string,
  distinct: number,
  codes: LocalCodes & Pick<TextCodes, "levels" | "entries">,
): EncodedChunk {
  const pages = new ChunkPages(memory, PHYSICAL.i64, [name]);
  pages.dictionary({ at: distinct, size: 8 * codes.distinct }, codes.distinct);
  pages.data(packedCodes(memory, codes, codes.distinct, codes.levels), codes.entries, ENCODING.dictionary);
  return pages.finish({ nulls: 0 });
}

/** Hashes that are known for each row. */
function encodeHashes(memory: EncodeMemory, name: string, values: BigInt64Array, codes: TextCodes): EncodedChunk {
  const { local, count } = codes;
  const present = presentValues(memory, { values });
  if (local !== null && count === values.length) {
    const distinct = memory.take(8 * local.distinct);
    const known = memory.takeZeros(local.distinct);
    if (memory.run.valuesOfCodes(local.at, count, present.at, known, distinct) === 1) {
      return hashChunk(memory, name, distinct, { ...local, levels: present.levels, entries: count });
    }
  }
  return encodeNumbers(memory, [name], { kind: "u64" }, present);
}

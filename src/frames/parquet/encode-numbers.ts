import type { FenlType } from "../../values/fenl-type.ts";
import { isUnsigned, representationOf } from "../../values/fenl-type.ts";
import {
  ChunkPages,
  ENCODING,
  type EncodedChunk,
  GAIN,
  PHYSICAL,
  type Place,
  type Statistics,
} from "./column-chunk.ts";
import { bitsFor, type Codes, packedCodes } from "./encode-codes.ts";
import type { EncodeMemory } from "./encode-kernels.ts";
import { PresenceLevels } from "./levels.ts";
import { type ColumnRows, type PresentValues, presentValues } from "./present-values.ts";

/** Values of a column by which it is judged how they are best written. */
const SAMPLE = 1024;
/** Values of which it is seen whether they repeat, and the share that is distinct at most. */
const [REPEATS, DISTINCT] = [1 << 12, 0.7];
/** Bits of a value that are few. */
const FEW_BITS = 16;
/** Values of a dictionary at most. */
const MOST_DISTINCT = 1 << 16;
/** A difference takes up to so many bytes, and a block of 128 of them so many besides. */
const [DELTA_BYTES, BLOCK_BYTES] = [8, 16];

/** The bytes that some numbers take at most, as differences. */
export function mostDeltaBytes(count: number): number {
  return (count / 128 + 1) * (128 * DELTA_BYTES + BLOCK_BYTES);
}

/** Encodes a column of booleans, numbers or times; `path`: the names of the fields that lead to it. */
export function encodeNumbers(
  memory: EncodeMemory,
  path: readonly string[],
  type: FenlType,
  present: PresentValues,
): EncodedChunk {
  return new NumbersEncoder(memory, path, type, present).encode();
}

/**
 * Encodes a column of numbers or times that has one value on all rows, which is written once. Null for any other column.
 * Bits of booleans are few in any case.
 */
export function encodeRepeated(
  memory: EncodeMemory,
  path: readonly string[],
  type: FenlType,
  { values, valid }: ColumnRows,
): EncodedChunk | null {
  const entries = values.length;
  if (valid !== undefined || type.kind === "bool" || !isRepeated(values)) return null;
  const levels = new PresenceLevels(memory, entries, null);
  const present = { ...presentValues(memory, { values: values.subarray(0, 1) }), levels };
  return new NumbersEncoder(memory, path, type, present).encodeRepeated(entries);
}

/** Whether there are several values, and each has the bytes of the one before. */
function isRepeated({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width }: ColumnRows["values"]): boolean {
  if (byteLength <= width) return false;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  // Most columns that are not so have another value in the end.
  if (bytes.compare(bytes, byteLength - width, byteLength, 0, width) !== 0) return false;
  return bytes.subarray(width).equals(bytes.subarray(0, -width));
}

class NumbersEncoder {
  readonly #memory: EncodeMemory;
  readonly #type: FenlType;
  readonly #width: 4 | 8;
  readonly #present: PresentValues;
  readonly #pages: ChunkPages;

  constructor(memory: EncodeMemory, path: readonly string[], type: FenlType, present: PresentValues) {
    this.#memory = memory;
    this.#type = type;
    this.#width = widthOf(type);
    this.#present = present;
    this.#pages = new ChunkPages(memory, physicalOf(type), path);
  }

  encode(): EncodedChunk {
    const { count, entries } = this.#present;
    this.#toUnits();
    if (count > 0) this.#page();
    else this.#data(this.#levelsBefore(this.#memory.take(this.#levelsSize) + this.#levelsSize, 0), ENCODING.plain);
    return this.#pages.finish(this.#statistics(entries - count), GAIN.numbers);
  }

  /** Writes the one value that there is for so many entries. */
  encodeRepeated(entries: number): EncodedChunk {
    const { at, levels } = this.#present;
    this.#toUnits();
    this.#pages.dictionary({ at, size: this.#width }, 1);
    this.#pages.data(packedCodes(this.#memory, { at, count: entries }, 1, levels), entries, ENCODING.dictionary);
    return this.#pages.finish(this.#statistics(0), GAIN.numbers);
  }

  /** Parquet has no seconds. */
  #toUnits(): void {
    const { at, count } = this.#present;
    if (this.#type.kind === "timestamp_s") this.#memory.run.multiply(at, count, 1000n);
  }

  get #levelsSize(): number {
    return this.#present.levels.size;
  }

  #page(): void {
    const { at, count } = this.#present;
    if (this.#type.kind === "bool") {
      const bits = this.#room(count / 8 + 8);
      this.#memory.run.bitsOfWords(at, count, bits);
      this.#data(this.#levelsBefore(bits, Math.ceil(count / 8)), ENCODING.plain);
      return;
    }
    const { kind } = this.#type;
    const isFloat = kind === "f16" || kind === "f32" || kind === "f64";
    const plainBits = 8 * this.#width;
    const deltaBits = isFloat ? plainBits : this.#deltaBits();
    if (deltaBits > FEW_BITS && this.#coded(deltaBits)) return;
    if (deltaBits < 0.9 * plainBits) {
      const to = this.#room(mostDeltaBytes(count));
      this.#data(this.#levelsBefore(to, this.#delta(at, count, to) - to), ENCODING.delta);
    } else this.#data(this.#levelsBefore(at, count * this.#width), ENCODING.plain);
  }

  /** Bits that the differences of some values take. */
  #deltaBits(): number {
    const { at, count } = this.#present;
    const some = Math.min(SAMPLE, count);
    const to = this.#memory.take(mostDeltaBytes(some));
    const from = at + this.#width * Math.floor((count - some) / 2);
    return (8 * (this.#delta(from, some, to) - to)) / some;
  }

  /** Where the bytes end. */
  #delta(from: number, count: number, to: number): number {
    return deltas(this.#memory, this.#width, { at: from, count }, to);
  }

  /** Writes a dictionary and codes, where they take fewer bits. */
  #coded(otherBits: number): boolean {
    const { at, count } = this.#present;
    const width = this.#width;
    const some = Math.min(REPEATS, count);
    if (count > some) {
      const from = at + width * Math.floor((count - some) / 2);
      if (this.#number(from, some, Math.floor(DISTINCT * some)) === null) return false;
    }
    const found = this.#number(at, count, Math.min(MOST_DISTINCT, count >> 1));
    if (found === null) return false;
    const bits = bitsFor(found.count) + (8 * width * found.count) / count;
    if (bits > 0.9 * otherBits) return false;
    this.#pages.dictionary({ at: found.distinct, size: width * found.count }, found.count);
    const page = packedCodes(this.#memory, { at: found.codes, count }, found.count, this.#present.levels);
    this.#data(page, ENCODING.dictionary);
    return true;
  }

  #number(from: number, count: number, most: number): { distinct: number; codes: number; count: number } | null {
    const memory = this.#memory;
    const size = 4 * 2 ** Math.ceil(Math.log2(Math.max(1, most)));
    const slots = memory.takeZeros(4 * size);
    const distinct = memory.take(this.#width * most);
    const codes = memory.takeZeros(4 * count);
    const number = this.#width === 8 ? memory.run.distinct8 : memory.run.distinct4;
    const found = number(from, count, slots, size - 1, distinct, most, codes);
    return found < 0 ? null : { distinct, codes, count: found };
  }

  /** Room for values with their levels before them. */
  #room(bytes: number): number {
    return this.#memory.take(this.#levelsSize + bytes) + this.#levelsSize;
  }

  #levelsBefore(at: number, size: number): Place {
    this.#present.levels.writeBefore(at);
    return { at: at - this.#levelsSize, size: this.#levelsSize + size };
  }

  #data(page: Place, encoding: number): void {
    this.#pages.data(page, this.#present.entries, encoding);
  }

  #statistics(nulls: number): Statistics {
    const { at, count } = this.#present;
    const memory = this.#memory;
    if (count === 0) return { nulls };
    const width = this.#width;
    const out = memory.take(2 * width);
    const { kind } = this.#type;
    const { run } = memory;
    if (kind === "f16" || kind === "f32") run.floatExtremes4(at, count, out);
    else if (kind === "f64") run.floatExtremes8(at, count, out);
    else if (width === 8) run.extremes8(at, count, isUnsigned(this.#type) ? -(2n ** 63n) : 0n, out);
    else run.extremes4(at, count, isUnsigned(this.#type) ? -(2 ** 31) : 0, out);
    if (kind === "f16" || kind === "f32" || kind === "f64") return { nulls, ...floatStatistics(memory, out, width) };
    if (kind === "bool") {
      const [least, most] = memory.words(out, 2);
      return { nulls, least: Uint8Array.of(least!), most: Uint8Array.of(most!) };
    }
    return {
      nulls,
      least: memory.view(out, width).slice(),
      most: memory.view(out + width, width).slice(),
    };
  }
}

/** Writes integers of a width as differences. @returns where the bytes end */
export function deltas(memory: EncodeMemory, width: 4 | 8, { at, count }: Codes, to: number): number {
  const room = memory.take(128 * 8);
  return (width === 8 ? memory.run.delta8 : memory.run.delta4)(at, count, to, room) >>> 0;
}

/** None where there is no number. Zero may have either sign, whichever occurs first. */
function floatStatistics(memory: EncodeMemory, out: number, width: 4 | 8): Pick<Statistics, "least" | "most"> {
  const bytes = memory.view(out, 2 * width).slice();
  const [least, most] = width === 8 ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
  if (least! > most!) return {};
  // The sign is in the last byte.
  if (least === 0) bytes[width - 1] = 0x80;
  if (most === 0) bytes[2 * width - 1] = 0;
  return { least: bytes.subarray(0, width), most: bytes.subarray(width) };
}

/** Bytes of a value in memory. */
export function widthOf(type: FenlType): 4 | 8 {
  return representationOf(type).endsWith("64") ? 8 : 4;
}

/** What values of a type are in a file. */
function physicalOf(type: FenlType): number {
  if (type.kind === "bool") return PHYSICAL.bits;
  return PHYSICAL[representationOf(type)];
}

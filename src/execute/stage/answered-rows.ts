import { halvesOf } from "../../tables/prepared/entity-index.ts";
import { commonSlots } from "../order/entity-slots.ts";
import { type RowArray, shared } from "../rows/allocate.ts";
import { recodeInto } from "../rows/copy-values.ts";
import { concatRows, jointDictionary } from "../rows/gather.ts";
import type { RowSetColumn, StoredRows } from "../rows/row-set.ts";

/** The answers to a range's requests, as rows of those that asked; each answer is written to its request's place. */
export function answeredRows(parts: readonly StoredRows[], asked: readonly StoredRows[]): StoredRows {
  requireAnswers(parts, asked);
  const requests = asked.length === 1 ? asked[0]! : concatRows(asked, shared);
  const steps = stepsOf(parts);
  const columns = parts[0]!.columns.map((_, at) =>
    placed(
      parts.map(({ columns }) => columns[at]!),
      steps,
      requests.rows,
    ),
  );
  return { ...requests, columns };
}

/** Each request has one answer. */
export function requireAnswers(parts: readonly StoredRows[], asked: readonly StoredRows[]): void {
  const count = (some: readonly StoredRows[]) => some.reduce((sum, { rows }) => sum + rows, 0);
  if (count(parts) !== count(asked)) {
    throw new Error(`${count(asked)} requests of a lookup have ${count(parts)} answers`);
  }
}

/** Answers of one part, from row `from` up to `to`, with the places of all answers of the part, and a number besides each. */
interface Step {
  readonly part: number;
  readonly places: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** Answers come divided by blocks of places: those of all parts for one block are written before the next block's. */
function stepsOf(parts: readonly StoredRows[]): Step[] {
  const places = parts.map(({ keyHash }) => halvesOf(keyHash));
  const starts = commonSlots(parts);
  const steps: Step[] = [];
  for (let slot = 0; slot < starts[0]!.length - 1; slot++) {
    for (const [part, own] of starts.entries()) {
      const [from, to] = [own[slot]!, own[slot + 1]!];
      if (from < to) steps.push({ part, places: places[part]!, from, to });
    }
  }
  return steps;
}

/** One column of all parts. */
function placed(parts: readonly RowSetColumn[], steps: readonly Step[], rows: number): RowSetColumn {
  const { name, type, values: like, dictionary } = parts[0]!;
  const joint = dictionary === undefined ? null : jointDictionary(parts, shared);
  const values = shared(like, rows);
  const some = parts.some(({ valid }) => valid !== undefined);
  const valid = some ? shared(new Uint8Array(0), rows).fill(1) : undefined;
  for (const [index, part] of parts.entries()) {
    const recoding = joint?.codes[index] ?? 0;
    if (recoding !== 0) recodeInto(part.values as Int32Array, recoding, part.values as Int32Array);
  }
  write(
    parts.map(({ values }) => values),
    steps,
    values,
  );
  const validities = parts.map(({ valid }) => valid);
  if (valid) {
    for (const { part, places, from, to } of steps) {
      const own = validities[part];
      if (own) writeBytes(own, places, from, to, valid);
    }
  }
  return { name, type, values, ...(valid ? { valid } : {}), ...(joint ? { dictionary: joint.dictionary } : {}) };
}

function write(parts: readonly RowArray[], steps: readonly Step[], into: RowArray): void {
  if (into.BYTES_PER_ELEMENT === 8) {
    const [long, whole] = [parts.map((values) => as(BigInt64Array, values)), as(BigInt64Array, into)];
    for (const { part, places, from, to } of steps) writeLong(long[part]!, places, from, to, whole);
  } else {
    const [short, whole] = [parts.map((values) => as(Int32Array, values)), as(Int32Array, into)];
    for (const { part, places, from, to } of steps) writeShort(short[part]!, places, from, to, whole);
  }
}

function as<T>(type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, values: RowArray): T {
  return new type(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function writeLong(values: BigInt64Array, places: Uint32Array, from: number, to: number, into: BigInt64Array): void {
  for (let row = from; row < to; row++) into[places[2 * row]!] = values[row]!;
}

function writeShort(values: Int32Array, places: Uint32Array, from: number, to: number, into: Int32Array): void {
  for (let row = from; row < to; row++) into[places[2 * row]!] = values[row]!;
}

function writeBytes(values: Uint8Array, places: Uint32Array, from: number, to: number, into: Uint8Array): void {
  for (let row = from; row < to; row++) into[places[2 * row]!] = values[row]!;
}

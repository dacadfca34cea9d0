import { type RowArray, shared } from "../rows/allocate.ts";
import { recodeInto } from "../rows/copy-values.ts";
import { concatRows, jointDictionary } from "../rows/gather.ts";
import { halvesOf } from "../rows/return-address.ts";
import type { RowSetColumn, StoredRows } from "../rows/row-set.ts";

/** The answers to a range's requests, as rows of those that asked; each answer is written to its request's place. */
export function answeredRows(parts: readonly StoredRows[], asked: readonly StoredRows[]): StoredRows {
  const requests = asked.length === 1 ? asked[0]! : concatRows(asked, shared);
  const answers = parts.reduce((sum, { rows }) => sum + rows, 0);
  if (answers !== requests.rows) throw new Error(`${requests.rows} requests of a lookup have ${answers} answers`);
  const places = parts.map(({ keyHash }) => halvesOf(keyHash));
  const columns = parts[0]!.columns.map((_, at) =>
    placed(
      parts.map(({ columns }) => columns[at]!),
      places,
      requests.rows,
    ),
  );
  return { ...requests, columns };
}

/** One column of all parts. */
function placed(parts: readonly RowSetColumn[], places: readonly Uint32Array[], rows: number): RowSetColumn {
  const { name, type, values: like, dictionary } = parts[0]!;
  const joint = dictionary === undefined ? null : jointDictionary(parts, shared);
  const values = shared(like, rows);
  const some = parts.some(({ valid }) => valid !== undefined);
  const valid = some ? shared(new Uint8Array(0), rows).fill(1) : undefined;
  for (const [index, part] of parts.entries()) {
    const recoding = joint?.codes[index] ?? 0;
    if (recoding !== 0) recodeInto(part.values as Int32Array, recoding, part.values as Int32Array);
    write(part.values, places[index]!, values);
    if (part.valid) writeBytes(part.valid, places[index]!, valid!);
  }
  return { name, type, values, ...(valid ? { valid } : {}), ...(joint ? { dictionary: joint.dictionary } : {}) };
}

function write(values: RowArray, places: Uint32Array, into: RowArray): void {
  if (values.BYTES_PER_ELEMENT === 8) writeLong(as(BigInt64Array, values), places, as(BigInt64Array, into));
  else writeShort(as(Int32Array, values), places, as(Int32Array, into));
}

function as<T>(type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, values: RowArray): T {
  return new type(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function writeLong(values: BigInt64Array, places: Uint32Array, into: BigInt64Array): void {
  for (let row = 0; row < values.length; row++) into[places[2 * row]!] = values[row]!;
}

function writeShort(values: Int32Array, places: Uint32Array, into: Int32Array): void {
  for (let row = 0; row < values.length; row++) into[places[2 * row]!] = values[row]!;
}

function writeBytes(values: Uint8Array, places: Uint32Array, into: Uint8Array): void {
  for (let row = 0; row < values.length; row++) into[places[2 * row]!] = values[row]!;
}

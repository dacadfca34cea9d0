import type { ArrowColumn } from "../read/column-from-arrow.ts";
import {
  ARROW_TYPES,
  type ArrowBatch,
  type ArrowBlock,
  arrowBatch,
  arrowDictionary,
  arrowFooter,
  MAGIC,
  messageHeader,
  type SchemaField,
} from "./arrow-file.ts";
import { FlatReader } from "./flatbuffer.ts";

/** A field of a file with its data, and those of its parts. */
export interface ReadField extends Pick<SchemaField, "name" | "metadata"> {
  readonly data: ArrowColumn & { readonly fields: readonly ReadField[] };
}

/**
 * Reads an Arrow IPC file of one record batch, as it is written here: all arrays are views of its bytes.
 * @throws Error where it is none, or damaged
 */
export function readArrowFile(bytes: Uint8Array): { readonly rows: number; readonly fields: readonly ReadField[] } {
  const end = bytes.length - 4 - MAGIC.length;
  const hasMagic = (at: number) => MAGIC.every((byte, index) => bytes[at + index] === byte);
  if (end < MAGIC.length || !hasMagic(0) || !hasMagic(end + 4)) throw new Error("it does not begin and end as one");
  const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(end, true);
  const footer = arrowFooter(new FlatReader(part(bytes, end - size, size)));
  if (footer.batches.length !== 1) throw new Error(`it has ${footer.batches.length} batches of rows`);
  const dictionaries = new Map<number, ArrowColumn>();
  for (const block of footer.dictionaries) {
    const { header, body } = message(bytes, block);
    const dictionary = arrowDictionary(header);
    if (dictionary === null) throw new Error("a dictionary goes on later");
    const texts = new Columns(dictionary.values, body, dictionaries);
    dictionaries.set(dictionary.id, texts.next({ ...NO_FIELD, typeId: ARROW_TYPES.utf8 }));
  }
  const { header, body } = message(bytes, footer.batches[0]!);
  const batch = arrowBatch(header);
  const columns = new Columns(batch, body, dictionaries);
  return { rows: batch.length, fields: footer.fields.map((field) => columns.field(field)) };
}

const NO_FIELD: SchemaField = { name: "", typeId: 0, type: null, dictionary: null, children: [], metadata: new Map() };
const NOTHING = new Uint8Array(0);

/** Some of a file's bytes. @throws RangeError where they are not there */
function part(bytes: Uint8Array, at: number, size: number): Uint8Array {
  if (!(at >= 0 && size >= 0 && at + size <= bytes.length)) throw new RangeError("it ends before its data does");
  return bytes.subarray(at, at + size);
}

function message(bytes: Uint8Array, { offset, headBytes }: ArrowBlock): { header: FlatReader; body: Uint8Array } {
  return { header: messageHeader(part(bytes, offset, headBytes)), body: bytes.subarray(offset + headBytes) };
}

/** The columns of a batch, in turn. */
class Columns {
  private readonly batch: ArrowBatch;
  private readonly body: Uint8Array;
  private readonly dictionaries: ReadonlyMap<number, ArrowColumn>;
  private node = 0;
  private buffer = 0;

  constructor(batch: ArrowBatch, body: Uint8Array, dictionaries: ReadonlyMap<number, ArrowColumn>) {
    this.batch = batch;
    this.body = body;
    this.dictionaries = dictionaries;
  }

  field(field: SchemaField): ReadField {
    return { name: field.name, metadata: field.metadata, data: this.next(field) };
  }

  next(field: SchemaField): ReadField["data"] {
    const { typeId, dictionary } = field;
    const { length, nullCount } = this.batch.nodes[this.node++]!;
    const validity = this.bytes();
    if (nullCount > 0 && 8 * validity.length < length) throw new RangeError("a column's validity is cut off");
    const own = { length, nullCount, nullBitmap: validity, offset: 0, fields: [] };
    const none = { values: NOTHING, valueOffsets: NO_OFFSETS, children: [] };
    if (dictionary !== null) {
      const texts = this.dictionaries.get(dictionary);
      if (texts === undefined) throw new Error("a dictionary is missing");
      return { ...own, ...none, values: this.values(Int32Array, length), dictionary: { data: [texts] } };
    }
    switch (typeId) {
      case ARROW_TYPES.utf8: {
        const valueOffsets = this.values(Int32Array, length === 0 ? 0 : length + 1);
        return { ...own, ...none, valueOffsets, values: this.bytes() };
      }
      case ARROW_TYPES.list:
      case ARROW_TYPES.map: {
        const valueOffsets = this.values(Int32Array, length === 0 ? 0 : length + 1);
        return { ...own, ...none, valueOffsets, ...this.parts(field) };
      }
      case ARROW_TYPES.struct:
      case ARROW_TYPES.fixedSizeList:
        return { ...own, ...none, ...this.parts(field) };
      case ARROW_TYPES.bool:
        return { ...own, ...none, values: this.values(Uint8Array, (length + 7) >> 3) };
      default: {
        const array = arrayOf(field);
        if (array === undefined) throw new Error(`a column is of Arrow's type ${typeId}`);
        return { ...own, ...none, values: this.values(array, length) };
      }
    }
  }

  private parts({ children }: SchemaField) {
    const fields = children.map((child) => this.field(child));
    return { fields, children: fields.map(({ data }) => data) };
  }

  private bytes(): Uint8Array {
    const { offset, length } = this.batch.buffers[this.buffer++]!;
    return part(this.body, offset, length);
  }

  /** So many values; a copy where they do not stand at a multiple of their size. */
  private values<T extends ArrayConstructorOfNumbers>(array: T, count: number): InstanceType<T> {
    const bytes = this.bytes();
    const size = array.BYTES_PER_ELEMENT;
    if (bytes.length < size * count) throw new RangeError("a column is cut off");
    const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
    return new array(buffer as ArrayBuffer, byteOffset, count) as InstanceType<T>;
  }
}

const NO_OFFSETS = new Int32Array(0);

type ArrayConstructorOfNumbers =
  | Int8ArrayConstructor
  | Int16ArrayConstructor
  | Int32ArrayConstructor
  | Uint8ArrayConstructor
  | Uint16ArrayConstructor
  | Uint32ArrayConstructor
  | BigInt64ArrayConstructor
  | BigUint64ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor;

const SIGNED = new Map<number, ArrayConstructorOfNumbers>([
  [8, Int8Array],
  [16, Int16Array],
  [32, Int32Array],
  [64, BigInt64Array],
]);
const UNSIGNED = new Map<number, ArrayConstructorOfNumbers>([
  [8, Uint8Array],
  [16, Uint16Array],
  [32, Uint32Array],
  [64, BigUint64Array],
]);
/** By their precision. */
const FLOATS = [Uint16Array, Float32Array, Float64Array];

/** The array of a type's values; undefined for types that have none, or of which no column is made here. */
export function arrayOf({ typeId, type }: SchemaField): ArrayConstructorOfNumbers | undefined {
  switch (typeId) {
    case ARROW_TYPES.int:
      return (type!.number(1, 1) === 0 ? UNSIGNED : SIGNED).get(type!.number(0, 4));
    case ARROW_TYPES.float:
      return FLOATS[type!.number(0, 2)];
    case ARROW_TYPES.date:
      // Days, or milliseconds, which are meant where nothing is told.
      return type!.number(0, 2, 1) === 0 ? Int32Array : BigInt64Array;
    case ARROW_TYPES.timestamp:
    case ARROW_TYPES.duration:
      return BigInt64Array;
    default:
      return undefined;
  }
}

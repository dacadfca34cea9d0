import type { FenlType } from "../../values/fenl-type.ts";
import { f16Value } from "../../values/half-float.ts";
import type { HostValue } from "../../values/host-value.ts";
import type { ColumnData } from "../column-data.ts";
import { valueAt } from "../column-data.ts";

/** What is read of Arrow's data, as Apache Arrow has it. */
export interface ArrowColumn {
  readonly length: number;
  readonly nullCount: number;
  /** A bit a row, from `offset` on; not there where there are no nulls. */
  readonly nullBitmap: Uint8Array | null | undefined;
  readonly offset: number;
  // biome-ignore lint/suspicious/noExplicitAny: the array of its type's values, of which there is none where it has parts
  readonly values: any;
  readonly valueOffsets: Int32Array;
  readonly children: readonly ArrowColumn[];
  readonly dictionary?: { readonly data: readonly ArrowColumn[] } | undefined;
}

function validBytes(data: ArrowColumn): Uint8Array | undefined {
  if (data.nullCount === 0) return undefined;
  const valid = new Uint8Array(data.length);
  const bits = data.nullBitmap!;
  for (let row = 0; row < valid.length; row++) {
    const bit = data.offset + row;
    valid[row] = (bits[bit >> 3]! >> (bit & 7)) & 1;
  }
  return valid;
}

/** Arrow's data as a column of the Fenl type with which it was written. */
export function columnFromArrow(type: FenlType, data: ArrowColumn): ColumnData {
  const rows = data.length;
  const valid = validBytes(data);
  switch (type.kind) {
    case "record": {
      const fields = type.fields.map((field, index) => ({
        name: field.name,
        ...columnFromArrow(field.type, data.children[index]!),
      }));
      return { type, values: new Int32Array(0), valid, fields };
    }
    case "list":
    case "map": {
      const dictionary = nestedValues(type, data, valid);
      return { type, values: Int32Array.from({ length: rows }, (_, row) => row), valid, dictionary };
    }
    case "string":
    case "large_string":
    case "json": {
      if (data.dictionary === undefined) {
        const dictionary = textsOf(data);
        return { type, values: Int32Array.from({ length: rows }, (_, row) => row), valid, dictionary };
      }
      const dictionary = data.dictionary.data.flatMap(textsOf);
      return { type, values: data.values.subarray(0, rows), valid, dictionary };
    }
    case "bool": {
      const values = new Int32Array(rows);
      const bits: Uint8Array = data.values;
      for (let row = 0; row < rows; row++) {
        const bit = data.offset + row;
        values[row] = (bits[bit >> 3]! >> (bit & 7)) & 1;
      }
      return { type, values, valid };
    }
    case "i8":
    case "i16":
    case "u8":
    case "u16":
      return { type, values: Int32Array.from(data.values.subarray(0, rows)), valid };
    case "f16":
      return { type, values: Float32Array.from(data.values.subarray(0, rows), f16Value), valid };
    case "u32":
    case "i32":
    case "date32":
    case "interval_days":
    case "interval_months":
    case "null":
      return { type, values: new Int32Array(data.values.buffer, data.values.byteOffset, rows), valid };
    case "f32":
    case "f64":
      return { type, values: data.values.subarray(0, rows), valid };
    default:
      return { type, values: new BigInt64Array(data.values.buffer, data.values.byteOffset, rows), valid };
  }
}

/** The texts of Arrow's Utf8 data; where all is ASCII, the bytes are decoded at once and cut by the offsets. */
function textsOf(data: ArrowColumn): string[] {
  const offsets: Int32Array = data.valueOffsets;
  const bytes: Uint8Array = data.values;
  const texts = new Array<string>(data.length);
  const start = offsets[0] ?? 0;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset + start, (offsets[data.length] ?? 0) - start);
  let ascii = true;
  for (let at = 0; at < all.length && ascii; at++) ascii = all[at]! < 0x80;
  if (ascii && all.length < 0x1fffffe8) {
    const text = all.toString("latin1");
    for (let index = 0; index < texts.length; index++) {
      texts[index] = text.slice(offsets[index]! - start, offsets[index + 1]! - start);
    }
  } else {
    for (let index = 0; index < texts.length; index++) {
      texts[index] = all.toString("utf8", offsets[index]! - start, offsets[index + 1]! - start);
    }
  }
  return texts;
}

function nestedValues(
  type: FenlType & { kind: "list" | "map" },
  data: ArrowColumn,
  valid: Uint8Array | undefined,
): HostValue[] {
  const offsets: Int32Array = data.valueOffsets;
  const child = data.children[0]!;
  let itemAt: (index: number) => HostValue;
  if (type.kind === "list") {
    const items = columnFromArrow(type.item, child);
    itemAt = (index) => valueAt(items, index);
  } else {
    const keys = columnFromArrow(type.key, child.children[0]!);
    const values = columnFromArrow(type.value, child.children[1]!);
    itemAt = (index) => [valueAt(keys, index), valueAt(values, index)];
  }
  return Array.from({ length: data.length }, (_, row) => {
    if (valid !== undefined && valid[row] === 0) return null;
    const from = offsets[row]!;
    return Array.from({ length: offsets[row + 1]! - from }, (_, index) => itemAt(from + index));
  });
}

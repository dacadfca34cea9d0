import type { Allocate, RowArray } from "./allocate.ts";

/** Some values of an array, by their places. */
export function pick<T extends RowArray>(values: T, order: Uint32Array, allocate: Allocate): T {
  const picked = allocate(values, order.length);
  switch (values.BYTES_PER_ELEMENT) {
    case 1:
      pickInto(values as Uint8Array, order, picked as Uint8Array);
      break;
    case 4:
      pickFour(asInt32(values), order, asInt32(picked));
      break;
    default:
      pickEight(asInt64(values), order, asInt64(picked));
  }
  return picked;
}

function asInt32(values: RowArray): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

function asInt64(values: RowArray): BigInt64Array {
  return new BigInt64Array(values.buffer, values.byteOffset, values.length);
}

// One loop for each width, so that each is compiled for one kind of array.
function pickInto(values: Uint8Array, order: Uint32Array, picked: Uint8Array): void {
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
}

function pickFour(values: Int32Array, order: Uint32Array, picked: Int32Array): void {
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
}

function pickEight(values: BigInt64Array, order: Uint32Array, picked: BigInt64Array): void {
  for (let at = 0; at < order.length; at++) picked[at] = values[order[at]!]!;
}

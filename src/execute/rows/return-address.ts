import { shared } from "./allocate.ts";

/**
 * Where the answer to a request belongs: the range of entities that asked, in the leading `bits`, and which of that range's
 * requests it is, in the lower half. Answers are divided by it as rows are by the hashes of their entities.
 */
export function returnAddresses(range: number, bits: number, first: number, count: number): BigUint64Array {
  const addresses = shared(new BigUint64Array(0), count);
  const halves = halvesOf(addresses);
  const high = (range << (32 - bits)) >>> 0;
  for (let request = 0; request < count; request++) {
    halves[2 * request] = first + request;
    halves[2 * request + 1] = high;
  }
  return addresses;
}

/** The halves of addresses, the number of the request before the range. */
export function halvesOf({ buffer, byteOffset, length }: BigUint64Array): Uint32Array {
  return new Uint32Array(buffer as ArrayBuffer, byteOffset, 2 * length);
}

import { halvesOf } from "../../tables/prepared/entity-index.ts";

/** Requests of so many bits' worth of blocks are told apart where their answers are divided. */
const BLOCK_BITS = 11;

/**
 * Writes where the answers to some requests belong: the range of entities that asked, in the leading `bits`, and which of
 * that range's requests it is, in the lower half. Answers are divided by it as rows are by the hashes of their entities:
 * behind the range stands which of equal blocks of requests it is, so that they come block by block.
 * @param first the number of the first of these requests
 * @param all about how many requests the range has in all
 */
export function writeReturnAddresses(
  addresses: BigUint64Array,
  range: number,
  bits: number,
  first: number,
  all: number,
): void {
  const halves = halvesOf(addresses);
  const high = range << (32 - bits);
  const left = 32 - bits - BLOCK_BITS;
  const size = Math.max(0, Math.ceil(Math.log2(Math.max(1, all))) - BLOCK_BITS);
  const last = (1 << BLOCK_BITS) - 1;
  for (let at = 0; at < addresses.length; at++) {
    const request = first + at;
    halves[2 * at] = request;
    const block = request >>> size;
    halves[2 * at + 1] = high | ((block < last ? block : last) << left);
  }
}

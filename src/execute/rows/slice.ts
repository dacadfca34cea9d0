import { castEvaluation } from "../../functions/cast.ts";
import { lowerBound } from "../../tables/prepared/entity-index.ts";
import { type FenlType, typeName } from "../../values/fenl-type.ts";
import type { HostValue } from "../../values/host-value.ts";
import { hashValue } from "../../values/key-hash.ts";

/** Which entities a query's own tables are read for. */
export type Slice =
  | { readonly kind: "percent"; readonly percent: number }
  | { readonly kind: "keys"; readonly keys: readonly HostValue[] };

/** A slice in terms of key hashes: up to a hash, or these (sorted). */
export type HashSlice =
  | { readonly kind: "up to"; readonly last: bigint }
  | { readonly kind: "these"; readonly hashes: readonly bigint[] };

const LAST_HASH = 0xffffffffffffffffn;

/** A slice that the caller got wrong. */
export class SliceError extends Error {}

/** The entities of a slice for a grouping with keys of `keyType`. @throws SliceError */
export function hashSlice(slice: Slice | HashSlice, keyType: FenlType): HashSlice {
  if (slice.kind === "percent") {
    if (!(slice.percent >= 0.1 && slice.percent <= 100)) {
      throw new SliceError(`a slice takes from 0.1 to 100 percent of the entities, not ${slice.percent}`);
    }
    const last = slice.percent === 100 ? LAST_HASH : BigInt(Math.round((slice.percent / 100) * 2 ** 64));
    return { kind: "up to", last: last > LAST_HASH ? LAST_HASH : last };
  }
  if (slice.kind === "up to" || slice.kind === "these") return slice;
  const hashes = slice.keys.map((key) => hashValue(keyType, toKeyType(key, keyType)));
  return { kind: "these", hashes: [...new Set(hashes)].sort((a, b) => (a < b ? -1 : 1)) };
}

function toKeyType(key: HostValue, type: FenlType): HostValue {
  const text = typeof key === "string" ? key : String(key);
  if (type.kind === "string" || type.kind === "large_string") return text;
  const kind = type.kind.startsWith("u") || type.kind.startsWith("i") ? integer(text, type) : undefined;
  if (kind !== undefined) return kind;
  const evaluation = castEvaluation({ kind: "string" }, type);
  const value = evaluation?.kind === "host" ? evaluation.call([text], { result: type, variables: {} }) : null;
  if (value === null) throw new SliceError(`the entity key '${text}' is no ${typeName(type)}`);
  return value;
}

function integer(text: string, type: FenlType): HostValue | undefined {
  if (!/^[iu](8|16|32|64)$/.test(type.kind)) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw new SliceError(`the entity key '${text}' is no ${typeName(type)}`);
  return type.kind.endsWith("64") ? BigInt(text) : Number(text);
}

/** Whether a slice has an entity. */
export function inSlice(slice: HashSlice | null, keyHash: bigint): boolean {
  if (slice === null) return true;
  return slice.kind === "up to" ? keyHash <= slice.last : slice.hashes[lowerBound(slice.hashes, keyHash)] === keyHash;
}

/** The entities that are in both slices. */
export function bothSlices(a: HashSlice | null, b: HashSlice | null): HashSlice | null {
  if (a === null || b === null) return a ?? b;
  if (a.kind === "these") return { kind: "these", hashes: a.hashes.filter((hash) => inSlice(b, hash)) };
  return b.kind === "these" ? bothSlices(b, a) : { kind: "up to", last: a.last < b.last ? a.last : b.last };
}

/** Of sorted hashes those from one to another, both included. */
export function hashesBetween(hashes: readonly bigint[], first: bigint, last: bigint): readonly bigint[] {
  const from = lowerBound(hashes, first);
  const to = lowerBound(hashes, last);
  return hashes.slice(from, hashes[to] === last ? to + 1 : to);
}

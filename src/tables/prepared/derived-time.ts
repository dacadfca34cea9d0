import type { FenlType } from "../../values/fenl-type.ts";
import type { TableColumn } from "../table-snapshot.ts";

/** The metadata of a prepared file's times under which the column stands that they came from, as JSON. */
export const DERIVED_METADATA = "fenl:column";

/** Nanoseconds of a unit of times that are 64-bit integers. */
const NANOSECONDS: Readonly<Partial<Record<FenlType["kind"], bigint>>> = {
  i64: 1n,
  timestamp_ns: 1n,
  timestamp_us: 1_000n,
  timestamp_ms: 1_000_000n,
  timestamp_s: 1_000_000_000n,
};

/** Nanoseconds of one of a type's values; undefined for types whose values are not those of the rows' times in a unit. */
export function nanosecondsOf({ kind }: FenlType): bigint | undefined {
  return NANOSECONDS[kind];
}

/** A table's time column where its values are not stored, as the rows' times tell them; null where they are. */
export function derivedColumn(times: { readonly metadata: ReadonlyMap<string, string> }): TableColumn | null {
  const text = times.metadata.get(DERIVED_METADATA);
  return text === undefined ? null : (JSON.parse(text) as TableColumn);
}

/** The values of a column that is not stored. */
export function derivedValues({ type }: TableColumn, times: BigInt64Array): BigInt64Array {
  const unit = nanosecondsOf(type)!;
  return unit === 1n ? times : times.map((time) => time / unit);
}

import type { FenlType } from "../../src/values/fenl-type.ts";
import { type Domain, extentOf, makeDomain, type Row } from "./domain.ts";
import { hashOf } from "./hash.ts";
import type { Timeline } from "./timeline.ts";
import type { Value } from "./value.ts";

/** A table given as its rows, in file order. */
export interface OracleTable {
  readonly name: string;
  readonly grouping: string;
  readonly keyType: FenlType;
  readonly timeColumn: string;
  readonly keyColumn: string;
  readonly columns: readonly { readonly name: string; readonly type: FenlType }[];
  readonly rows: readonly OracleEvent[];
}

export interface OracleEvent {
  readonly time: bigint;
  readonly subsort: bigint;
  readonly key: Value;
  /** By column. */
  readonly values: readonly Value[];
}

/** The events as rows: ordinals tell apart those equal in time, subsort and key, in file order. */
export function scan(table: OracleTable, part: string, keep: (hash: bigint) => boolean): Timeline {
  const seen = new Map<string, number>();
  const events = table.rows.flatMap((event) => {
    const hash = hashOf(table.keyType, event.key);
    if (!keep(hash)) return [];
    const place = `${event.time}|${event.subsort}|${hash}`;
    const ordinal = seen.get(place) ?? 0;
    seen.set(place, ordinal + 1);
    const row: Row = { time: event.time, rank: 1, subsort: event.subsort, hash, origin: 0, ordinal };
    return [{ row, event }];
  });
  const rows = events.map(({ row }) => row);
  const domain: Domain = makeDomain(part, rows, extentOf(rows));
  const values = new Map(events.map(({ row, event }) => [row, event.values]));
  const cells = domain.rows.map((row) => ({ value: values.get(row)!, isNew: true }));
  return { domain, shape: { kind: "column", continuous: false, cells } };
}

import type { TypedQuery } from "../../src/analyze/typed.ts";
import type { FenlOptions } from "../../src/run-fenl.ts";
import type { FenlType, RecordField } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { type Domain, MAX_SUBSORT, type Row } from "./domain.ts";
import { Evaluator, type Slice } from "./evaluator.ts";
import { hashOf } from "./hash.ts";
import type { OracleTable } from "./tables.ts";
import { collapse, type Timeline } from "./timeline.ts";
import { fromHostValue, toHostValue, type Value } from "./value.ts";

/** A row of an answer. */
export interface AnswerRow {
  readonly time: bigint;
  readonly subsort: bigint;
  readonly keyHash: bigint;
  readonly key: HostValue;
  readonly keyType: FenlType | null;
  /** By field of the result. */
  readonly values: readonly HostValue[];
}

export interface Answer {
  readonly fields: readonly RecordField[];
  readonly rows: readonly AnswerRow[];
}

export type OracleOptions = Pick<
  FenlOptions,
  "resultBehavior" | "rowOrder" | "finalTime" | "changedSince" | "previewRows" | "slice"
>;

const MASK = (1n << 64n) - 1n;

/**
 * The answer to a query, by the reference, a row at a time.
 * @throws RangeError for queries without rows of their own, and for those with too many tick rows.
 */
export function answer(query: TypedQuery, tables: readonly OracleTable[], options: OracleOptions): Answer {
  const root = query.nodes[query.root]!;
  if (root.type.kind !== "record") throw new Error("a query's value is a record");
  const { fields } = root.type;
  const evaluator = new Evaluator(query, tables, sliceOf(options, tables, root.grouping));
  const timeline = evaluator.root();
  const { domain } = timeline;
  if (domain === null) throw new RangeError("a query of literals has no rows");
  const keys = evaluator.keys.get(root.grouping ?? "");
  const final = options.resultBehavior === "final-results";
  const chosen = final ? lastRows(timeline, domain, options) : allRows(timeline, domain, options);
  const rows = chosen.slice(0, options.previewRows).map(({ row, value }): AnswerRow => {
    const key = keys?.get(row.hash) ?? null;
    return {
      time: row.time,
      subsort: row.subsort,
      keyHash: row.hash,
      key: key === null ? null : toHostValue(key.type, key.value),
      keyType: key?.type ?? null,
      values: fields.map((field, index) =>
        value === null ? null : toHostValue(field.type, (value as Value[])[index]!),
      ),
    };
  });
  // A preview's rows are the first ones by time, and in that order within each entity.
  if (options.rowOrder === "entity") rows.sort((a, b) => (a.keyHash < b.keyHash ? -1 : a.keyHash > b.keyHash ? 1 : 0));
  return { fields, rows };
}

interface ChosenRow {
  readonly row: Row;
  readonly value: Value;
}

/** A result's value on each row, its fields as they are even where the record itself is not there; and which count as last. */
function shownValues(
  timeline: Timeline,
): { readonly value: Value; readonly isNew: boolean; readonly counts: boolean }[] {
  const { domain, shape } = timeline;
  const collapsed = collapse(timeline);
  if (shape.kind === "column") return collapsed.cells.map((cell) => ({ ...cell, counts: cell.value !== null }));
  const there = shape.present.cells.map((cell) => ({ value: true, isNew: cell.isNew }));
  const shown = collapse({ domain, shape: { ...shape, present: { ...shape.present, cells: there } } });
  return shown.cells.map((cell, index) => ({
    ...cell,
    counts: !shape.whole || shape.present.cells[index]!.value !== null,
  }));
}

function allRows(timeline: Timeline, domain: Domain, { changedSince }: OracleOptions): ChosenRow[] {
  const values = shownValues(timeline);
  return domain.rows
    .map((row, index) => ({ row, value: values[index]!.value }))
    .filter(({ row }) => changedSince === undefined || row.time >= changedSince);
}

/** One row per entity with a row: its latest new result, all stamped alike. */
function lastRows(timeline: Timeline, domain: Domain, { changedSince, finalTime }: OracleOptions): ChosenRow[] {
  const values = shownValues(timeline);
  const last = new Map<bigint, { time: bigint; value: Value }>();
  for (const [index, row] of domain.rows.entries()) {
    if (finalTime !== undefined && row.time > finalTime) continue;
    const { value, isNew, counts } = values[index]!;
    const before = last.get(row.hash);
    last.set(row.hash, { time: row.time, value: isNew && counts ? value : (before?.value ?? null) });
  }
  const time = (finalTime ?? domain.extent?.last ?? 0n) + 1n;
  return [...last]
    .filter(([, { time }]) => changedSince === undefined || time >= changedSince)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hash, { value }]) => ({ row: { time, rank: 1, subsort: MAX_SUBSORT, hash, origin: 0, ordinal: 0 }, value }));
}

function sliceOf({ slice }: OracleOptions, tables: readonly OracleTable[], grouping: string | null): Slice {
  if (slice === undefined) return undefined;
  if (slice.kind === "percent") {
    const limit = BigInt(Math.round((slice.percent / 100) * Number(MASK)));
    return (hash) => hash <= limit;
  }
  const type = tables.find((table) => table.grouping === grouping)?.keyType ?? ({ kind: "string" } as const);
  const hashes = new Set(slice.keys.map((key) => hashOf(type, fromHostValue(type, key))));
  return (hash) => hashes.has(hash);
}

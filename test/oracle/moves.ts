import type { NodeId, TypedNode } from "../../src/analyze/typed.ts";
import { addTime } from "./calendar.ts";
import {
  comparePlaces,
  compareRows,
  type Domain,
  domainName,
  type Extent,
  makeDomain,
  mergeDomains,
  type Row,
  unionExtent,
} from "./domain.ts";
import type { Context, Evaluator } from "./evaluator.ts";
import { constant } from "./evaluator.ts";
import { hashOf } from "./hash.ts";
import {
  align,
  type Cell,
  type Column,
  collapse,
  isContinuous,
  mapColumns,
  pick,
  renew,
  settle,
  type Timeline,
  zipColumns,
} from "./timeline.ts";
import type { Value } from "./value.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

/** `when(condition, value)`: the rows of both on which the condition is true. */
export function when(evaluator: Evaluator, node: CallNode, context: Context): Timeline {
  const [conditionId, valueId] = node.arguments as [NodeId, NodeId];
  const value = evaluator.evaluate(valueId, context);
  const inner = { ...context, tick: value.domain ?? context.tick };
  const condition = evaluator.evaluate(conditionId, inner);
  const input = mergeDomains([value.domain, condition.domain]);
  const conditions = collapse(align(condition, input));
  if (input === null) return conditions.cells[0]!.value === true ? value : constant(null);
  const kept = conditions.cells.flatMap((cell, index) => (cell.value === true ? [index] : []));
  const part = evaluator.name(`when ${domainName(input)} ${evaluator.canonical(conditionId, inner)}`);
  const domain = makeDomain(
    part,
    kept.map((index) => input.rows[index]!),
    input.extent,
  );
  return mapColumns(align(settle(value), input), domain, (column) => pick(kept)(renew(conditions)(column)));
}

/** A row on its way to a new time. */
interface MovedRow {
  readonly row: Row;
  readonly from: number;
}

/** Rows at their new times; `moves` are in the order of the rows they come from. Subsorts count from 0 within entity and time. */
function land(
  moves: readonly { readonly from: number; readonly time: bigint; readonly hash: bigint }[],
  origin: number,
) {
  const counts = new Map<string, bigint>();
  const rows = moves.map(({ from, time, hash }): MovedRow => {
    const place = `${time}|${hash}`;
    const subsort = counts.get(place) ?? 0n;
    counts.set(place, subsort + 1n);
    return { row: { time, rank: 0, subsort, hash, origin, ordinal: 0 }, from };
  });
  return rows.sort((a, b) => compareRows(a.row, b.row));
}

/**
 * What a shift gives. Within it each field is carried by itself; from then on a record is one value, which stands between
 * its rows only if all its fields do.
 */
function landed(value: Timeline, input: Domain, moved: readonly MovedRow[], part: string, extent: Extent): Timeline {
  const domain = makeDomain(
    part,
    moved.map(({ row }) => row),
    extent,
  );
  const continuous = isContinuous(value);
  const order = pick(moved.map(({ from }) => from));
  const landed = mapColumns(align(settle(value), input), domain, (column) => ({ ...order(column), continuous }));
  return landed.shape.kind === "fields" ? { domain, shape: { ...landed.shape, whole: true } } : landed;
}

/** `shift_to(time, value)` and `shift_by(delta, value)`: rows move to the time, those that would move back are dropped. */
export function shiftTo(evaluator: Evaluator, node: CallNode, context: Context): Timeline {
  const [byId, valueId] = node.arguments as [NodeId, NodeId];
  const value = evaluator.evaluate(valueId, context);
  const by = evaluator.evaluate(byId, context);
  const input = mergeDomains([by.domain, value.domain]);
  if (input === null) return constant(null);
  let times = collapse(align(by, input));
  let name = evaluator.canonical(byId, context);
  if (node.function === "shift_by") {
    const start = align(ownTimes(value), input).shape as Column;
    const type = evaluator.node(byId).type;
    times = zipColumns([times, start], ([delta, time]) =>
      delta === null || time === null ? null : addTime(type, delta as bigint, time as bigint),
    );
    const rows = value.domain === null ? "constant" : domainName(value.domain);
    name = evaluator.name(`add_time ${name} ${evaluator.name(`time_of ${rows}`)}`);
  }
  const moves = input.rows.flatMap((row, from) => {
    const time = times.cells[from]!.value as bigint | null;
    return time === null || time < row.time ? [] : [{ from, time, hash: row.hash }];
  });
  const origin = `shift_to ${domainName(input)} ${name}`;
  let extent = input.extent;
  for (const { time } of moves) extent = unionExtent(extent, { first: extent?.first ?? time, last: time });
  return landed(value, input, land(moves, evaluator.origin(origin, node)), evaluator.name(origin), extent);
}

function ownTimes({ domain }: Timeline): Timeline {
  if (domain === null) return constant(null);
  const cells = domain.rows.map((row): Cell => ({ value: row.time, isNew: true }));
  return { domain, shape: { kind: "column", continuous: false, cells } };
}

/** `shift_until(predicate, value)`: rows wait, per entity, for the next row on which the predicate is true. */
export function shiftUntil(evaluator: Evaluator, node: CallNode, context: Context): Timeline {
  const [predicateId, valueId] = node.arguments as [NodeId, NodeId];
  const value = evaluator.evaluate(valueId, context);
  const inner = { ...context, tick: value.domain ?? context.tick };
  const predicate = evaluator.evaluate(predicateId, inner);
  const input = mergeDomains([predicate.domain, value.domain]);
  if (input === null) return constant(null);
  const predicates = collapse(align(predicate, input));
  const waiting = new Map<bigint, number[]>();
  const moves: { from: number; time: bigint; hash: bigint }[] = [];
  for (const [index, row] of input.rows.entries()) {
    const queue = waiting.get(row.hash) ?? [];
    waiting.set(row.hash, queue);
    queue.push(index);
    if (predicates.cells[index]!.value !== true) continue;
    for (const from of queue) moves.push({ from, time: row.time, hash: row.hash });
    waiting.delete(row.hash);
  }
  const origin = `shift_until ${domainName(input)} ${evaluator.canonical(predicateId, inner)}`;
  return landed(value, input, land(moves, evaluator.origin(origin, node)), evaluator.name(origin), input.extent);
}

/** `with_key(key, value)`: the rows of both under new entities, at their places. */
export function withKey(evaluator: Evaluator, node: CallNode, context: Context): Timeline {
  const [keyId, valueId] = node.arguments as [NodeId, NodeId];
  const inner = { ...context, sliced: false };
  const value = evaluator.evaluate(valueId, inner);
  const key = evaluator.evaluate(keyId, inner);
  const input = mergeDomains([key.domain, value.domain]);
  if (input === null) return value;
  const type = evaluator.node(keyId).type;
  const keys = collapse(align(key, input));
  const moved = input.rows.map((old, from) => {
    const value = keys.cells[from]!.value;
    if (node.grouping !== null && value !== null) evaluator.registerKey(node.grouping, type, value);
    return { old, from, row: { ...old, hash: hashOf(type, value), ordinal: 0 } };
  });
  moved.sort((a, b) => compareRows(a.row, b.row) || compareRows(a.old, b.old));
  const slice = context.sliced ? evaluator.slice : undefined;
  const rekeyed: MovedRow[] = [];
  let ordinal = 0;
  for (const [index, { row, from }] of moved.entries()) {
    const before = moved[index - 1];
    ordinal = before !== undefined && compareRows(before.row, row) === 0 ? ordinal + 1 : 0;
    if (slice === undefined || slice(row.hash)) rekeyed.push({ row: { ...row, ordinal }, from });
  }
  const part = evaluator.name(
    `with_key ${domainName(input)} ${evaluator.canonical(keyId, inner)} ${slice !== undefined}`,
  );
  const domain = makeDomain(
    part,
    rekeyed.map(({ row }) => row),
    input.extent,
  );
  const order = pick(rekeyed.map(({ from }) => from));
  return mapColumns(align(settle(value), input), domain, (column) => order(renew(keys)(column)));
}

/** `lookup(key, value)`: on the key's rows, the value of the entity that the key names, as of that place. */
export function lookup(evaluator: Evaluator, node: CallNode, context: Context): Timeline {
  const [keyId, valueId] = node.arguments as [NodeId, NodeId];
  const key = evaluator.evaluate(keyId, context);
  const value = evaluator.evaluate(valueId, { tick: null, sliced: false });
  const { domain } = key;
  const foreign = value.domain;
  if (domain === null) return constant(null);
  const type = evaluator.node(keyId).type;
  const keys = collapse(key);
  if (foreign === null) {
    // A literal field of a foreign record has no rows of its own: every entity has it.
    const there = collapse(value).cells[0]!.value;
    return { domain, shape: zipColumns([keys], ([name]) => (name === null ? null : there), true) };
  }
  const answers = domain.rows.map((row, index) => {
    const name = keys.cells[index]!.value as Value;
    if (name === null) return null;
    const hash = hashOf(type, name);
    let latest: number | null = null;
    for (const [place, candidate] of foreign.rows.entries()) {
      if (candidate.hash === hash && comparePlaces(candidate, row) <= 0) latest = place;
    }
    return latest === null ? null : { place: latest, exact: comparePlaces(foreign.rows[latest]!, row) === 0 };
  });
  return mapColumns(align(settle(value), foreign), domain, (column) => ({
    kind: "column",
    continuous: column.continuous,
    cells: answers.map((answer, index): Cell => {
      const asked = keys.cells[index]!.isNew;
      if (answer === null) return { value: null, isNew: asked };
      const cell = column.cells[answer.place]!;
      return {
        value: column.continuous || answer.exact ? cell.value : null,
        isNew: asked || (answer.exact && cell.isNew),
      };
    }),
  }));
}

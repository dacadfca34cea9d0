import type { NodeId, TypedNode, TypedQuery } from "../../src/analyze/typed.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import { aggregation } from "./aggregation.ts";
import { castValue } from "./cast.ts";
import { equalDeep } from "./compare.ts";
import { type Domain, domainName, mergeDomains } from "./domain.ts";
import { hashOf } from "./hash.ts";
import { jsonMember } from "./json.ts";
import { lookup, shiftTo, shiftUntil, when, withKey } from "./moves.ts";
import { SCALARS } from "./scalars.ts";
import { type OracleTable, scan } from "./tables.ts";
import { finishedDomain, isTick, tickDomain } from "./ticks.ts";
import { align, type Column, collapse, expand, isContinuous, type Timeline, zipColumns } from "./timeline.ts";
import { fromHostValue, isInteger, type Value } from "./value.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

/** What the place of an expression decides about it. */
export interface Context {
  /** The rows that ticks belong to; null: none, a tick has no rows. */
  readonly tick: Domain | null;
  /** Whether the slice applies to tables read here. */
  readonly sliced: boolean;
}

/** Which entities are read, by key hash; undefined: all. */
export type Slice = ((hash: bigint) => boolean) | undefined;

/** Aggregations with their parameters in order: constants and the input. */
const AGGREGATION_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  lag: ["n", "input"],
  collect: ["input", "max", "min"],
  percentile: ["input", "fraction"],
  ewm_mean: ["input", "alpha"],
};
const PLAIN_AGGREGATIONS = new Set(
  "count count_if sum min max mean variance stddev first last count_distinct median".split(" "),
);

/** A function that was added to the catalog and has no second implementation here. */
export class UnknownFunction extends Error {}

/** Evaluates the nodes of one query over tables in memory. */
export class Evaluator {
  readonly query: TypedQuery;
  readonly slice: Slice;
  private readonly tables: ReadonlyMap<string, OracleTable>;
  private readonly done = new Map<string, Timeline>();
  private readonly names = new Map<string, string>();
  private readonly origins = new Map<string, number>();
  /** Key values by grouping and hash. */
  readonly keys = new Map<string, Map<bigint, { readonly type: FenlType; readonly value: Value }>>();

  constructor(query: TypedQuery, tables: readonly OracleTable[], slice: Slice) {
    this.query = query;
    this.slice = slice;
    this.tables = new Map(tables.map((table) => [table.name, table]));
    for (const table of tables) {
      for (const event of table.rows) this.registerKey(table.grouping, table.keyType, event.key);
    }
  }

  /** Remembers which key value a hash stands for. */
  registerKey(grouping: string, type: FenlType, value: Value): void {
    let known = this.keys.get(grouping);
    if (known === undefined) {
      known = new Map();
      this.keys.set(grouping, known);
    }
    const hash = hashOf(type, value);
    if (!known.has(hash)) known.set(hash, { type, value });
  }

  /** A short name for a description: equal for equal descriptions. */
  name(description: string): string {
    let name = this.names.get(description);
    if (name === undefined) {
      name = `#${this.names.size}`;
      this.names.set(description, name);
    }
    return name;
  }

  /**
   * The number of a shift: the same for shifts of the same rows by the same expression. Different shifts are numbered
   * in the order of their nodes.
   */
  origin(description: string, node: TypedNode): number {
    let origin = this.origins.get(description);
    if (origin === undefined) {
      origin = (this.query.nodes.indexOf(node) + 1) * 4096 + this.origins.size;
      this.origins.set(description, origin);
    }
    return origin;
  }

  node(id: NodeId): TypedNode {
    return this.query.nodes[id]!;
  }

  /** The value of the whole query, ticks that nothing binds bound to the rows that the query has without them. */
  root(): Timeline {
    for (const [id, node] of this.query.nodes.entries()) {
      if (node.kind === "call" && node.function.startsWith("shift_")) this.evaluate(id, { tick: null, sliced: true });
    }
    const { domain } = this.evaluate(this.query.root, { tick: null, sliced: true });
    return this.evaluate(this.query.root, { tick: domain, sliced: true });
  }

  /** An expression in its context. */
  evaluate(id: NodeId, context: Context): Timeline {
    const key = `${id} ${context.tick === null ? "" : domainName(context.tick)} ${context.sliced}`;
    let timeline = this.done.get(key);
    if (timeline === undefined) {
      timeline = this.compute(this.node(id), context);
      this.done.set(key, timeline);
    }
    return timeline;
  }

  /** An expression that is one and the same for equal computations: times of rows by the rows, not by the value. */
  canonical(id: NodeId, context: Context): string {
    const node = this.node(id);
    if (node.kind === "call") {
      const [first] = node.arguments;
      if (node.function === "time_of") return this.name(`time_of ${this.rowsName(first!, context)}`);
      if (node.window === undefined) {
        return this.name(
          `${node.function} ${node.arguments.map((argument) => this.canonical(argument, context)).join(" ")}`,
        );
      }
    }
    if (node.kind === "cast")
      return this.name(`cast ${JSON.stringify(node.type)} ${this.canonical(node.value, context)}`);
    return `node ${id}`;
  }

  private rowsName(id: NodeId, context: Context): string {
    const { domain } = this.evaluate(id, context);
    return domain === null ? "constant" : domainName(domain);
  }

  private compute(node: TypedNode, context: Context): Timeline {
    switch (node.kind) {
      case "literal":
        return constant(literalValue(node.type, node.value));
      case "table": {
        const table = this.tables.get(node.table);
        if (table === undefined) throw new Error(`no table ${node.table}`);
        const slice = context.sliced ? this.slice : undefined;
        return scan(table, this.name(`table ${node.table} ${slice !== undefined}`), slice ?? (() => true));
      }
      case "field":
        return this.field(node, context);
      case "record": {
        const fields = new Map(node.fields.map(({ name, value }) => [name, this.evaluate(value, context)]));
        return record(fields);
      }
      case "extend": {
        const extension = this.evaluate(node.extension, context);
        const base = this.evaluate(node.base, context);
        const fields = new Map(expand(extension, this.node(node.extension).type).fields);
        for (const [name, field] of expand(base, this.node(node.base).type).fields) {
          if (!fields.has(name)) fields.set(name, field);
        }
        return record(fields, [extension, base]);
      }
      case "project": {
        const base = this.evaluate(node.base, context);
        const shape = expand(base, this.node(node.base).type);
        const fields = new Map(node.fields.map((name) => [name, shape.fields.get(name)!]));
        const projected: Timeline = { domain: base.domain, shape: { ...shape, fields } };
        return base.shape.kind === "fields" ? projected : { domain: base.domain, shape: collapse(projected) };
      }
      case "cast":
        return this.cast(this.evaluate(node.value, context), this.node(node.value).type, node.type);
      case "call":
        return this.call(node, context);
    }
  }

  private field(node: Extract<TypedNode, { kind: "field" }>, context: Context): Timeline {
    const base = this.evaluate(node.base, context);
    if (base.shape.kind === "fields") return base.shape.fields.get(node.name)!;
    const type = this.node(node.base).type;
    const { domain, shape } = base;
    if (type.kind === "record") return expand(base, type).fields.get(node.name)!;
    const compute =
      type.kind === "list"
        ? ([list]: readonly Value[]) =>
            list === null ? null : (list as Value[]).map((item) => member(type.item, item, node.name))
        : ([text]: readonly Value[]) => member(type, text!, node.name);
    return { domain, shape: zipColumns([shape], compute) };
  }

  private cast(timeline: Timeline, from: FenlType, to: FenlType): Timeline {
    const { domain, shape } = timeline;
    if (shape.kind === "column")
      return { domain, shape: zipColumns([shape], ([value]) => castValue(value!, from, to)) };
    if (from.kind !== "record" || to.kind !== "record") throw new Error(`a record cast to ${to.kind}`);
    const fields = new Map<string, Timeline>();
    for (const field of to.fields) {
      const source = from.fields.find(({ name }) => name === field.name)!;
      fields.set(field.name, this.cast(shape.fields.get(field.name)!, source.type, field.type));
    }
    return { domain, shape: { ...shape, fields } };
  }

  private call(node: CallNode, context: Context): Timeline {
    const name = node.function;
    const parameters = AGGREGATION_PARAMETERS[name] ?? (PLAIN_AGGREGATIONS.has(name) ? ["input"] : null);
    if (parameters !== null) return aggregation(this, node, parameters, context);
    if (isTick(name)) {
      if (context.tick === null) return constant(null);
      return tick(tickDomain(name, context.tick, this.name(`${name} ${domainName(context.tick)}`)));
    }
    switch (name) {
      case "finished":
        if (context.tick === null) return constant(null);
        return tick(finishedDomain(context.tick, this.name(`${name} ${domainName(context.tick)}`)));
      case "when":
        return when(this, node, context);
      case "shift_to":
      case "shift_by":
        return shiftTo(this, node, context);
      case "shift_until":
        return shiftUntil(this, node, context);
      case "lookup":
        return lookup(this, node, context);
      case "with_key":
        return withKey(this, node, context);
      case "time_of": {
        const { domain, shape } = this.evaluate(node.arguments[0]!, context);
        if (domain === null) return constant(null);
        const { cells } = shape.kind === "fields" ? shape.present : shape;
        const times = domain.rows.map((row, index) => ({ value: row.time, isNew: cells[index]!.isNew }));
        return { domain, shape: { kind: "column", continuous: false, cells: times } };
      }
    }
    return this.rowFunction(node, context);
  }

  private rowFunction(node: CallNode, context: Context): Timeline {
    const name = node.function;
    let inner = context;
    if (name === "if" || name === "null_if") {
      const { domain } = this.evaluate(node.arguments[1]!, context);
      inner = { ...context, tick: domain ?? context.tick };
    }
    const inputs = node.arguments.map((argument, index) => this.evaluate(argument, index === 0 ? inner : context));
    const domain = mergeDomains(inputs.map((input) => input.domain));
    const columns = inputs.map((input) => collapse(align(input, domain)));
    const types = node.arguments.map((argument) => this.node(argument).type);
    return { domain, shape: zipColumns(columns, (values) => rowValue(name, values, types, node.type)) };
  }
}

function rowValue(name: string, values: readonly Value[], types: readonly FenlType[], result: FenlType): Value {
  const [a, b] = values as [Value, Value];
  switch (name) {
    case "if":
      return a === true ? b : null;
    case "null_if":
      return a === false ? b : null;
    case "else":
      return b ?? a;
    case "coalesce":
      return values.find((value) => value !== null) ?? null;
    case "is_valid":
      return a !== null;
    case "hash":
      return hashOf(types[0]!, a);
    case "eq":
      return a === null || b === null ? null : equalDeep(a, b);
    case "neq":
      return a === null || b === null ? null : !equalDeep(a, b);
    case "json":
      return a;
  }
  const scalar = SCALARS[name];
  if (scalar === undefined) throw new UnknownFunction(`the naive evaluator does not know '${name}'`);
  if (!scalar.takesNulls && values.includes(null)) return null;
  return scalar.compute(values, { arguments: types, result });
}

/** A value without rows of its own. */
export function constant(value: Value): Timeline {
  return { domain: null, shape: { kind: "column", continuous: true, cells: [{ value, isNew: false }] } };
}

function literalValue(type: FenlType, value: null | boolean | number | string): Value {
  if (typeof value === "string" && (isInteger(type) || !/^(string|large_string|json)$/.test(type.kind))) {
    return type.kind.startsWith("f") ? Number(value) : BigInt(value);
  }
  return fromHostValue(type, value);
}

function tick(domain: Domain): Timeline {
  const cells = domain.rows.map(() => ({ value: true, isNew: true }));
  return { domain, shape: { kind: "column", continuous: false, cells } };
}

function member(type: FenlType, value: Value, name: string): Value {
  if (value === null) return null;
  if (type.kind === "json") return jsonMember(value as string, name);
  if (type.kind === "list") return (value as Value[]).map((item) => member(type.item, item, name));
  if (type.kind !== "record") throw new Error(`a ${type.kind} has no field ${name}`);
  return (value as Value[])[type.fields.findIndex((field) => field.name === name)]!;
}

/** A record of fields: there on all rows of any of its parts, new where one of them is. */
function record(fields: ReadonlyMap<string, Timeline>, parts: readonly Timeline[] = []): Timeline {
  const timelines = [...fields.values(), ...parts];
  const domain = mergeDomains(timelines.map((field) => field.domain));
  const columns = timelines.map((field): Column => {
    const { shape } = align(field, domain);
    return shape.kind === "fields" ? shape.present : shape;
  });
  const present = zipColumns(columns, () => true, [...fields.values()].every(isContinuous));
  return { domain, shape: { kind: "fields", present, fields } };
}

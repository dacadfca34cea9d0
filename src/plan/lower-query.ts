import type { NodeId, TypedNode, TypedQuery } from "../analyze/typed.ts";
import { findFunction } from "../functions/catalog.ts";
import { callEvaluation } from "../functions/evaluation.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import { lowerAggregate } from "./lower-aggregate.ts";
import { castShape } from "./lower-cast.ts";
import { lowerChoose, lowerHash, lowerIf, lowerMember, lowerTimeOf } from "./lower-general.ts";
import { lowerLookup, lowerShiftTo, lowerShiftUntil, lowerTick, lowerWhen, lowerWithKey } from "./lower-rows.ts";
import {
  anyNew,
  asValue,
  BOOL,
  definite,
  type LowerContext,
  type Lowering,
  PlanFault,
  recordOf,
  scalar,
  shapeOfValue,
  validity,
} from "./lowering.ts";
import type { Plan, PlanField, ValueId } from "./plan.ts";
import { PlanBuilder } from "./plan-builder.ts";
import type { Shape } from "./shape.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

/**
 * Turns a typed tree into domains and values.
 * @throws PlanFault where the query has no rows to give a result for.
 */
export function lowerQuery(query: TypedQuery, tables: readonly TableSnapshot[]): Plan {
  const lowering = new QueryLowering(query, tables);
  const root = query.nodes[query.root]!;
  // A tick that nothing else binds belongs to the rows that the query has without it.
  const { domain: tick } = lowering.lower(query.root, { tick: null, sliced: true });
  const shape = lowering.lower(query.root, { tick, sliced: true });
  if (shape.kind !== "record") throw new Error("the result of a checked query is a record");
  if (shape.domain === null) {
    throw new PlanFault(root, "no rows", "the result has no rows: none of its fields depends on a table");
  }
  const fields = planFields(lowering.builder, shape);
  const { domains, values, lookups } = lowering.builder;
  return {
    domains,
    values,
    lookups,
    origins: lowering.builder.origins(),
    result: {
      domain: shape.domain,
      fields,
      valid: shape.whole ? shape.valid : null,
      isNew: shape.isNew,
      keyType: query.keyType ?? { kind: "string" },
    },
  };
}

/** The result's fields; records in them are put together on the rows of the result. */
function planFields(builder: PlanBuilder, root: Extract<Shape, { kind: "record" }>): PlanField[] {
  const whole = (shape: Shape): ValueId => {
    if (shape.kind === "scalar") return shape.value;
    const parts = [...shape.fields.values()].map(whole);
    return builder.value({ kind: "tuple", test: shape.valid, arguments: parts }, shape.type, root.domain, false);
  };
  return [...root.fields].map(([name, field]) => ({ name, type: field.type, value: whole(field) }));
}

/** So many calls within one another stay far from the end of the stack. */
const CALLS_BEFORE_LOOP = 100;

class QueryLowering implements Lowering {
  readonly builder = new PlanBuilder();
  readonly query: TypedQuery;
  readonly #tables: ReadonlyMap<string, TableSnapshot>;
  readonly #memo = new Map<string, Shape>();
  readonly #ticks: readonly boolean[];
  #depth = 0;

  constructor(query: TypedQuery, tables: readonly TableSnapshot[]) {
    this.query = query;
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#ticks = unboundTicks(query);
  }

  lower(id: NodeId, context: LowerContext): Shape {
    const key = `${id}/${this.#ticks[id] ? context.tick : ""}/${context.sliced}`;
    const known = this.#memo.get(key);
    if (known) return known;
    this.#depth++;
    if (this.#depth % CALLS_BEFORE_LOOP === 0) this.#lowerBelow(id, context);
    const shape = this.#lowerNode(this.query.nodes[id]!, context);
    this.#depth--;
    this.#memo.set(key, shape);
    return shape;
  }

  /** Lowers what a node is made of, deepest first, in a loop: a long chain of bindings would be too deep for calls. */
  #lowerBelow(root: NodeId, context: LowerContext): void {
    const pending = [{ id: root, context, below: false }];
    const seen = new Set<string>();
    for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
      const { id, context: own } = entry;
      if (entry.below) {
        if (id !== root) this.lower(id, own);
        continue;
      }
      const key = `${id}/${own.tick}/${own.sliced}`;
      if (seen.has(key)) continue;
      seen.add(key);
      pending.push({ id, context: own, below: true });
      for (const part of this.#plainParts(id, own).reverse()) pending.push({ ...part, below: false });
    }
  }

  /** The arguments of a node with the contexts they are lowered in; not those whose ticks the node itself binds. */
  #plainParts(id: NodeId, context: LowerContext): { readonly id: NodeId; readonly context: LowerContext }[] {
    const node = this.query.nodes[id]!;
    const parts = argumentsOf(node).map((part, index) => {
      if (node.kind !== "call") return { id: part, context };
      if (node.function === "with_key") return { id: part, context: { ...context, sliced: false } };
      if (node.function === "lookup" && index === 1) return { id: part, context: { tick: null, sliced: false } };
      return { id: part, context };
    });
    return parts.filter((part) => !this.#ticks[part.id]);
  }

  #lowerNode(node: TypedNode, context: LowerContext): Shape {
    const { builder } = this;
    switch (node.kind) {
      case "literal":
        return scalar(builder, { kind: "literal", value: node.value }, node.type, null, true, null);
      case "table":
        return this.#table(node, context.sliced);
      case "field":
        return this.#field(node, context);
      case "record": {
        const fields = new Map(node.fields.map((field) => [field.name, this.lower(field.value, context)]));
        return recordOf(builder, node.type, fields);
      }
      case "extend": {
        const extension = this.#record(node.extension, context);
        const base = this.#record(node.base, context);
        return recordOf(builder, node.type, new Map([...extension.fields, ...missing(base.fields, extension.fields)]), [
          extension,
          base,
        ]);
      }
      case "project": {
        const base = this.#record(node.base, context);
        const fields = new Map(node.fields.map((name) => [name, base.fields.get(name)!]));
        return { ...base, type: node.type, fields };
      }
      case "cast":
        return castShape(builder, this.lower(node.value, context), node.type);
      case "call":
        return this.#call(node, context);
    }
  }

  #table(node: TableNode, sliced: boolean): Shape {
    const { builder } = this;
    const table = this.#tables.get(node.table);
    if (!table) throw new Error(`the analyzer let an unknown table pass: ${node.table}`);
    const domain = builder.domain({ kind: "scan", table: table.name, sliced });
    const present = builder.value({ kind: "present" }, BOOL, domain, false);
    const fields = new Map<string, Shape>();
    for (const column of table.columns) {
      const value = builder.value({ kind: "column", column: column.name }, column.type, domain, false);
      fields.set(column.name, shapeOfValue(builder, value, column.type, domain, false, present));
    }
    return {
      kind: "record",
      whole: true,
      type: node.type,
      domain,
      continuous: false,
      isNew: present,
      valid: present,
      fields,
    };
  }

  #record(id: NodeId, context: LowerContext): Extract<Shape, { kind: "record" }> {
    const shape = this.lower(id, context);
    if (shape.kind !== "record") throw new Error("the analyzer let a base pass that is no record");
    return shape;
  }

  #field(node: Extract<TypedNode, { kind: "field" }>, context: LowerContext): Shape {
    const base = this.lower(node.base, context);
    if (base.kind === "scalar") return lowerMember(this, base, node.name, node.type);
    const field = base.fields.get(node.name);
    if (!field) throw new Error(`the analyzer let an unknown field pass: ${node.name}`);
    return field;
  }

  #call(node: CallNode, context: LowerContext): Shape {
    const record = findFunction(node.function);
    if (!record) throw new Error(`the analyzer let an unknown function pass: ${node.function}`);
    const evaluation = callEvaluation(record, { result: node.type, variables: node.types });
    switch (evaluation.kind) {
      case "aggregate":
      case "host-aggregate":
      case "list-aggregate":
        return lowerAggregate(this, node, context, evaluation);
      case "special":
        return this.#special(evaluation.role, node, context);
      default:
        return this.#function(node, context);
    }
  }

  #function(node: CallNode, context: LowerContext): Shape {
    const { builder } = this;
    const shapes = node.arguments.map((argument) => this.lower(argument, context));
    const domain = builder.merge(shapes.map((shape) => shape.domain));
    const continuous = shapes.every((shape) => shape.continuous);
    const isNew = anyNew(
      builder,
      shapes.map((shape) => shape.isNew),
      domain,
    );
    const values = shapes.map((shape) => asValue(builder, shape));
    const value = builder.value(
      { kind: "call", function: node.function, arguments: values, variables: node.types },
      node.type,
      domain,
      continuous,
    );
    return shapeOfValue(builder, value, node.type, domain, continuous, isNew);
  }

  #special(role: string, node: CallNode, context: LowerContext): Shape {
    switch (role) {
      case "when":
        return lowerWhen(this, node, context);
      case "shift_to":
      case "shift_by":
        return lowerShiftTo(this, node, context);
      case "shift_until":
        return lowerShiftUntil(this, node, context);
      case "with_key":
        return lowerWithKey(this, node, context);
      case "lookup":
        return lowerLookup(this, node, context);
      case "tick":
      case "finished":
        return lowerTick(this, node, context);
      case "if":
      case "null_if":
        return lowerIf(this, node, context, role === "null_if");
      case "coalesce":
        return lowerChoose(this, node, node.arguments, context);
      case "else":
        return lowerChoose(this, node, [...node.arguments].reverse(), context);
      case "time_of":
        return lowerTimeOf(this, node, context);
      case "hash":
        return lowerHash(this, node, context);
      case "is_valid": {
        const shape = this.lower(node.arguments[0]!, context);
        const value = shape.kind === "record" ? definite(this.builder, shape.valid) : validity(this.builder, shape);
        const { domain, isNew } = shape;
        return { kind: "scalar", value, type: BOOL, domain, continuous: this.builder.values[value]!.continuous, isNew };
      }
      case "json":
        return this.lower(node.arguments[0]!, context);
      default:
        throw new PlanFault(node, "unsupported", `'${node.function}' cannot be used here`);
    }
  }
}

type TableNode = Extract<TypedNode, { kind: "table" }>;

function missing(base: ReadonlyMap<string, Shape>, taken: ReadonlyMap<string, Shape>): [string, Shape][] {
  return [...base].filter(([name]) => !taken.has(name));
}

/** Which nodes hold a tick that takes its rows from what surrounds the node. */
function unboundTicks(query: TypedQuery): boolean[] {
  const found: boolean[] = [];
  query.nodes.forEach((node, id) => {
    const evaluation = node.kind === "call" ? findFunction(node.function)?.evaluation : undefined;
    const isTick =
      typeof evaluation === "object" &&
      evaluation.kind === "special" &&
      (evaluation.role === "tick" || evaluation.role === "finished");
    found[id] = isTick || argumentsOf(node).some((argument) => found[argument]);
  });
  return found;
}

function argumentsOf(node: TypedNode): readonly NodeId[] {
  switch (node.kind) {
    case "literal":
    case "table":
      return [];
    case "field":
    case "project":
      return [node.base];
    case "record":
      return node.fields.map((field) => field.value);
    case "extend":
      return [node.extension, node.base];
    case "cast":
      return [node.value];
    case "call":
      return node.window && node.window.kind !== "within" ? [...node.arguments, node.window.condition] : node.arguments;
  }
}

import type { TypedNode } from "../../src/analyze/typed.ts";
import { AGGREGATES } from "./aggregate.ts";
import { mergeDomains } from "./domain.ts";
import type { Context, Evaluator } from "./evaluator.ts";
import { constant } from "./evaluator.ts";
import { align, type Cell, type Column, collapse, type Timeline } from "./timeline.ts";
import type { Value } from "./value.ts";

type CallNode = Extract<TypedNode, { kind: "call" }>;

interface TimedValue {
  readonly time: bigint;
  readonly value: Value;
}

/**
 * An aggregation of one entity's values: `intervals` are the open ones, the current one last. A row adds its value, the
 * window's values give the result, and only then the window's condition takes effect.
 */
class EntityWindow {
  private intervals: TimedValue[][] = [[]];

  add(value: TimedValue): void {
    this.intervals[this.intervals.length - 1]!.push(value);
  }

  values(): readonly TimedValue[] {
    return this.intervals.flat();
  }

  /** Starts a new interval and keeps at most `count`. */
  next(count: number): void {
    this.intervals.push([]);
    if (this.intervals.length > count) this.intervals.shift();
  }
}

/** An aggregation on the rows of its input and of its window's condition. */
export function aggregation(
  evaluator: Evaluator,
  node: CallNode,
  parameters: readonly string[],
  context: Context,
): Timeline {
  const inputId = node.arguments[parameters.indexOf("input")]!;
  const constants = new Map<string, Value>();
  for (const [index, parameter] of parameters.entries()) {
    if (parameter === "input") continue;
    constants.set(parameter, collapse(evaluator.evaluate(node.arguments[index]!, context)).cells[0]!.value);
  }
  const input = evaluator.evaluate(inputId, context);
  const { window } = node;
  const condition =
    window === undefined || window.kind === "within"
      ? constant(null)
      : evaluator.evaluate(window.condition, { ...context, tick: input.domain ?? context.tick });
  const domain = mergeDomains([input.domain, condition.domain]);
  const inputs = collapse(align(input, domain));
  const conditions = collapse(align(condition, domain));
  const aggregate = AGGREGATES[node.function]!;
  const types = { input: evaluator.node(inputId).type, result: node.type, constants };
  if (domain === null) return constant(aggregate({ ...types, values: [] }));

  const entities = new Map<bigint, EntityWindow>();
  const cells = domain.rows.map((row, index): Cell => {
    let entity = entities.get(row.hash);
    if (entity === undefined) {
      entity = new EntityWindow();
      entities.set(row.hash, entity);
    }
    const { value, isNew } = inputs.cells[index]!;
    const condition = conditions.cells[index]!;
    if (isNew && value !== null) entity.add({ time: row.time, value });
    let held = entity.values();
    if (window?.kind === "within") held = held.filter(({ time }) => time > row.time - BigInt(window.nanoseconds));
    const result = aggregate({ ...types, values: held.map((item) => item.value) });
    if (condition.value === true) entity.next(window?.kind === "sliding" ? window.count : 1);
    return { value: result, isNew: isNew || condition.isNew };
  });
  const column: Column = { kind: "column", continuous: true, cells };
  return { domain, shape: column };
}

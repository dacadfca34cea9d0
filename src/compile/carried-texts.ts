import type { Plan, ValueExpression, ValueId } from "../plan/plan.ts";
import type { Stage } from "../plan/stages.ts";

/**
 * Texts made of several values of a row that go into the result and nowhere else: nobody compares them, so that equal
 * ones need no common code.
 */
export function carriedTexts(plan: Plan, { sink }: Stage): ReadonlySet<ValueId> {
  if (sink.kind !== "result" && sink.kind !== "final") return new Set();
  const read = new Set<ValueId>();
  for (const value of plan.values) for (const id of textsReadBy(value)) read.add(id);
  for (const domain of plan.domains) if (domain.kind === "rekey") read.add(domain.key);
  for (const { key, parts } of plan.lookups) for (const id of [key, ...parts.map(({ value }) => value)]) read.add(id);
  return new Set(
    sink.columns.filter((id) => {
      const { kind, type } = plan.values[id]!;
      return kind === "call" && type.kind === "string" && !read.has(id);
    }),
  );
}

/** The values whose text, and not only whether they are there, another one depends on. */
function textsReadBy(value: ValueExpression): readonly ValueId[] {
  if (value.kind === "is_valid") return [];
  if ("arguments" in value) return value.arguments;
  return "argument" in value ? [value.argument] : [];
}

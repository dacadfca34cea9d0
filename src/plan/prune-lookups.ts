import type { Plan, Value, ValueId } from "./plan.ts";
import { stagesOf } from "./stages.ts";

/** The plan with lookups that answer only what its stages read: nobody may ask whether an answer is new. */
export function pruneLookups(plan: Plan): Plan {
  if (plan.lookups.length === 0) return plan;
  // Stages of final results read more.
  const read = new Set<ValueId>(stagesOf(plan, true).flatMap(({ values }) => values));
  const kept = plan.lookups.map(({ parts }, lookup) =>
    parts.map((_, part) => plan.values.some((value, id) => read.has(id) && isAnswer(value, lookup, part))),
  );
  const values = plan.values.map((value) => {
    if (value.kind !== "answer" || !kept[value.lookup]![value.part]) return value;
    return { ...value, part: kept[value.lookup]!.slice(0, value.part).filter(Boolean).length };
  });
  const lookups = plan.lookups.map((lookup, id) =>
    kept[id]!.includes(true) ? { ...lookup, parts: lookup.parts.filter((_, part) => kept[id]![part]) } : lookup,
  );
  return { ...plan, values, lookups };
}

function isAnswer(value: Value, lookup: number, part: number): boolean {
  return value.kind === "answer" && value.lookup === lookup && value.part === part;
}

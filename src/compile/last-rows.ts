import type { Plan } from "../plan/plan.ts";
import { OF_OWN_PARTS } from "../plan/plan-parts.ts";
import type { Stage } from "../plan/stages.ts";
import type { ResultBounds } from "./emit-sink.ts";
import type { SourceFacts } from "./emit-sources.ts";
import type { StageWriter } from "./stage-writer.ts";

/** What is found from a row of a table alone. */
const OF_ITS_ROW: ReadonlySet<string> = new Set([
  ...OF_OWN_PARTS,
  "literal",
  "column",
  "time",
  "present",
  "any",
  "all",
  "hash",
]);

/** Whether a stage looks at the last row of each entity only: what it asks of other entities depends on no row before it. */
export function looksAtLastRows(
  plan: Plan,
  { sink, sources, ticks, domains, values }: Stage,
  facts: readonly SourceFacts[],
  bounds: ResultBounds,
): boolean {
  const [source] = sources;
  return (
    sink.kind === "requests" &&
    sink.last === true &&
    !bounds.finalTime &&
    ticks.length === 0 &&
    sources.length === 1 &&
    source!.kind === "scan" &&
    // Rows that are equal in all else are told apart by how many there were before.
    facts[0]!.ties !== true &&
    plan.lookups[sink.lookup]!.domain === source!.domain &&
    domains.every((id) => id === source!.domain) &&
    values.every((id) => OF_ITS_ROW.has(plan.values[id]!.kind))
  );
}

/** The text that goes on to an entity's last row where the entity begins, or as far as rows may be walked before the run is left. */
export function skipToLastRow(writer: StageWriter): string {
  const row = "(local.get $s0_row)";
  const skipped = writer.scratch("skipped", "i32");
  return `(local.set $skipped (i32.sub (i32.sub (local.get $s0_end) (i32.const 1)) ${row}))
        (local.set $skipped (select ${skipped} (local.get $fuel) (i32.lt_u ${skipped} (local.get $fuel))))
        (local.set $s0_row (i32.add ${row} ${skipped}))
        (local.set $fuel (i32.sub (local.get $fuel) ${skipped}))`;
}

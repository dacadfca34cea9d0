import type { DomainId, Plan } from "../plan/plan.ts";
import type { Stage } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { compileStage } from "./compile-stage.ts";
import type { ResultBounds } from "./emit-sink.ts";
import { formatWat } from "./format-wat.ts";
import { sourceFacts } from "./source-facts.ts";

const LEGEND = `;; The rows r1 of the plan are $p1 here: 1 where they have the row of the loop.
;; v2 is $v2, and $o2 is 1 where it is there. Strings, lists and maps are numbers that the host knows.
`;

/** The WebAssembly of each stage of a plan, as text. */
export function explainStages(
  plan: Plan,
  stages: readonly Stage[],
  tables: readonly TableSnapshot[],
  bounds: ResultBounds,
): string {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const keyTypes = new Map<DomainId, FenlType>();
  const texts = stages.map((stage) => {
    const facts = sourceFacts(plan, stage, byName, (domain) => keyTypes.get(domain));
    const { wat, keyType } = compileStage(plan, stage, facts, bounds);
    const stored = storedKeyType(plan, stage, keyType);
    if (stage.sink.kind === "stored" && stored !== null) keyTypes.set(stage.sink.domain, stored);
    return `;; stage ${stage.id}\n${formatWat(wat)}`;
  });
  return `${LEGEND}${texts.join("\n")}`;
}

/** The entity keys that go with stored rows: those of the sources, or the new ones. */
function storedKeyType(plan: Plan, { sink }: Stage, sourceKeyType: FenlType | null): FenlType | null {
  if (sink.kind !== "stored") return null;
  const domain = plan.domains[sink.domain]!;
  return domain.kind === "rekey" ? plan.values[domain.key]!.type : sourceKeyType;
}

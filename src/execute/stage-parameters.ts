import type { Stage } from "../plan/stages.ts";
import type { Extents } from "./extents.ts";

/** What a stage's module is told: the last instants of ticks, and what bounds its rows. `through`: a preview's last time. */
export function stageParameters(
  stage: Stage,
  extents: Extents,
  through: bigint | null,
  { finalTime, changedSince }: { readonly finalTime?: bigint; readonly changedSince?: bigint },
): Record<string, bigint> {
  const parameters: Record<string, bigint> = {};
  for (const tick of stage.ticks) {
    const last = extents.last(tick.of) ?? 0n;
    const end = through ?? last;
    const until = tick.unit === "finished" ? last + 1n : end < last ? end : last;
    parameters[`tick ${tick.domain}`] = until;
  }
  if (finalTime !== undefined) parameters["final time"] = finalTime;
  if (changedSince !== undefined) parameters["changed since"] = changedSince;
  return parameters;
}

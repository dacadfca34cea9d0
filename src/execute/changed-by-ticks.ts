import { ticksUntilSettled } from "../compile/quiet-ticks.ts";
import type { DomainId, Plan } from "../plan/plan.ts";
import type { Stage, StageTick } from "../plan/stages.ts";
import type { EntityTimes } from "./entity-times.ts";
import type { Extents } from "./extents.ts";
import { hasKnownExtent } from "./preview-run.ts";
import { UnboundedScope } from "./run-scope.ts";
import { lastTick, type TickUnit } from "./tick-boundaries.ts";

/** What was known of time when an earlier state was made. */
export interface TickState {
  /** By tick: the last time of the domain that it is bound to. */
  readonly last: ReadonlyMap<DomainId, bigint | null>;
  /** By stage with ticks: the last events of its entities; null where these are not all that can tell. */
  readonly times: ReadonlyMap<number, EntityTimes | null>;
}

/** Whether the last event of each entity tells how many ticks there were since the stage's last row of another kind. */
export function hasTelltaleEvents(stage: Stage): boolean {
  return stage.ticks.length > 0 && stage.sources.every(({ kind }) => kind === "scan" || kind === "answers");
}

/** The last times of the domains that ticks are bound to, but for those that only a run tells. */
export function tickExtents(plan: Plan, stages: readonly Stage[], extents: Extents): Map<DomainId, bigint | null> {
  const known = stages.flatMap(({ ticks }) => ticks.filter(({ of }) => hasKnownExtent(plan, of)));
  return new Map(known.map(({ domain, of }) => [domain, extents.last(of)]));
}

/**
 * The entities without new events for which a stage gives other rows because time has gone on: those whose last events
 * are so late that the ticks until then had not yet ended all windows. None where no tick has come.
 * @throws UnboundedScope where it may be all of them
 */
export function changedByTicks(plan: Plan, stage: Stage, before: TickState, now: TickState["last"]): Set<bigint> {
  const moved = stage.ticks.filter((tick) => hasTicked(tick, before, now));
  if (moved.length === 0) return new Set();
  const settled = ticksUntilSettled(plan, stage, new Set(moved.map(({ domain }) => domain)));
  const times = before.times.get(stage.id);
  if (!comeAtOnce(moved, before.last, now) || settled === null || times == null) throw new UnboundedScope();
  const [{ domain, unit }] = moved as [StageTick & { unit: TickUnit }];
  const since = lastTick(unit, before.last.get(domain)!, settled - 1);
  // Other ticks are rows of another kind.
  for (const other of stage.ticks) {
    const end = before.last.get(other.domain);
    if (moved.includes(other) || end === null) continue;
    if (other.unit === "finished" || end === undefined || lastTick(other.unit, end) >= since)
      throw new UnboundedScope();
  }
  const changed = new Set<bigint>();
  times.entity.forEach((hash, index) => {
    if (times.time[index]! >= since) changed.add(hash);
  });
  return changed;
}

/** Whether ticks are at the same times, from where they were to where they are now. */
function comeAtOnce(ticks: readonly StageTick[], before: TickState["last"], now: TickState["last"]): boolean {
  const spans = ticks.map(({ domain, unit }) => {
    const [earlier, later] = [before.get(domain), now.get(domain)];
    if (unit === "finished" || earlier == null || later == null || later < earlier) return "unknown";
    return `${unit} ${lastTick(unit, earlier)} ${lastTick(unit, later)}`;
  });
  return spans.every((span) => span !== "unknown" && span === spans[0]);
}

/** Whether there are ticks that were not there before, or some are gone. */
function hasTicked({ domain, unit }: StageTick, before: TickState, now: TickState["last"]): boolean {
  const [earlier, later] = [before.last.get(domain), now.get(domain)];
  if (earlier === undefined || later === undefined) return true;
  // Where there were no rows, entities without new events have none.
  if (earlier === null || earlier === later) return false;
  if (later === null || later < earlier || unit === "finished") return true;
  return lastTick(unit, earlier) !== lastTick(unit, later);
}

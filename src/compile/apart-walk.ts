import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import { OF_OWN_PARTS, partsInStage } from "../plan/plan-parts.ts";
import type { Stage } from "../plan/stages.ts";
import { headOf, type SourceText } from "./emit-sources.ts";
import { rowOfStream } from "./row-cases.ts";
import { rowsAtOnce } from "./rows-at-once.ts";
import { balanced, type StageWriter } from "./stage-writer.ts";

/** Final results of which nothing depends on how the rows of several tables follow each other. */
export interface ApartWalk {
  /** The table, by the number of its source, on whose rows alone a value or a domain is found; null: it is not on one's alone. */
  sourceOf(step: { readonly kind: "domain" | "value"; readonly id: number }): number | null;
  /** The sources that have the rows of a domain, some or all of them. */
  sourcesOf(domain: DomainId): readonly number[];
  /** Aggregations that nobody asks for before the entity ends. */
  readonly late: ReadonlySet<ValueId>;
}

/**
 * Whether the tables of a stage can be walked one after the other within an entity, for what stands at its end: each value
 * is one of a single table's rows, or is made of such values, which stand, and can be made once.
 */
export function apartWalk(plan: Plan, stage: Stage): ApartWalk | null {
  const { sink, sources, ticks } = stage;
  if (sink.kind !== "final" || ticks.length > 0 || sources.some(({ kind }) => kind !== "scan")) return null;
  const ofDomain = new Map<DomainId, readonly number[]>();
  for (const id of stage.domains) {
    const own = sources.findIndex((source) => source.kind === "scan" && source.domain === id);
    const domain = plan.domains[id]!;
    if (own >= 0) ofDomain.set(id, [own]);
    else if (domain.kind === "select") ofDomain.set(id, ofDomain.get(domain.input)!);
    else if (domain.kind === "merge") {
      ofDomain.set(id, [...new Set(domain.inputs.flatMap((input) => ofDomain.get(input)!))]);
    } else return null;
  }
  const single = (id: DomainId | null): number | null => {
    const some = id === null ? [] : ofDomain.get(id)!;
    return some.length === 1 ? some[0]! : null;
  };
  const isConstant = (id: ValueId) => plan.values[id]!.domain === null;
  const ofValue = new Map<ValueId, number>();
  const atEnd = new Set<ValueId>();
  const early = new Set<ValueId>();
  const stands = (id: ValueId) => isConstant(id) || atEnd.has(id) || (ofValue.has(id) && plan.values[id]!.continuous);
  // What uses a value stands behind it.
  for (const id of stage.values) {
    const value = plan.values[id]!;
    if (isConstant(id)) continue;
    const parts = partsInStage(value);
    const source = single(value.domain);
    if (source !== null && parts.every((part) => isConstant(part) || ofValue.get(part) === source)) {
      ofValue.set(id, source);
      for (const part of parts) early.add(part);
    } else if (
      value.continuous &&
      OF_OWN_PARTS.has(value.kind) &&
      isWhole(plan, value.domain!) &&
      parts.every(stands)
    ) {
      atEnd.add(id);
    } else if (value.kind !== "present" || value.continuous) return null;
  }
  for (const id of stage.domains) {
    const domain = plan.domains[id]!;
    if (domain.kind !== "select") continue;
    if (single(id) === null || ofValue.get(domain.condition) !== single(id)) return null;
    early.add(domain.condition);
  }
  if (!sink.columns.every(stands)) return null;
  const isLate = (id: ValueId) => {
    const { kind, domain } = plan.values[id]!;
    return kind === "aggregate" && !early.has(id) && plan.domains[domain!]?.kind === "scan";
  };
  return {
    sourceOf: ({ kind, id }) => (kind === "domain" ? single(id) : (ofValue.get(id) ?? null)),
    sourcesOf: (domain) => ofDomain.get(domain)!,
    late: new Set([...ofValue.keys()].filter(isLate)),
  };
}

/** Whether a domain has all rows of some sources, so that these tell whether it has one. */
export function isWhole(plan: Plan, id: DomainId): boolean {
  const domain = plan.domains[id]!;
  return domain.kind === "scan" || (domain.kind === "merge" && domain.inputs.every((input) => isWhole(plan, input)));
}

/** Whether an entity has a row of a domain that is whole, once all are walked. */
export function hadRow({ sourcesOf }: ApartWalk, domain: DomainId): string {
  return balanced(
    "i32.or",
    sourcesOf(domain).map((index) => `(local.get $s${index}_had)`),
  );
}

/** The text that walks an entity's rows, and which sources' times it asks for. */
export interface ApartText {
  readonly text: string;
  readonly timed: ReadonlySet<number>;
}

/**
 * Walks the rows of one source after the other. How far is known before: no row asks whether it is the last one that may
 * be walked.
 * @param bodies what is done on a row, by source
 * @param leave leaves the run, which goes on with the next row when it is entered again
 */
export function walkApart(
  writer: StageWriter,
  { slots, streams }: SourceText,
  bodies: readonly string[],
  leave: string,
): ApartText {
  const timed = new Set<number>();
  const stop = writer.scratch("stop", "i32");
  const fuel = "(local.get $fuel)";
  const texts = bodies.map((body, index) => {
    const [row, end] = [`(local.get $s${index}_row)`, `(local.get $s${index}_end)`];
    const own = rowOfStream(writer, streams, streams[index]!, body);
    if (own.includes("(local.get $time)")) timed.add(index);
    const left = `(i32.sub ${end} ${row})`;
    const atOnce = rowsAtOnce(own, `(i32.sub ${stop} ${row})`);
    const rows =
      atOnce !== null
        ? `${atOnce}
      (local.set $s${index}_row ${stop})`
        : `(loop $rows
        ${timed.has(index) ? `(local.set $time ${streams[index]!.time})` : ""}
        ${own}
        (local.set $s${index}_row (i32.add ${row} (i32.const 1)))
        (br_if $rows (i32.lt_u ${row} ${stop})))`;
    return `(if (local.get $s${index}_on) (then
      (if (i32.eqz ${fuel}) (then ${leave}))
      (local.set $stop (i32.add ${row} (select ${left} ${fuel} (i32.lt_u ${left} ${fuel}))))
      (local.set $fuel (i32.sub ${fuel} (i32.sub ${stop} ${row})))
      ${rows}
      (if (i32.lt_u ${row} ${end}) (then ${leave}))
      (local.set $s${index}_number (i32.add (local.get $s${index}_number) (i32.const 1)))
      ${headOf(`s${index}`, slots[index]!)}
      (local.set $s${index}_on (i32.const 0))))`;
  });
  return { text: texts.join("\n"), timed };
}

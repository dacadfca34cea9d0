import { hostMath, watRuntime } from "../functions/wat-runtime.ts";
import type { CalendarUnit, DomainId, Plan, ValueId } from "../plan/plan.ts";
import { isWithin } from "../plan/plan-builder.ts";
import type { Stage, StageTick } from "../plan/stages.ts";
import { type FenlType, representationOf } from "../values/fenl-type.ts";
import { type ApartWalk, apartWalk, hadRow, walkApart } from "./apart-walk.ts";
import { type AsOfWalk, asOfWalk } from "./as-of-walk.ts";
import { carriedTexts } from "./carried-texts.ts";
import { CompileFault } from "./compile-fault.ts";
import { readInState } from "./emit-aggregate.ts";
import { CATCH_UP, WINDOWED, walkAsOf } from "./emit-as-of.ts";
import { emitSink, type ResultBounds, showsAtEntityEnd } from "./emit-sink.ts";
import { emitSources, type SourceFacts, type SourceText } from "./emit-sources.ts";
import { emitValue } from "./emit-values.ts";
import type { HostImport, StringLiteral } from "./host-import.ts";
import { looksAtLastRows, skipToLastRow } from "./last-rows.ts";
import { quietTicks } from "./quiet-ticks.ts";
import { rowCases, rowOfStream } from "./row-cases.ts";
import { type StepGroup, schedule } from "./schedule.ts";
import { STATUS, type StageLayout } from "./stage-layout.ts";
import { balanced, StageWriter } from "./stage-writer.ts";
import { textOrder } from "./text-order.ts";

/** A stage as a WebAssembly module in text form, with all that its host has to know. Plain data. */
export interface StageText {
  readonly wat: string;
  readonly layout: StageLayout;
  readonly imports: readonly HostImport[];
  readonly strings: readonly StringLiteral[];
  readonly keyType: FenlType | null;
}

/** By plan, the stages that were compiled for it, by all else that their texts depend on. */
const compiled = new WeakMap<Plan, Map<string, StageText>>();
/** A plan over tables that change is compiled anew where other columns have nulls. */
const MOST_COMPILED = 64;

/**
 * Writes the one function of a stage: it walks the rows of all sources in step and computes everything on the way. It
 * can be left at any row and entered again; its state is then in the context block.
 * @param identity whether rows for other entities have all columns of identity, or those in which they may differ
 */
export function compileStage(
  plan: Plan,
  stage: Stage,
  facts: readonly SourceFacts[],
  bounds: ResultBounds,
  identity: "whole" | "as needed" = "whole",
): StageText {
  const known = compiled.get(plan) ?? new Map<string, StageText>();
  compiled.set(plan, known);
  const times = facts.map((fact) => [...(fact.times ?? [])]);
  const key = JSON.stringify([stage, facts, times, bounds, identity]);
  let text = known.get(key);
  if (text === undefined) {
    try {
      text = stageText(plan, stage, facts, bounds, identity === "whole");
    } catch (error) {
      throw new CompileFault(error);
    }
    if (known.size === MOST_COMPILED) known.clear();
    known.set(key, text);
  }
  return text;
}

function stageText(
  plan: Plan,
  stage: Stage,
  facts: readonly SourceFacts[],
  bounds: ResultBounds,
  isWhole: boolean,
): StageText {
  const writer = new StageWriter(plan, stage.sources);
  if (stage.sink.kind === "answers") {
    // A request comes after the rows of its instant, and asks for what they had.
    for (const part of plan.lookups[stage.sink.lookup]!.parts) if (part.exact) writer.keep(part.value);
  }
  writer.carried = carriedTexts(plan, stage);
  const apart = stage.sink.kind === "final" && showsAtEntityEnd(writer, stage.sink, { bounds, ticks: stage.ticks });
  const walk = apart ? apartWalk(plan, stage) : null;
  if (walk !== null) writer.late = walk.late;
  const asOf = walk === null ? asOfWalk(plan, stage, facts) : null;
  const sources = emitSources(writer, stage, facts, walk !== null || asOf !== null);
  for (const fact of facts) {
    for (const id of fact.neverNull ?? []) writer.setNeverNull(id);
    for (const [id, unit] of fact.times ?? []) writer.times.set(id, unit);
  }
  for (const id of stage.values) readInState(writer, id);
  const groups = schedule(plan, stage);
  const resetsBefore = writer.resets.length;
  const constants = groups.flatMap((group) => (group.domain === null ? group.steps : []));
  const once = constants.flatMap((step) => (step.kind === "value" ? [emitValue(writer, stage, step.id)] : []));
  const constantResets = writer.resets.splice(resetsBefore);
  const bodyOf = (some: readonly StepGroup[]) => some.map((group) => emitGroup(writer, stage, group)).join("\n");
  const bodies = walk === null ? [] : stage.sources.map((_, index) => bodyOf(stepsOf(groups, walk, index)));
  const body = walk === null && asOf === null ? bodyOf(groups) : "";
  const asOfBodies = asOf && stage.sources.map((_, index) => asOfBody(writer, stage, groups, asOf, index));
  const atEnd = walk === null ? "" : emitEnd(writer, stage, groups, walk);
  const quiet = quietTicks(plan, stage);
  const ticks = stage.ticks
    .map((tick, index) => {
      const others = sources.streams.filter((_, stream) => stream !== stage.sources.length + index);
      const rows = quiet.get(tick.domain);
      return emitTickStep(writer, tick, rows === undefined ? "" : emitSkip(writer, tick, rows, others));
    })
    .join("\n");
  // Answers ask for the identity of every row, other sinks for that of the rows they write, ticks where they begin.
  const identified = stage.sink.kind === "answers" || stage.ticks.length > MOST_IDENTIFYING_TICKS;
  if (!identified) writer.identify = sources.identify;
  const sink = emitSink(writer, stage.sink, { sources, ticks: stage.ticks, isWhole, bounds });
  for (const id of stage.values) {
    const value = plan.values[id]!;
    if (value.continuous && value.domain !== null && value.kind !== "literal") {
      writer.resets.push(`(local.set ${writer.validLocal(id).slice(11, -1)} (i32.const 0))`);
    }
  }
  for (const id of stage.values) writer.release(id);
  writer.local("inside", "i32");
  writer.local("started", "i32");
  const resets = writer.discreteResets();
  const asOfRows = asOf && asOfBodies && asOfTexts(writer, stage, asOf, asOfBodies, sink.atRow);
  const anyRow = asOfRows
    ? asOfRows.join("\n")
    : `${identified ? sources.identify : ""}
    ${resets}
    ${body}
    ${ticks}
    ${sink.atRow}
    ${sources.advance}
    (br $rows)`;
  // Where two sources have rows at one time, which is rare, is all that they are for.
  const later = stage.sources.flatMap(({ kind }, index) =>
    kind === "scan" && !isWhole && !anyRow.includes(`$s${index}_subsort`) ? [index] : [],
  );
  const row = anyRow.replaceAll(IDENTIFY, identified ? "" : sources.identifyRarely(later));
  writer.scratch("status", "i32");
  writer.scratch("fuel", "i32");
  const fuel = writer.layout.slot();
  writer.address("tank", fuel);
  const windowed = asOf === null ? undefined : writer.layout.slot();
  if (windowed !== undefined) writer.address(WINDOWED, windowed);
  const leave = `(local.set $status (select (i32.const ${STATUS.full}) (i32.const ${STATUS.yielded}) ${sink.full}))
          (br $exit)`;
  const nextEntity = `${sink.atEntityEnd}
          (local.set $inside (i32.const 0))
          (br $entities)`;
  const apartText =
    walk &&
    walkApart(
      writer,
      sources,
      bodies.map((own) => `${resets} ${own}`),
      leave,
    );
  const untimed = apartText && stage.sources.flatMap((_, index) => (apartText.timed.has(index) ? [] : [index]));
  const asOfText = asOf && asOfRows && walkAsOf(writer, sources, asOf, { rows: asOfRows, subsortsLater: later }, leave);
  const rows = apartText
    ? `${apartText.text} ${atEnd} ${nextEntity}`
    : asOfText
      ? `${asOfText} ${nextEntity}`
      : mergedRows(writer, sources, row, later, nextEntity);
  const skip = looksAtLastRows(plan, stage, facts, bounds) ? skipToLastRow(writer) : "";
  const run = writer.withinLocals(
    () => `(func (export "run") (result i32)
    ${writer.declarations()}
    ${writer.restore()}
    (local.set $fuel (local.get $tank))
    (if (i32.eqz (local.get $started)) (then
      (local.set $started (i32.const 1))
      ${sources.start}
      ${constantResets.join("\n")}
      ${once.join("\n")}))
    (block $exit (loop $entities
      (if (i32.eqz (local.get $inside)) (then
        ${sources.nextEntity}
        (if (i32.eqz (local.get $found)) (then (local.set $status (i32.const ${STATUS.done})) (br $exit)))
        ${writer.resets.join("\n        ")}
        ${sources.loadKey}
        ${skip}
        ${sources.enterEntity}
        (local.set $inside (i32.const 1))))
      (loop $rows
        (local.set $fuel (i32.sub (local.get $fuel) (i32.const 1)))
        (if (i32.le_s (local.get $fuel) (i32.const 0)) (then
          ${leave}))
        ${rows})))
    ${writer.save()}
    (local.get $status))`,
  );
  const written = [...writer.functions, run];
  const functions = [...textOrder(writer, written), ...written];
  const wat = `(module
  (import "host" "memory" (memory 1 65536))
  ${writer.strings.map(({ name }) => `(import "host" "${name}" (global $${name} i32))`).join("\n  ")}
  ${importText(writer.imports, later.length > 0)}
  ${link(functions).join("\n  ")})`;
  return {
    wat,
    layout: {
      bytes: writer.layout.bytes,
      fuel,
      ...(windowed === undefined ? {} : { windowed }),
      sources: sources.slots.map((slots, index) => ({
        ...slots,
        ...(later.includes(index) ? { subsortsLater: true } : {}),
        ...(untimed?.includes(index) ? { withoutTimes: true } : {}),
      })),
      sink: sink.slots,
      codes: writer.codePlaces(),
      entity: writer.offsetOf("key"),
      parameters: writer.layout.parameters,
    },
    imports: writer.imports,
    strings: writer.strings,
    keyType: sources.keyType,
  };
}

/** What is done on a row, whichever sources have it; then, or where there is no further row, the entity's end. */
function mergedRows(
  writer: StageWriter,
  sources: SourceText,
  row: string,
  later: readonly number[],
  nextEntity: string,
): string {
  const cases = rowCases(writer, sources.streams, row);
  const only = sources.streams.length === 1 ? sources.streams[0] : undefined;
  return `${cases}
        ${sources.nextRow(later)}
        (if (i32.eqz (local.get $found)) (then
          ${nextEntity}))
        ${only ? rowOfStream(writer, sources.streams, only, row) : row}`;
}

/** What is computed on the rows of one source of those that are walked as of the leader's; the sink is not in it yet. */
function asOfBody(
  writer: StageWriter,
  stage: Stage,
  groups: readonly StepGroup[],
  walk: AsOfWalk,
  source: number,
): string {
  let caughtUp = source !== walk.leader || walk.asking === null;
  const texts = groups.map(({ domain, steps }) => {
    const own = steps.filter((step) => walk.isOf(step, source));
    const asks = !caughtUp && domain === walk.asking && own.some((step) => walk.asks(step));
    caughtUp ||= asks;
    return emitGroup(writer, stage, { domain, steps: own }, asks ? CATCH_UP : "");
  });
  if (!caughtUp) texts.push(`(if ${writer.present(walk.asking!)} (then ${CATCH_UP}))`);
  return texts.join("\n");
}

/** What is done on a row of each source, the sink's part of the leader's. */
function asOfTexts(
  writer: StageWriter,
  stage: Stage,
  walk: AsOfWalk,
  bodies: readonly string[],
  atRow: string,
): string[] {
  return stage.sources.map((_, index) => {
    const resets = writer.discreteResets((id) => walk.isOf({ kind: "value", id }, index));
    if (index !== walk.leader) return `${resets} ${bodies[index]}`;
    const first = walk.asking === null && walk.asksAny ? CATCH_UP : "";
    return `${resets} ${first} ${bodies[index]} ${atRow}`;
  });
}

/** The steps that are of the rows of one source alone. */
function stepsOf(groups: readonly StepGroup[], walk: ApartWalk, source: number): StepGroup[] {
  return groups.map(({ domain, steps }) => ({ domain, steps: steps.filter((step) => walk.sourceOf(step) === source) }));
}

/** What is computed once the rows of an entity were walked apart: what stands is combined on the rows of several sources. */
function emitEnd(writer: StageWriter, stage: Stage, groups: readonly StepGroup[], walk: ApartWalk): string {
  const onRows = (id: ValueId, text: string) =>
    text === "" ? "" : `(if ${hadRow(walk, writer.plan.values[id]!.domain!)} (then ${text}))`;
  const late = [...walk.late].map((id) => onRows(id, writer.lateTexts.get(id) ?? ""));
  const steps = groups.flatMap(({ domain, steps }) => (domain === null ? [] : steps));
  const combined = steps.filter((step) => step.kind === "value" && walk.sourceOf(step) === null);
  return [...late, ...combined.map(({ id }) => onRows(id, emitValue(writer, stage, id)))].join("\n");
}

/** @param before what is done before, where the domain has the row */
function emitGroup(writer: StageWriter, stage: Stage, group: StepGroup, before = ""): string {
  if (group.domain === null) {
    // Values without rows were computed before the loop.
    return group.steps.map((step) => (step.kind === "domain" ? emitPresence(writer, step.id) : "")).join("\n");
  }
  const text = group.steps
    .map((step) =>
      step.kind === "value" ? onOwnRows(writer, step.id, group.domain!, emitValue(writer, stage, step.id)) : "",
    )
    .filter(Boolean);
  if (text.length === 0 && before === "") return "";
  return `(if ${writer.present(group.domain)} (then\n${before} ${text.join("\n")}))`;
}

/** A value that is computed on the rows of another domain than its own exists where both have the row. */
function onOwnRows(writer: StageWriter, id: ValueId, rows: DomainId, text: string): string {
  const { domain } = writer.plan.values[id]!;
  if (rows !== domain) writer.stand(id);
  if (text === "" || domain === null || isWithin(writer.plan.domains, rows, domain)) return text;
  return `(if ${writer.present(domain)} (then ${text}))`;
}

function emitPresence(writer: StageWriter, id: number): string {
  const domain = writer.plan.domains[id]!;
  const name = writer.present(id).slice(11, -1);
  if (domain.kind === "merge") {
    const parts = domain.inputs.map((input) => writer.present(input));
    return `(local.set ${name} ${balanced("i32.or", parts)})`;
  }
  if (domain.kind === "select") {
    const condition = writer.holds(domain.condition, domain.input);
    return `(local.set ${name} (i32.and ${writer.present(domain.input)} ${condition}))`;
  }
  return domain.kind === "tick" ? emitTickStart(writer, id, domain.unit, domain.of) : "";
}

/** Code that sets a row's identity is as long as there are ticks: each of more ticks does not get its own. */
const MOST_IDENTIFYING_TICKS = 8;

/** Stands for what sets the row's identity, which few rows are asked for. */
const IDENTIFY = "(identify)";

/**
 * Starts a tick at the first row of its domain. Where that row stands at a boundary and is itself of the kind that ticks
 * make, it is a row of this tick, too.
 */
function emitTickStart(writer: StageWriter, id: number, unit: CalendarUnit, of: number): string {
  const [next, last] = [`(local.get $tick${id}_next)`, writer.parameter(`tick ${id}`)];
  const first = unit === "finished" ? last : `(call $tick_ceil_${unit} (local.get $time))`;
  const isTick = "(i32.and (i32.eq (local.get $rank) (i32.const 1)) (i64.eq (local.get $subsort) (i64.const -1)))";
  return `(if (i32.and ${writer.present(of)} (i32.eqz (local.get $tick${id}_started))) (then
      (local.set $tick${id}_started (i32.const 1))
      (local.set $tick${id}_next ${first})
      (local.set $tick${id}_on (i64.le_s ${next} ${last}))
      (if (i32.and (local.get $tick${id}_on) (i64.eq ${next} (local.get $time))) (then
        ${IDENTIFY}
        (if ${isTick} (then (local.set $p${id} (i32.const 1))))))))`;
}

/** Moves a tick on after its row; `skip` may move it further. */
function emitTickStep(writer: StageWriter, { domain, unit }: StageTick, skip: string): string {
  const [next, last] = [`(local.get $tick${domain}_next)`, writer.parameter(`tick ${domain}`)];
  const step = `(if (i64.lt_s ${next} ${last}) (then
        (local.set $tick${domain}_next (call $tick_next_${unit} ${next}))
        ${skip}
        (local.set $tick${domain}_on (i64.le_s ${next} ${last}))))`;
  const rest = skip === "" ? "" : `(else (local.set $tick${domain}_idle (i32.const 0)))`;
  return `(if ${writer.present(domain)} (then
      (local.set $tick${domain}_on (i32.const 0))
      ${unit === "finished" ? "" : step}) ${rest})`;
}

/** Leaves out the rows of a tick that would change nothing: after so many alone, those before the next other row. */
function emitSkip(
  writer: StageWriter,
  { domain, unit }: StageTick,
  rows: number,
  others: SourceText["streams"],
): string {
  const idle = writer.local(`tick${domain}_idle`, "i32");
  const event = writer.scratch(`tick${domain}_event`, "i64");
  writer.resets.push(`(local.set $tick${domain}_idle (i32.const 0))`);
  const alone = `(i32.eqz ${balanced(
    "i32.or",
    others.map(({ present }) => present),
  )})`;
  const earliest = others.map(
    ({ time }) => `(local.set $tick${domain}_event (select ${time} ${event} (i64.lt_s ${time} ${event})))`,
  );
  const end = "(i64.const 0x7fffffffffffffff)";
  return `(local.set $tick${domain}_idle (select (i32.add ${idle} (i32.const 1)) (i32.const 0) ${alone}))
        (if (i32.ge_u ${idle} (i32.const ${rows})) (then
          (local.set $tick${domain}_event ${end})
          ${earliest.join(" ")}
          (if (i64.gt_s ${event} (local.get $tick${domain}_next)) (then
            (local.set $tick${domain}_next (select ${end} (call $tick_ceil_${unit} ${event}) (i64.eq ${event} ${end})))))))`;
}

function importText(imports: readonly HostImport[], subsortsLater: boolean): string {
  const rep = (type: FenlType) => representationOf(type);
  const lines = [`(import "host" "grow" (func $host_grow (param i32 i32 i32) (result i32)))`];
  if (subsortsLater) lines.push(`(import "host" "subsorts" (func $host_subsorts (param i32) (result i32)))`);
  for (const item of imports) {
    if (item.kind === "aggregate") {
      const { name } = item;
      const time = item.within === null ? "" : "i64";
      lines.push(
        `(import "host" "${name}_update" (func $${name}_update (param ${rep(item.parameters[0]!)} ${time})))`,
        `(import "host" "${name}_emit" (func $${name}_emit (param ${time}) (result ${rep(item.result)})))`,
        `(import "host" "${name}_reset" (func $${name}_reset))`,
        `(import "host" "${name}_close" (func $${name}_close))`,
      );
      continue;
    }
    const free = item.kind === "tuple" || ((item.kind === "call" || item.kind === "cast") && item.free);
    const parameters = item.parameters.map((type) => (free ? `${rep(type)} i32` : rep(type))).join(" ");
    const list = parameters === "" ? "" : `(param ${parameters})`;
    lines.push(`(import "host" "${item.name}" (func $${item.name} ${list} (result ${rep(item.result)})))`);
  }
  return lines.join("\n  ");
}

/** Adds the run time's functions that the text calls, and those that they call. */
function link(functions: readonly string[]): string[] {
  const linked = new Map<string, string>();
  const own = new Set(functions.flatMap((text) => [...text.matchAll(/\(func (\$[\w.]+)/g)].map((match) => match[1]!)));
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(/\(call (\$[\w.]+)/g)) {
      if (own.has(name!) || linked.has(name!)) continue;
      const body = watRuntime[name!];
      if (body === undefined) continue;
      linked.set(name!, body);
      visit(body);
    }
  };
  functions.forEach(visit);
  const texts = [...linked.values(), ...functions];
  return [...mathImports(texts), ...texts];
}

/** Functions of JavaScript's Math that the text calls; imports come first in a module. */
function mathImports(texts: readonly string[]): string[] {
  const names = new Set(texts.flatMap((text) => [...text.matchAll(/\(call \$host_(\w+)/g)].map((match) => match[1]!)));
  return Object.entries(hostMath)
    .filter(([name]) => names.has(name))
    .map(
      ([name, { parameters }]) =>
        `(import "math" "${name}" (func $host_${name} (param ${"f64 ".repeat(parameters)}) (result f64)))`,
    );
}

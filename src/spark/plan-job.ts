import { assembleBytes } from "../compile/assemble.ts";
import { compileStage, type StageText } from "../compile/compile-stage.ts";
import type { SourceFacts } from "../compile/emit-sources.ts";
import { sourceFacts } from "../compile/source-facts.ts";
import { type HashSlice, hashSlice, type Slice } from "../execute/rows/slice.ts";
import type { DomainId, Plan } from "../plan/plan.ts";
import { type Stage, type StageSource, stagesOf } from "../plan/stages.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { JobSteps } from "./job-steps.ts";
import { IDENTITY, type IdentityColumn, isCompound } from "./lanes.ts";
import { LastTimes } from "./last-times.ts";
import { resultColumns } from "./result-columns.ts";
import type { FactSum, SparkJob, StagesTask, TaskEmit, TaskSlice, TaskSource, TaskStage } from "./spark-job.ts";
import type { SparkTable } from "./spark-table.ts";
import { TaskInputs } from "./task-inputs.ts";

/** How a plan is run on Spark. Times are nanoseconds since 1970. */
export interface SparkOptions {
  readonly final: boolean;
  readonly finalTime?: bigint;
  readonly changedSince?: bigint;
  readonly slice?: Slice;
  /** Into how many partitions rows are shuffled. */
  readonly partitions: number;
  /** Rows go to whoever asked, or to Parquet files that Spark writes. */
  readonly destination: "rows" | "parquet";
}

/** Makes a plan's stages steps of Spark. */
export async function planJob(plan: Plan, tables: readonly SparkTable[], options: SparkOptions): Promise<SparkJob> {
  const stages = stagesOf(plan, options.final);
  const planner = new JobPlanner(plan, stages, tables, options);
  await planner.compile();
  for (const stage of stages) planner.add(stage);
  return planner.job();
}

/** Whether a stage moves rows in time: these stay with their entities, so that whoever reads them computes them. */
function isShift(plan: Plan, { sink }: Stage): boolean {
  return sink.kind === "stored" && plan.domains[sink.domain]!.kind === "shift";
}

interface CompiledStage {
  readonly text: StageText;
  readonly facts: readonly SourceFacts[];
  readonly wasm: string;
}

class JobPlanner {
  readonly #plan: Plan;
  readonly #stages: readonly Stage[];
  readonly #tables: ReadonlyMap<string, SparkTable>;
  readonly #options: SparkOptions;
  readonly #compiled = new Map<number, CompiledStage>();
  readonly #steps: JobSteps;
  readonly #lastTimes: LastTimes;
  /** The step with the rows of a sink: `stored 4`, `requests 0`, `answers 0`, `result`. */
  readonly #emitted = new Map<string, string>();

  constructor(plan: Plan, stages: readonly Stage[], tables: readonly SparkTable[], options: SparkOptions) {
    this.#plan = plan;
    this.#stages = stages;
    this.#tables = new Map(tables.map((table) => [table.snapshot.name, table]));
    this.#options = options;
    this.#steps = new JobSteps(this.#tables, options.partitions);
    this.#lastTimes = new LastTimes(plan, this.#steps, {
      sliceOf: (table) => this.#slice(this.#tables.get(table)!.snapshot.keyType),
      shiftStep: (domain) => this.#shiftTimes(domain),
    });
  }

  async compile(): Promise<void> {
    const { finalTime, changedSince } = this.#options;
    const bounds = { finalTime: finalTime !== undefined, changedSince: changedSince !== undefined };
    const snapshots = new Map([...this.#tables].map(([name, { snapshot }]) => [name, snapshot]));
    for (const stage of this.#stages) {
      const facts = sourceFacts(this.#plan, stage, snapshots, (domain) => this.#storedKeyType(domain));
      const text = compileStage(this.#plan, stage, facts, bounds);
      const wasm = Buffer.from(await assembleBytes(text.wat)).toString("base64");
      this.#compiled.set(stage.id, { text, facts, wasm });
    }
  }

  #storedKeyType(id: DomainId): FenlType | undefined {
    const domain = this.#plan.domains[id]!;
    if (domain.kind === "rekey") return this.#plan.values[domain.key]!.type;
    return this.#compiled.get(this.#storing(id).id)!.text.layout.sink.key?.type;
  }

  /** The stage that stores the rows of a domain. */
  #storing(domain: DomainId): Stage {
    return this.#stages.find(({ sink }) => sink.kind === "stored" && sink.domain === domain)!;
  }

  add(stage: Stage): void {
    if (isShift(this.#plan, stage)) return;
    const { sink } = stage;
    const { text } = this.#compiled.get(stage.id)!;
    const step = this.#shuffle(stage, this.#emit(stage, text));
    if (sink.kind === "stored") this.#emitted.set(`stored ${sink.domain}`, step);
    else if (sink.kind === "requests" || sink.kind === "answers")
      this.#emitted.set(`${sink.kind} ${sink.lookup}`, step);
    else this.#emitted.set("result", step);
  }

  job(): SparkJob {
    const last = this.#stages.at(-1)!;
    const ranked = this.#compiled.get(last.id)!.text.layout.sink.identity.rank !== undefined;
    return {
      steps: this.#steps.steps,
      result: {
        step: this.#emitted.get("result")!,
        select: ["*", "monotonically_increasing_id() as _n"],
        order: ranked ? ["_t", "_k", "_s", "_h", "_n"] : ["_t", "_s", "_h", "_n"],
        write: this.#options.destination === "parquet" ? resultColumns(this.#plan.result) : [],
      },
    };
  }

  #emit({ sink }: Stage, { layout }: StageText): TaskEmit {
    const { identity, localKeyHash, key } = layout.sink;
    const names: Readonly<Record<IdentityColumn, boolean>> = {
      _h: true,
      _t: true,
      _k: identity.rank !== undefined,
      _s: true,
      _g: identity.origin !== undefined,
      _l: localKeyHash !== undefined,
      _o: identity.ordinal !== undefined,
    };
    const columns = sink.kind === "result" || sink.kind === "final" ? this.#plan.result.fields : [];
    const compound = columns.flatMap(({ type }, index) => (isCompound(type) ? [index] : []));
    return {
      kind: "rows",
      identity: IDENTITY.filter((name) => names[name]),
      key: key !== undefined,
      stamp: sink.kind === "final" ? "stamp" : null,
      compound: this.#options.destination === "parquet" ? compound : [],
    };
  }

  /** The rows of a stage as the step that computes them. */
  #shuffle(stage: Stage, emit: TaskEmit): string {
    const stages = [...this.#shiftsBefore(stage), stage];
    const inputs = new TaskInputs(this.#plan);
    const taskStages = stages.map((one) => this.#taskStage(one, stages, inputs));
    const parameters: Record<string, FactSum> = {};
    for (const one of stages) {
      for (const tick of one.ticks) {
        const plus = tick.unit === "finished" ? "1" : "0";
        parameters[`tick ${tick.domain}`] = { facts: this.#lastTimes.factsOf(tick.of), plus };
      }
    }
    const { finalTime, changedSince } = this.#options;
    if (emit.kind === "rows" && emit.stamp !== null && stage.sink.kind === "final" && finalTime === undefined) {
      parameters[emit.stamp] = { facts: this.#lastTimes.factsOf(stage.sink.domain), plus: "1" };
    }
    const known: Record<string, string> = {};
    if (finalTime !== undefined) Object.assign(known, { "final time": `${finalTime}`, stamp: `${finalTime + 1n}` });
    if (changedSince !== undefined) known["changed since"] = `${changedSince}`;
    const task: StagesTask = {
      kind: "stages",
      partitions: this.#options.partitions,
      inputs: inputs.all((source) => this.#inputSlice(source)),
      stages: taskStages,
      parameters,
      known,
      emit,
    };
    const columns = this.#compiled.get(stage.id)!.text.layout.sink;
    return this.#steps.shuffle(inputs, task, columns, (name) => this.#emitted.get(name)!);
  }

  #shiftsBefore(stage: Stage): Stage[] {
    const found = new Map<number, Stage>();
    const visit = (one: Stage): void => {
      for (const source of one.sources) {
        if (source.kind !== "stored" || this.#plan.domains[source.domain]!.kind !== "shift") continue;
        const shift = this.#storing(source.domain);
        if (found.has(shift.id)) continue;
        found.set(shift.id, shift);
        visit(shift);
      }
    };
    visit(stage);
    return [...found.values()].sort((a, b) => a.id - b.id);
  }

  #taskStage(stage: Stage, stages: readonly Stage[], inputs: TaskInputs): TaskStage {
    const { text, facts, wasm } = this.#compiled.get(stage.id)!;
    const { layout, imports, strings } = text;
    const sources = stage.sources.map((source, index): TaskSource => {
      const fact = facts[index]!;
      const key = fact.keyType !== undefined;
      if (source.kind === "stored" && this.#plan.domains[source.domain]!.kind === "shift") {
        const from = this.#storing(source.domain);
        const columns = source.values.map((value) => this.#storedPlace(from, value));
        return { from: "stage", index: stages.indexOf(from), columns, key };
      }
      return inputs.source(source, fact, (value) => this.#inputPlace(source, value));
    });
    const parameters = Object.fromEntries(Object.keys(layout.parameters).map((name) => [name, name]));
    return { wasm, layout, imports, strings, sources, shifts: isShift(this.#plan, stage), parameters };
  }

  /** Which column of an input that another task made has a value. */
  #inputPlace(source: StageSource, id: number): number {
    const value = this.#plan.values[id]!;
    if (value.kind === "answer") return value.part;
    if (source.kind !== "stored") throw new Error(`a ${value.kind} is not stored`);
    return this.#storedPlace(this.#storing(source.domain), id);
  }

  #storedPlace({ sink }: Stage, id: number): number {
    const value = this.#plan.values[id]!;
    if (value.kind !== "stored" || sink.kind !== "stored") throw new Error(`a ${value.kind} is not stored`);
    return sink.columns.indexOf(value.argument);
  }

  #slice(keyType: FenlType): TaskSlice | null {
    return this.#options.slice === undefined ? null : toTaskSlice(hashSlice(this.#options.slice, keyType));
  }

  #inputSlice(source: StageSource): TaskSlice | null {
    if (source.kind === "scan") {
      return source.sliced ? this.#slice(this.#tables.get(source.table)!.snapshot.keyType) : null;
    }
    if (source.kind !== "stored") return null;
    const domain = this.#plan.domains[source.domain]!;
    return domain.kind === "rekey" && domain.sliced ? this.#slice(this.#plan.values[domain.key]!.type) : null;
  }

  /** The step that gives the last time of the rows that a shift kept. */
  #shiftTimes(domain: DomainId): string {
    return this.#shuffle(this.#storing(domain), { kind: "last time" });
  }
}

function toTaskSlice(slice: HashSlice): TaskSlice {
  if (slice.kind === "up to") return { kind: "up to", last: slice.last.toString() };
  return { kind: "these", hashes: slice.hashes.map(String) };
}

import type { SourceFacts } from "../compile/emit-sources.ts";
import type { Plan, ValueId } from "../plan/plan.ts";
import type { StageSource } from "../plan/stages.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { IDENTITY, type IdentityColumn, type Lane, laneOf } from "./lanes.ts";
import type { TaskInput, TaskSlice, TaskSource } from "./spark-job.ts";

/** A column of an input: where the step that it comes from has it, and its values' type. */
export interface InputColumn {
  /** A table's column, or the place in what another task hands out. */
  readonly from: string | number;
  readonly type: FenlType;
}

/** Rows of one kind that the stages of a task read, with all columns that any of them wants. */
export interface Input {
  readonly source: StageSource;
  /** `scan Plays true`, `stored 4`, `answers 0`, `requests 0`. */
  readonly name: string;
  readonly columns: InputColumn[];
  key: FenlType | null;
}

/** A column's place in the rows of a task: the identity aside, columns of one lane are shared by all inputs. */
export interface LanePlace {
  readonly name: string;
  readonly lane: Lane;
}

const NO_COLUMN = -1;

/** Collects what the stages of a task read. */
export class TaskInputs {
  readonly #plan: Plan;
  readonly inputs: Input[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Adds what a source of a stage reads; `placeOf` tells where the rows of other tasks have a value. */
  source(source: StageSource, facts: SourceFacts, placeOf: (value: ValueId) => number): TaskSource {
    const input = this.#input(source);
    const values = source.kind === "requests" ? [] : source.values;
    const columns = values.map((id) => {
      const value = this.#plan.values[id]!;
      if (facts.times?.has(id)) return NO_COLUMN;
      const from = value.kind === "column" ? value.column : placeOf(id);
      const known = input.columns.findIndex((column) => column.from === from);
      return known >= 0 ? known : input.columns.push({ from, type: value.type }) - 1;
    });
    if (facts.keyType) input.key = facts.keyType;
    return { from: "input", index: this.inputs.indexOf(input), columns, key: facts.keyType !== undefined };
  }

  #input(source: StageSource): Input {
    const name = inputName(source);
    const known = this.inputs.find((input) => input.name === name);
    if (known) return known;
    const input: Input = { source, name, columns: [], key: null };
    this.inputs.push(input);
    return input;
  }

  /** The identity's columns in which rows of these inputs can differ. */
  identity(): IdentityColumn[] {
    const wanted = new Set<IdentityColumn>(this.inputs.flatMap(({ source }) => identityOf(source)));
    return IDENTITY.filter((name) => wanted.has(name));
  }

  /** By input, the places of its columns, and of its key. */
  lanes(): { columns: LanePlace[]; key: LanePlace | null }[] {
    return this.inputs.map(({ columns, key }) => {
      const counts: Partial<Record<Lane, number>> = {};
      const place = (type: FenlType): LanePlace => {
        const lane = laneOf(type);
        const count = counts[lane] ?? 0;
        counts[lane] = count + 1;
        return { name: `${lane}${count}`, lane };
      };
      return { columns: columns.map(({ type }) => place(type)), key: key === null ? null : place(key) };
    });
  }

  /** The inputs as a task sees them. */
  all(sliceOf: (source: StageSource) => TaskSlice | null): TaskInput[] {
    const lanes = this.lanes();
    return this.inputs.map(({ source, name, columns, key }, index) => ({
      kind: source.kind,
      label: name,
      columns: columns.map(({ type }, at) => ({ name: lanes[index]!.columns[at]!.name, type })),
      key: key === null ? null : { name: lanes[index]!.key!.name, type: key },
      slice: sliceOf(source),
    }));
  }
}

/** What a source is called among the inputs of a task. */
export function inputName(source: StageSource): string {
  switch (source.kind) {
    case "scan":
      return `scan ${source.table} ${source.sliced}`;
    case "stored":
      return `stored ${source.domain}`;
    default:
      return `${source.kind} ${source.lookup}`;
  }
}

/** The identity's columns in which the rows of a source can differ. */
export function identityOf(source: StageSource): readonly IdentityColumn[] {
  if (source.kind === "scan") return ["_h", "_t", "_s", "_o"];
  if (source.kind === "answers") return ["_h", "_t", "_k", "_s", "_g", "_o"];
  return IDENTITY;
}

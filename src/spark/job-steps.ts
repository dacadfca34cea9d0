import type { SinkSlots } from "../compile/stage-layout.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { IDENTITY_DEFAULT, IDENTITY_LANE, type IdentityColumn, laneOf } from "./lanes.ts";
import { sparkType } from "./result-columns.ts";
import type { PrepareTask, SparkStep, StagesTask, TaskSlice } from "./spark-job.ts";
import type { SparkTable } from "./spark-table.ts";
import { type Input, identityOf, type TaskInputs } from "./task-inputs.ts";

/** Collects the steps of a job; equal ones are one. */
export class JobSteps {
  readonly steps: SparkStep[] = [];
  readonly #tables: ReadonlyMap<string, SparkTable>;
  readonly #partitions: number;
  readonly #known = new Map<string, string>();

  constructor(tables: ReadonlyMap<string, SparkTable>, partitions: number) {
    this.#tables = tables;
    this.#partitions = partitions;
  }

  /** A table as queries see it. */
  snapshot(name: string): TableSnapshot {
    return this.#tables.get(name)!.snapshot;
  }

  #add(name: string, make: (id: string) => SparkStep): string {
    const content = JSON.stringify(make(""));
    const known = this.#known.get(content);
    if (known !== undefined) return known;
    const id = `${this.steps.length} ${name}`;
    this.#known.set(content, id);
    this.steps.push(make(id));
    return id;
  }

  /** A table's rows under their identities, with some of its columns. */
  prepared(name: string, columns: readonly string[], key: boolean, slice: TaskSlice | null): string {
    const { definition, files, columns: all, snapshot } = this.#tables.get(name)!;
    const byName = new Map(all.map((column) => [column.name, column]));
    const wanted = [snapshot.timeColumn, snapshot.keyColumn, definition.subsortColumn, ...columns].filter(
      (one) => one != null,
    );
    const distinct = [...new Set(wanted)];
    const placed = (column: string) => ({ name: `c${distinct.indexOf(column)}`, type: byName.get(column)!.type });
    const select = [
      "xxhash64(_metadata.file_path) as _f",
      "_metadata.row_index as _i",
      ...distinct.map((column, index) => `${byName.get(column)!.sql} as c${index}`),
    ];
    const read = this.#add(`read ${name}`, (id) => ({ kind: "read", id, paths: definition.paths, select }));
    const task: PrepareTask = {
      kind: "prepare",
      files,
      names: { time: snapshot.timeColumn, key: snapshot.keyColumn, subsort: definition.subsortColumn ?? null },
      time: placed(snapshot.timeColumn),
      key: placed(snapshot.keyColumn),
      subsort: definition.subsortColumn == null ? null : placed(definition.subsortColumn),
      columns: columns.map(placed),
      emitKey: key,
      slice,
    };
    const fields = [
      ...(["_h", "_t", "_s", "_o"] as const).map((column) => `${column} ${IDENTITY_LANE[column]}`),
      ...(key ? [`k ${laneOf(snapshot.keyType)}`] : []),
      ...columns.map((column, index) => `c${index} ${laneOf(byName.get(column)!.type)}`),
    ];
    return this.#add(`prepare ${name}`, (id) => ({ kind: "map", id, input: read, task, schema: fields.join(", ") }));
  }

  /** The greatest value of an expression over a table's own columns, without preparing them. */
  tableFact(name: string, expression: string): string {
    const { definition } = this.#tables.get(name)!;
    const select = [`${expression} as v`];
    const read = this.#add(`read ${name}`, (id) => ({ kind: "read", id, paths: definition.paths, select }));
    return this.fact(read, "max(v)");
  }

  /** One number over all rows of a step. */
  fact(input: string, expression: string): string {
    return this.#add("fact", (id) => ({ kind: "fact", id, input, expression }));
  }

  /** The rows that a task makes of its inputs, each entity's brought together. */
  shuffle(inputs: TaskInputs, task: StagesTask, sink: SinkSlots, emitted: (name: string) => string): string {
    const identity = inputs.identity();
    const lanes = inputs.lanes();
    const all = new Map(
      lanes.flatMap(({ columns, key }) => [...columns, ...(key ? [key] : [])]).map((one) => [one.name, one.lane]),
    );
    const places = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    const froms = inputs.inputs.map((input, index) => {
      const own = new Map<string, string>();
      for (const at of input.columns.keys()) own.set(lanes[index]!.columns[at]!.name, `c${columnPlace(input, at)}`);
      const { key } = lanes[index]!;
      if (key) own.set(key.name, "k");
      const step =
        input.source.kind === "scan"
          ? this.prepared(
              input.source.table,
              input.columns.map(({ from }) => from as string),
              input.key !== null,
              task.inputs[index]!.slice,
            )
          : emitted(input.name);
      const given = new Set<IdentityColumn>(identityOf(input.source));
      const select = [
        `cast(${index} as tinyint) as _x`,
        ...identity.map((name) =>
          given.has(name) ? name : `cast(${IDENTITY_DEFAULT[name]!} as ${IDENTITY_LANE[name]}) as ${name}`,
        ),
        ...places.map(([name, lane]) => `${own.get(name) ?? `cast(null as ${lane})`} as ${name}`),
      ];
      return { step, select };
    });
    return this.#add("stages", (id) => ({
      kind: "shuffle",
      id,
      inputs: froms,
      partitions: this.#partitions,
      sort: identity,
      // The task's own number is another one where its rows are united with others.
      select: ["*", "spark_partition_id() as _p"],
      task,
      schema: emittedFields(task, sink).join(", "),
    }));
  }
}

/** What a step calls a column of an input. */
function columnPlace({ source, columns }: Input, at: number): number {
  return source.kind === "scan" ? at : (columns[at]!.from as number);
}

function emittedFields({ emit }: StagesTask, sink: SinkSlots): string[] {
  if (emit.kind === "last time") return ["_t bigint"];
  const type = (own: FenlType, index: number) => (emit.compound.includes(index) ? sparkType(own) : laneOf(own));
  return [
    ...emit.identity.map((name) => `${name} ${IDENTITY_LANE[name]}`),
    ...(emit.key ? [`k ${laneOf(sink.key!.type)}`] : []),
    ...sink.columns.map((column, index) => `c${index} ${type(column.type, index)}`),
  ];
}

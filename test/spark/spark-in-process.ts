import { type Data, Field, makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from "apache-arrow";
import type { QueryRows } from "../../src/execute/rows/row-set.ts";
import { arrowType } from "../../src/frames/arrow-table.ts";
import { answerRows } from "../../src/spark/answer-rows.ts";
import { FRAME, rowsOf } from "../../src/spark/arrow-frames.ts";
import { EntityChunks } from "../../src/spark/entity-chunks.ts";
import {
  batchOf,
  IDENTITY_LANE,
  type IdentityColumn,
  type LaneData,
  laneData,
  numbers,
} from "../../src/spark/lanes.ts";
import { partitionOf } from "../../src/spark/partition-of.ts";
import { type PlannedQuery, planRequest, type SparkQuery } from "../../src/spark/plan-request.ts";
import { RowPreparation } from "../../src/spark/prepare-rows.ts";
import { sparkArray } from "../../src/spark/spark-array.ts";
import type { SparkJob, SparkStep, StagesTask } from "../../src/spark/spark-job.ts";
import type { FileFacts } from "../../src/spark/spark-table.ts";
import { StageRun } from "../../src/spark/stage-run.ts";
import { columnOf } from "../../src/tables/column-data.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import type { OracleTable } from "../oracle/tables.ts";
import { toHostValue } from "../oracle/value.ts";

/** A row of a data frame, by column. */
type Row = Readonly<Record<string, HostValue>>;

interface Frame {
  readonly rows: readonly Row[];
  /** By column: the lane. */
  readonly lanes: Readonly<Record<string, string>>;
}

const LANE_TYPES: Readonly<Record<string, FenlType>> = {
  int: { kind: "i32" },
  bigint: { kind: "i64" },
  float: { kind: "f32" },
  double: { kind: "f64" },
  string: { kind: "string" },
};

/**
 * What Spark does with a job, on a few rows and without Spark: every step of the planner and every task of the worker
 * is the real one, rows cross the same frames.
 */
export async function runInProcess(
  query: Omit<SparkQuery, "tables" | "destination" | "path" | "overwrite" | "views" | "parameters">,
  tables: readonly (OracleTable & { readonly subsortColumn: string })[],
  partitions = 3,
): Promise<{ readonly planned: PlannedQuery; readonly rows: QueryRows | null }> {
  const definitions = tables.map(({ name, timeColumn, keyColumn, subsortColumn, grouping }) => ({
    ...{ name, timeColumn, keyColumn, subsortColumn, grouping },
    paths: [`/${name}`],
  }));
  const facts = Object.fromEntries(tables.map((table, index) => [table.name, [fileOf(table, index)]]));
  const request: SparkQuery = {
    ...{ ...query, tables: definitions, views: [], parameters: [], partitions },
    destination: "rows",
  };
  const planned = await planRequest(request, facts, 1);
  if (planned.job === null) return { planned, rows: null };
  const job = JSON.parse(JSON.stringify(planned.job)) as SparkJob;
  const frames = new Map<string, Frame | RecordBatch>();
  const known = new Map<string, bigint | null>();
  for (const step of job.steps) take(step, frames, known, tables);
  const answer = frames.get(job.result.step) as Frame;
  const order = job.result.order.slice(0, -1);
  const sorted = answer.rows.toSorted((a, b) => compare(a, b, order));
  return {
    planned,
    rows: answerRows([batchFrom({ ...answer, rows: sorted })], planned.schema!, planned.keyType!).answer,
  };
}

function fileOf(table: OracleTable, index: number): FileFacts {
  const fields = table.columns.map(({ name, type }) => new Field(name, arrowType(type), true));
  const schema = Buffer.from(tableToIPC(new Table(new Schema(fields)), "stream")).toString("base64");
  return { path: `/${table.name}`, id: `${index}`, bytes: 1, subsort: null, schema, fault: null };
}

function take(
  step: SparkStep,
  frames: Map<string, Frame | RecordBatch>,
  known: Map<string, bigint | null>,
  tables: readonly OracleTable[],
): void {
  switch (step.kind) {
    case "read": {
      frames.set(
        step.id,
        readTable(
          step.select,
          tables.findIndex(({ name }) => step.paths.includes(`/${name}`)),
          tables,
        ),
      );
      return;
    }
    case "map": {
      if (step.task.kind !== "prepare") throw new Error(step.task.kind);
      const prepared = new RowPreparation(step.task).prepare(frames.get(step.input) as RecordBatch);
      frames.set(step.id, frameOf([prepared], step.schema));
      return;
    }
    case "fact": {
      const input = frames.get(step.input)!;
      const rows = "rows" in input ? input.rows : frameOf([input], "v bigint").rows;
      const values = rows.map((row) => row[/max\((\w+)\)/.exec(step.expression)![1]!] as bigint);
      known.set(step.id, values.length === 0 ? null : values.reduce((a, b) => (b > a ? b : a)));
      return;
    }
    case "shuffle":
      frames.set(step.id, shuffled(step, frames, known));
  }
}

/** A table as Spark gives it to Python. */
function readTable(select: readonly string[], index: number, tables: readonly OracleTable[]): RecordBatch {
  const table = tables[index]!;
  const { rows } = table;
  const columns = select.map((expression): LaneData => {
    const [, sql, name] = /^(.*) as (\w+)$/.exec(expression)!;
    if (sql!.startsWith("xxhash64")) return numbers(name!, new BigInt64Array(rows.length).fill(BigInt(index)));
    if (sql === "_metadata.row_index")
      return numbers(
        name!,
        BigInt64Array.from(rows, (_, row) => BigInt(row)),
      );
    const column = table.columns.findIndex((candidate) => sql!.includes(`\`${candidate.name}\``));
    const { type } = table.columns[column]!;
    const values = rows.map((row) => toHostValue(type, row.values[column]!));
    if (name === "v")
      return numbers(
        name,
        BigInt64Array.from(rows, (row) => row.time),
      );
    return { name: name!, data: sparkArray(type, values) };
  });
  // As the worker gets it: views of one piece of memory.
  return crossed(plainBatch(columns, rows.length));
}

function plainBatch(columns: readonly LaneData[], rows: number): RecordBatch {
  const fields = columns.map(({ name, data }) => new Field(name, data.type, true));
  const children: Data[] = columns.map(({ data }) => data);
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length: rows, nullCount: 0, children }),
  );
}

function shuffled(
  step: Extract<SparkStep, { kind: "shuffle" }>,
  frames: ReadonlyMap<string, Frame | RecordBatch>,
  known: ReadonlyMap<string, bigint | null>,
): Frame {
  const lanes: Record<string, string> = { _p: "int" };
  const rows = step.inputs.flatMap(({ step: from, select }) => {
    const input = frames.get(from) as Frame;
    const columns = select.map((expression) => selected(expression, input));
    for (const { name, lane } of columns) if (lane !== undefined) lanes[name] = lane;
    return input.rows.map((row): Row => Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])));
  });
  const task = withFacts(step.task as StagesTask, known);
  const parts = Array.from({ length: step.partitions }, (): Row[] => []);
  for (const row of rows) {
    const hash = row._h as bigint;
    const part = partitionOf(Number(BigInt.asIntN(32, hash)), Number(hash >> 32n), step.partitions);
    parts[part]!.push(row);
  }
  const batches = parts.flatMap((part, index) => {
    if (part.length === 0) return [];
    const sorted = part.map((row) => ({ ...row, _p: index })).toSorted((a, b) => compare(a, b, step.sort));
    const run = new StageRun(task);
    const chunks = new EntityChunks(step.partitions);
    const given: RecordBatch[] = [];
    for (let from = 0; from < sorted.length; from += 7) {
      const chunk = chunks.add(batchFrom({ rows: sorted.slice(from, from + 7), lanes }));
      if (chunk) given.push(...run.run(chunk));
    }
    given.push(...run.run(chunks.take()));
    return given.filter(({ numRows }) => numRows > 0).map(crossed);
  });
  return frameOf(batches, step.schema);
}

function withFacts(task: StagesTask, facts: ReadonlyMap<string, bigint | null>): StagesTask {
  const values = Object.entries(task.parameters).map(([name, sum]) => {
    const all = sum.facts.flatMap((fact) => facts.get(fact) ?? []);
    return [name, `${(all.length === 0 ? 0n : all.reduce((a, b) => (b > a ? b : a))) + BigInt(sum.plus)}`];
  });
  return { ...task, known: { ...task.known, ...Object.fromEntries(values) } };
}

function selected(expression: string, { lanes }: Frame): { name: string; lane?: string; of(row: Row): HostValue } {
  const cast = /^cast\((null|-?\d+) as (\w+)\) as (\w+)$/.exec(expression);
  if (cast) {
    const [, text, lane, name] = cast;
    const value = text === "null" ? null : lane === "bigint" ? BigInt(text!) : Number(text);
    return { name: name!, ...(text === "null" ? {} : { lane: lane! }), of: () => value };
  }
  const [, from, name = from] = /^(\w+)(?: as (\w+))?$/.exec(expression)!;
  return { name: name!, lane: lanes[from!]!, of: (row) => row[from!]! };
}

/** Rows over the wire and back, as the worker's answers go. */
function crossed(batch: RecordBatch): RecordBatch {
  return rowsOf({ kind: FRAME.rows, bytes: tableToIPC(new Table([batch]), "stream") })!;
}

function frameOf(batches: readonly RecordBatch[], schema: string): Frame {
  const lanes = Object.fromEntries(schema.split(", ").map((field) => field.split(" ")));
  const rows = batches.flatMap((batch) =>
    Array.from(
      { length: batch.numRows },
      (_, row): Row =>
        Object.fromEntries(Object.keys(lanes).map((name) => [name, batch.getChild(name)!.get(row) as HostValue])),
    ),
  );
  return { rows, lanes };
}

function batchFrom({ rows, lanes }: Frame): RecordBatch {
  const columns = Object.entries(lanes).map(([name, lane]): LaneData => {
    const values = rows.map((row) => row[name] ?? null);
    if (lane === "tinyint") return numbers(name, Int8Array.from(values as number[]));
    if (name in IDENTITY_LANE && IDENTITY_LANE[name as IdentityColumn] === "int")
      return numbers(name, Int32Array.from(values as number[]));
    return laneData(name, { name, ...columnOf(LANE_TYPES[lane]!, values) } as never, rows.length);
  });
  return batchOf(columns, rows.length);
}

function compare(a: Row, b: Row, columns: readonly string[]): number {
  for (const column of columns) if (a[column] !== b[column]) return a[column]! < b[column]! ? -1 : 1;
  return 0;
}

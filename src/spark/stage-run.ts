import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordBatch } from "apache-arrow";
import { columnReader } from "../execute/rows/dictionary.ts";
import { memoryPlan } from "../execute/rows/memory-plan.ts";
import { chooseColumns, type RowRun } from "../execute/rows/row-run.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import type { JobResult, StageJob, StoredRows } from "../execute/rows/stage-job.ts";
import { StageMemory } from "../execute/rows/stage-memory.ts";
import { runReader } from "../execute/spill/run-reader.ts";
import { runStage } from "../execute/stage/run-stage.ts";
import { Wasm, type WasmModule } from "../values/web-assembly.ts";
import type { BatchRows } from "./entity-chunks.ts";
import { InputRows, KeyTexts } from "./input-rows.ts";
import { batchOf, flipped, type IdentityColumn, isText, type LaneData, laneData, numbers } from "./lanes.ts";
import { sparkArray } from "./spark-array.ts";
import type { StagesTask, TaskStage } from "./spark-job.ts";

/** What a Node process may take: windows over the rows of one entity, and what is beyond them in temporary files. */
const MEMORY = memoryPlan(512 << 20, 1);
const ROWS_PER_BATCH = 1 << 16;
const MOST_U64 = 0xffffffffffffffffn;

/** Runs a task's stages over chunks of whole entities. */
export class StageRun {
  readonly #task: StagesTask;
  readonly #modules: readonly WasmModule[];
  readonly #memory = new StageMemory();
  /** Made when it is needed. */
  readonly #spill = join(tmpdir(), `fenl-spark-${process.pid}-${randomUUID()}`);

  constructor(task: StagesTask) {
    this.#task = task;
    this.#modules = task.stages.map(({ wasm }) => new Wasm.Module(Buffer.from(wasm, "base64")));
  }

  /** The rows that the last stage gives, in batches. */
  *run(chunk: readonly BatchRows[]): Generator<RecordBatch> {
    const { inputs, stages, emit } = this.#task;
    const keys = new KeyTexts();
    const read = inputs.map((input, tag) => new InputRows(input, inputs.length > 1 ? tag : null, chunk).stored(keys));
    const kept: RowRun[] = [];
    let last: JobResult = { rows: [], rowsRead: 0 };
    try {
      for (const [index, stage] of stages.entries()) {
        const sources = stage.sources.map(({ from, index: place, columns, key }) =>
          from === "input" ? inputColumns(read[place]!, columns, key) : chooseColumns(kept[place]!, columns, key),
        );
        last = this.#stage(stage, index, sources);
        // Only the last stage can have rows in several pieces: others move rows, which are put in order as a whole.
        kept.push(last.rows[0]!);
      }
      if (emit.kind === "last time") {
        if (last.lastTime !== undefined) yield batchOf([numbers("_t", BigInt64Array.of(last.lastTime))], 1);
        return;
      }
      for (const rows of last.rows) yield* this.#batches(rows, keys);
    } finally {
      rmSync(this.#spill, { recursive: true, force: true });
    }
  }

  *#batches(run: RowRun, keys: KeyTexts): Generator<RecordBatch> {
    const reader = runReader(run);
    try {
      for (let from = 0; from < reader.rows; ) {
        const rows = reader.read(from, Math.min(reader.rows, from + ROWS_PER_BATCH));
        yield this.#emitted(rows, keys);
        from += rows.rows;
      }
    } finally {
      reader.close();
    }
  }

  #stage(stage: TaskStage, index: number, sources: readonly RowRun[]): JobResult {
    const { known } = this.#task;
    const parameters = Object.fromEntries(
      Object.entries(stage.parameters).map(([name, task]) => [name, BigInt(known[task]!)]),
    );
    const job: StageJob = {
      module: this.#modules[index]!,
      layout: stage.layout,
      imports: stage.imports,
      strings: stage.strings,
      parameters,
      sources: sources.map((rows) => ({ kind: "rows", rows })),
      output: stage.shifts ? { kind: "shifted" } : { kind: "plain", timed: false },
      spares: [],
      stop: new SharedArrayBuffer(4),
      memory: MEMORY,
      spill: { directory: this.#spill, held: new SharedArrayBuffer(8) },
    };
    return runStage(job, this.#memory);
  }

  #emitted(rows: StoredRows, keys: KeyTexts): RecordBatch {
    const { emit, known } = this.#task;
    if (emit.kind !== "rows") throw new Error(`a task hands out its ${emit.kind}`);
    const stamp = emit.stamp === null ? null : BigInt(known[emit.stamp]!);
    const count = rows.rows;
    const identity = (name: IdentityColumn): LaneData => {
      switch (name) {
        case "_h":
          return numbers(name, flipped(rows.keyHash, BigInt64Array));
        case "_t":
          return numbers(name, stamp === null ? rows.time : new BigInt64Array(count).fill(stamp));
        case "_s": {
          const subsort = stamp === null ? rows.subsort : new BigUint64Array(count).fill(MOST_U64);
          return numbers(name, flipped(subsort, BigInt64Array));
        }
        case "_k":
          return numbers(name, new Int8Array(rows.rank!));
        case "_g":
          return numbers(name, rows.origin!);
        case "_l":
          return numbers(name, flipped(rows.localKeyHash!, BigInt64Array));
        case "_o":
          return numbers(name, BigInt64Array.from(rows.ordinal!, BigInt));
      }
    };
    const column = (name: string, from: RowSetColumn, compound: boolean): LaneData => {
      if (!compound) return laneData(name, from, count);
      const value = columnReader(from);
      return {
        name,
        data: sparkArray(
          from.type,
          Array.from({ length: count }, (_, row) => value(row)),
        ),
      };
    };
    const key = () => {
      const coded = isText(rows.key!.type) && rows.key!.dictionary === undefined;
      return laneData("k", rows.key!, count, coded ? keys.texts : undefined);
    };
    return batchOf(
      [
        ...emit.identity.map(identity),
        ...(emit.key ? [key()] : []),
        ...rows.columns.map((from, index) => column(`c${index}`, from, emit.compound.includes(index))),
      ],
      count,
    );
  }
}

/** The columns of an input that a source reads; one that is not read is there in form only. */
function inputColumns(
  { key, columns: all, ...rows }: StoredRows,
  columns: readonly number[],
  withKey: boolean,
): StoredRows {
  const unread = (): RowSetColumn => ({ name: "", type: { kind: "i64" }, values: new BigInt64Array(rows.rows) });
  return {
    ...rows,
    ...(withKey && key ? { key } : {}),
    columns: columns.map((place) => (place < 0 ? unread() : all[place]!)),
  };
}

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type RecordBatch, tableFromIPC } from "apache-arrow";
import { JOB_FILES } from "../job-files.ts";
import { type PlannedQuery, planRequest, type SparkQuery, tablesWanted } from "../plan-request.ts";
import { SETTINGS } from "../session-settings.ts";
import { SparkFault } from "../spark-fault.ts";
import type { SparkJob, Task } from "../spark-job.ts";
import type { SparkAnswer, SparkRunner } from "../spark-runner.ts";
import type { FileFacts } from "../spark-table.ts";
import { ConnectClient, connectAddress } from "./connect-client.ts";
import {
  type ConnectFrame,
  frameOf,
  limited,
  mapped,
  type PythonSettings,
  readFiles,
  select,
  sorted,
  where,
  writeCommand,
} from "./connect-plan.ts";

/** How queries are run on a Spark Connect server. */
export interface ConnectOptions {
  /** `sc://host:15002`. */
  readonly url: string;
  /** The executors' Python, `major.minor`. */
  readonly pythonVersion: string;
  readonly executorNode: string;
}

const BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch";
/** Larger files do not fit one value. */
const MOST_DIGESTED = 2n ** 31n - 1n - 2n ** 20n;

/** Answers queries on a Spark Connect server: no Python and no Java is needed here. */
export class ConnectRunner implements SparkRunner {
  readonly version: string;
  readonly #client: ConnectClient;
  readonly #python: PythonSettings;
  /** Files are read with other settings than rows: one query at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #next = 1;

  private constructor(client: ConnectClient, version: string, python: PythonSettings) {
    this.#client = client;
    this.version = version;
    this.#python = python;
  }

  /** Opens a session. @throws SparkFault */
  static async start({ url, pythonVersion, executorNode }: ConnectOptions): Promise<ConnectRunner> {
    const client = new ConnectClient(connectAddress(url));
    try {
      const version = await client.version();
      await client.configure(SETTINGS);
      const file = (folder: string, at: URL) => ({
        name: `${folder}/${basename(fileURLToPath(at))}`,
        data: readFileSync(at),
      });
      await client.addArtifacts([file("pyfiles", JOB_FILES.workerModule), file("files", JOB_FILES.workerBundle)]);
      return new ConnectRunner(client, version, { version: pythonVersion, node: executorNode });
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async run(query: SparkQuery, signal?: AbortSignal): Promise<SparkAnswer> {
    const tag = `fenl-${this.#next++}`;
    const answer = this.#queue.then(() => this.#answer(query, tag, signal));
    this.#queue = answer.catch(() => {});
    return await answer;
  }

  async stop(): Promise<void> {
    await this.#client.close();
  }

  async #answer(query: SparkQuery, tag: string, signal?: AbortSignal): Promise<SparkAnswer> {
    signal?.throwIfAborted();
    const cancel = () => void this.#client.interrupt(tag).catch(() => {});
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      const planned = await this.#plan(query, tag);
      signal?.throwIfAborted();
      if (planned.job === null) return { planned, batches: [] };
      return { planned, batches: await this.#rows(planned.job, query, tag) };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  async #plan(query: SparkQuery, tag: string): Promise<PlannedQuery> {
    for (const all of [false, true]) {
      const facts: Record<string, readonly FileFacts[]> = {};
      for (const { name, paths, digest, needed } of tablesWanted(query, all).tables) {
        try {
          facts[name] = await this.#files(paths, digest, tag);
        } catch (error) {
          if (needed || !(error instanceof SparkFault)) throw error;
        }
      }
      const planned = await planRequest(query, facts, query.partitions ?? 1);
      if (all || !planned.wantsAll) return planned;
    }
    throw new Error("a query was not planned");
  }

  /** What is known of the files at some paths. */
  async #files(paths: readonly string[], digest: boolean, tag: string): Promise<FileFacts[]> {
    const listing = ["xxhash64(_metadata.file_path) as id", "_metadata.file_path as path", "length"];
    const files = readFiles("binaryFile", paths);
    const listed = rowsOf(await this.#collect(select(files, listing), tag));
    if (listed.length === 0) return [];
    const sized = listed.toSorted((a, b) => Number((a.length as bigint) - (b.length as bigint)));
    const tooLarge = digest && (sized.at(-1)!.length as bigint) > MOST_DIGESTED;
    const described = tooLarge
      ? []
      : await this.#describe(select(files, [...listing, "content"]), sized[0]!, digest, tag);
    const byId = new Map(described.map((row) => [row.id, row]));
    return listed.map(({ id, path, length }) => {
      const { subsort = null, schema = null, fault = null } = byId.get(id) ?? {};
      return {
        id: String(id),
        path: String(path),
        bytes: Number(length),
        subsort: subsort === null ? null : BigInt.asUintN(64, subsort as bigint).toString(),
        schema: schema as string | null,
        fault: fault as string | null,
      };
    });
  }

  async #describe(files: ConnectFrame, smallest: Row, digest: boolean, tag: string): Promise<Row[]> {
    const literal = `'${String(smallest.path).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
    const read = digest ? files : where(files, `path = ${literal}`);
    const schema = "id bigint, subsort bigint, schema string, fault string";
    const call = { name: "connect_files", words: [digest ? "digest" : ""] };
    // Whole files are read as one value each.
    await this.#client.configure({ [BATCH_ROWS]: "1" });
    try {
      return rowsOf(await this.#collect(mapped(select(read, ["id", "content"]), call, schema, this.#python), tag));
    } finally {
      await this.#client.configure({ [BATCH_ROWS]: SETTINGS[BATCH_ROWS]! });
    }
  }

  async #rows(job: SparkJob, query: SparkQuery, tag: string): Promise<RecordBatch[]> {
    const frames = new Map<string, ConnectFrame>();
    const facts = new Map<string, bigint | null>();
    for (const step of job.steps) {
      if (step.kind === "fact") {
        const [row] = rowsOf(await this.#collect(select(frames.get(step.input)!, [`${step.expression} as v`]), tag));
        facts.set(step.id, (row?.v ?? null) as bigint | null);
      } else {
        frames.set(
          step.id,
          frameOf(step, frames, (task) => withFacts(task, facts), this.#python),
        );
      }
    }
    const answer = frames.get(job.result.step)!;
    if (query.destination === "parquet") {
      const command = writeCommand(select(answer, job.result.write), query.path!, query.overwrite ?? false);
      await this.#client.execute(command, tag);
      return [];
    }
    const ordered = sorted(select(answer, job.result.select), job.result.order, true);
    const first = query.previewRows === undefined ? ordered : limited(ordered, query.previewRows);
    return await this.#collect(first, tag);
  }

  async #collect(frame: ConnectFrame, tag: string): Promise<RecordBatch[]> {
    const parts = await this.#client.execute({ root: frame.relation }, tag);
    return parts.flatMap((part) => tableFromIPC(part).batches).filter(({ numRows }) => numRows > 0);
  }
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf(batches: readonly RecordBatch[]): Row[] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.numRows }, (_, row) =>
      Object.fromEntries(batch.schema.fields.map(({ name }) => [name, batch.getChild(name)!.get(row) as unknown])),
    ),
  );
}

function withFacts(task: Task, facts: ReadonlyMap<string, bigint | null>): Task {
  if (task.kind !== "stages") return task;
  const known = Object.entries(task.parameters).map(([name, sum]) => {
    const all = sum.facts.flatMap((fact) => facts.get(fact) ?? []);
    const last = all.length === 0 ? 0n : all.reduce((a, b) => (b > a ? b : a));
    return [name, `${last + BigInt(sum.plus)}`];
  });
  return { ...task, known: { ...task.known, ...Object.fromEntries(known) } };
}

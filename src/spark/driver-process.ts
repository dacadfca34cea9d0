import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { tableFromIPC } from "apache-arrow";
import { temporaryFolder } from "../tables/temporary-folder.ts";
import { JOB_FILES } from "./job-files.ts";
import type { PlannedQuery, SparkQuery } from "./plan-request.ts";
import { SparkFault } from "./spark-fault.ts";
import type { SparkAnswer, SparkRunner } from "./spark-runner.ts";

/** How Spark's driver is started. */
export interface DriverOptions {
  /** As Spark writes it: `spark://host:7077`, `yarn`, `k8s://...`, `local[2,4]`. */
  readonly master: string;
  /** The command; default: that of `$SPARK_HOME`, else the one on the path. */
  readonly sparkSubmit?: string;
  /** The Python of the driver and the executors; default: Spark's own. */
  readonly python?: string;
  /** Node on the executors: a command, or a path in an archive; default `node`. */
  readonly executorNode?: string;
  /** Archives that Spark unpacks for each executor, such as a Node runtime: `node.tar.gz#node`. */
  readonly archives?: readonly string[];
  readonly conf?: Readonly<Record<string, string>>;
  /** More arguments of spark-submit. */
  readonly submitArguments?: readonly string[];
  /** Told what Spark writes to its log. */
  onLog?(text: string): void;
}

type DriverAnswer =
  | { readonly kind: "hello"; readonly token: string }
  | { readonly kind: "ready"; readonly version: string }
  | { readonly kind: "answer"; readonly id: number; readonly outcome: PlannedQuery }
  | {
      readonly kind: "fault";
      readonly id: number;
      readonly fault: { readonly kind: string; readonly message: string };
    };

interface Waiting {
  resolve(outcome: PlannedQuery): void;
  reject(error: unknown): void;
}

/** Log lines that are kept to explain an early end. */
const MOST_LINES = 200;
/** Milliseconds for the driver to end by itself. */
const PATIENCE = 20_000;

/** A running Spark application that answers queries, started with spark-submit. */
export class SparkDriver implements SparkRunner {
  readonly #child: ChildProcess;
  readonly #server: Server;
  readonly #token = randomBytes(24).toString("hex");
  readonly #log: string[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #socket: Socket | null = null;
  #ready: { resolve(): void; reject(error: unknown): void } | null = null;
  #next = 1;
  #gone = false;
  /** Spark's version. */
  version = "";

  private constructor(options: DriverOptions, server: Server, port: number) {
    this.#server = server;
    server.on("connection", (socket) => this.#greet(socket));
    const command = sparkSubmitOf(options);
    const environment = {
      ...process.env,
      FENL_DRIVER_TOKEN: this.#token,
      ...(options.python ? { PYSPARK_PYTHON: options.python, PYSPARK_DRIVER_PYTHON: options.python } : {}),
    };
    // A process group of its own: an interrupt of the terminal is passed on as a request to cancel.
    this.#child = spawn(command, submitArguments(options, port), {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on("line", (line) => {
        options.onLog?.(line);
        this.#log.push(line);
        if (this.#log.length > MOST_LINES) this.#log.shift();
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error: NodeJS.ErrnoException) => {
        const reason = error.code === "ENOENT" ? "there is no such command" : error.message;
        this.#end(
          new SparkFault(
            "start",
            `cannot start ${command}: ${reason}; expected spark-submit of Spark 4 on the path, or SPARK_HOME to name its folder`,
          ),
        );
        resolve();
      });
      this.#child.once("close", (code, signal) => {
        const how = signal === null ? `status ${code}` : signal;
        this.#end(new SparkFault("start", `spark-submit ended with ${how}:\n${this.#lastWords()}`));
        resolve();
      });
    });
  }

  /** Starts an application and waits until it is ready for queries. @throws SparkFault */
  static async start(options: DriverOptions, signal?: AbortSignal): Promise<SparkDriver> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as { port: number };
    const driver = new SparkDriver(options, server, port);
    const abandon = () => void driver.stop(0);
    signal?.addEventListener("abort", abandon, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        driver.#ready = { resolve, reject };
      });
      return driver;
    } catch (error) {
      await driver.stop(0);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abandon);
    }
  }

  #greet(socket: Socket): void {
    let known = false;
    socket.on("error", () => socket.destroy());
    createInterface({ input: socket }).on("line", (line) => {
      const answer = parsed(line);
      if (!known) {
        // Another process of this machine can connect, too.
        if (answer?.kind !== "hello" || answer.token !== this.#token || this.#socket !== null) {
          socket.destroy();
          return;
        }
        known = true;
        this.#socket = socket;
        socket.once("close", () =>
          this.#end(new SparkFault("start", `Spark's driver has ended:\n${this.#lastWords()}`)),
        );
        return;
      }
      if (answer !== null) this.#take(answer);
    });
  }

  #take(answer: DriverAnswer): void {
    if (answer.kind === "hello") return;
    if (answer.kind === "ready") {
      this.version = answer.version;
      this.#ready?.resolve();
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "answer") waiting?.resolve(answer.outcome);
    else waiting?.reject(SparkFault.of(answer.fault));
  }

  /** Has Spark answer a query. @throws SparkFault */
  async run(query: SparkQuery, signal?: AbortSignal): Promise<SparkAnswer> {
    if (query.destination !== "rows") return { planned: await this.#ask(query, null, signal), batches: [] };
    const folder = await mkdtemp(join(temporaryFolder(), "fenl-spark-"));
    try {
      const path = join(folder, "answer.arrow");
      const planned = await this.#ask(query, path, signal);
      const batches = existsSync(path) ? tableFromIPC(await readFile(path)).batches : [];
      return { planned, batches };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #ask(query: SparkQuery, answer: string | null, signal: AbortSignal | undefined): Promise<PlannedQuery> {
    signal?.throwIfAborted();
    if (this.#gone || this.#socket === null)
      throw new SparkFault("start", "the Spark application has ended; start another one");
    const id = this.#next++;
    const socket = this.#socket;
    const send = (message: unknown) => socket.write(`${JSON.stringify(message, plain)}\n`);
    const cancel = () => send({ kind: "cancel", id });
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await new Promise<PlannedQuery>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        send({ kind: "query", id, query, answer });
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Ends the application, and what runs in it. */
  async stop(patience = PATIENCE): Promise<void> {
    this.#gone = true;
    this.#socket?.end();
    this.#server.close();
    const kill = setTimeout(() => this.#kill("SIGTERM"), patience);
    const end = setTimeout(() => this.#kill("SIGKILL"), patience + 5000);
    await this.#ended;
    clearTimeout(kill);
    clearTimeout(end);
    this.#socket?.destroy();
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  #end(error: SparkFault): void {
    this.#gone = true;
    this.#ready?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#server.close();
  }

  #lastWords(): string {
    const said = this.#log.filter((line) => !/^\s+at |^\S+ \S+ (INFO|WARN|DEBUG)/.test(line));
    return said.slice(-12).join("\n");
  }
}

function sparkSubmitOf({ sparkSubmit }: DriverOptions): string {
  if (sparkSubmit !== undefined) return sparkSubmit;
  const { SPARK_HOME } = process.env;
  return SPARK_HOME ? join(SPARK_HOME, "bin", "spark-submit") : "spark-submit";
}

function submitArguments(options: DriverOptions, port: number): string[] {
  const path = (name: keyof typeof JOB_FILES) => fileURLToPath(JOB_FILES[name]);
  const conf = Object.entries(options.conf ?? {}).flatMap(([name, value]) => ["--conf", `${name}=${value}`]);
  return [
    ...["--master", options.master, "--name", "fenl"],
    ...["--py-files", path("workerModule"), "--files", path("workerBundle")],
    ...(options.archives?.length ? ["--archives", options.archives.join(",")] : []),
    ...conf,
    ...(options.submitArguments ?? []),
    path("driver"),
    ...["--control", `127.0.0.1:${port}`, "--node", process.execPath, "--planner", path("plannerBundle")],
    ...["--executor-node", options.executorNode ?? "node"],
  ];
}

function parsed(line: string): DriverAnswer | null {
  try {
    return JSON.parse(line) as DriverAnswer;
  } catch {
    return null;
  }
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

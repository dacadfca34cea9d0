import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DriverOptions, SparkDriver } from "../../src/spark/driver-process.ts";
import { ROOT } from "../layout/import-graph.ts";

/** Spark by pip, and the Python that has it. */
export interface SparkInstallation {
  readonly python: string;
  readonly home: string;
}

function findSpark(): SparkInstallation | null {
  const candidates = [process.env.FENL_SPARK_PYTHON, join(ROOT, ".venv/bin/python"), "python3"];
  for (const python of candidates) {
    if (python === undefined || (python.includes("/") && !existsSync(python))) continue;
    const code = "import pyarrow, pyspark; print(pyspark.__version__, pyspark.__path__[0])";
    const [version, home] = (spawnSync(python, ["-c", code], { encoding: "utf8" }).stdout ?? "").trim().split(" ");
    if (version?.startsWith("4.") && spawnSync("java", ["-version"]).status === 0) return { python, home: home! };
  }
  return null;
}

/** Null where there is no Spark 4 with Java: `.ci/run` installs it. */
export const spark = findSpark();

const JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto";

/** A standalone cluster on this machine: a master and two workers, with an executor each. */
export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), "fenl-spark-"));
  readonly #children: ChildProcess[] = [];
  #application: Promise<SparkDriver> | null = null;
  master = "";

  async start(): Promise<void> {
    const { home } = spark!;
    const daemon = (...command: string[]): ChildProcess => {
      const child = spawn(join(home, "bin/spark-class"), command, {
        env: {
          ...process.env,
          SPARK_HOME: home,
          SPARK_LOCAL_IP: "127.0.0.1",
          SPARK_DAEMON_MEMORY: "256m",
          SPARK_DAEMON_JAVA_OPTS: JAVA,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      this.#children.push(child);
      return child;
    };
    const address = "--host 127.0.0.1 --port 0 --webui-port 0".split(" ");
    const master = daemon("org.apache.spark.deploy.master.Master", ...address);
    this.master = await said(master, /spark:\/\/127\.0\.0\.1:\d+/);
    const workers = [0, 1].map((index) => {
      const place = ["--cores", "1", "--memory", "1g", "--work-dir", join(this.folder, `worker-${index}`)];
      return daemon("org.apache.spark.deploy.worker.Worker", ...address, ...place, this.master);
    });
    await Promise.all(workers.map((worker) => said(worker, /Successfully registered with master/)));
  }

  driver(options: Partial<DriverOptions> = {}): Promise<SparkDriver> {
    return SparkDriver.start({ ...this.driverOptions, ...options });
  }

  /** The one application of most tests: starting one takes longer than most queries. */
  application(): Promise<SparkDriver> {
    this.#application ??= this.driver();
    return this.#application;
  }

  get driverOptions(): DriverOptions {
    const { home, python } = spark!;
    return {
      master: this.master,
      sparkSubmit: join(home, "bin/spark-submit"),
      python,
      executorNode: process.execPath,
      conf: {
        // Small data: compiling code costs more than running it.
        "spark.driver.extraJavaOptions": JAVA,
        "spark.executor.extraJavaOptions": JAVA,
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.files.minPartitionNum": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "768m",
        "spark.executor.memory": "640m",
        "spark.ui.enabled": "false",
      },
    };
  }

  /** The processes of the cluster's executors, by a word of their command line. */
  processes(word: string): number[] {
    return readdirSync("/proc").flatMap((entry) => {
      if (!/^\d+$/.test(entry)) return [];
      try {
        const own = readlinkSync(`/proc/${entry}/cwd`).startsWith(this.folder);
        return own && readFileSync(`/proc/${entry}/cmdline`, "utf8").includes(word) ? [Number(entry)] : [];
      } catch {
        return [];
      }
    });
  }

  async stop(): Promise<void> {
    await (await this.#application)?.stop();
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a process writes that fits a pattern. */
export function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const listen = (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const found = pattern.exec(text);
      if (found) resolve(found[0]);
    };
    child.stdout!.on("data", listen);
    child.stderr!.on("data", listen);
    child.once("exit", (code) => reject(new Error(`Spark ended with ${code}: ${text.slice(-2000)}`)));
  });
}

/** The cluster of all tests of this folder. */
export const cluster = new Cluster();

if (spark) {
  before(async function () {
    this.timeout(180_000);
    await cluster.start();
  });
  after(() => cluster.stop());
}

import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** A process that runs the feature job and prints a `RESULT` line for each run. */
export interface Engine {
  readonly name: string;
  /** The command and its arguments for a data set; null: the engine does not do this. */
  command(task: Task): readonly string[] | null;
  /** How to install it, where it is missing. */
  readonly missing: string | null;
}

export interface Task {
  readonly kind: "loaded tables" | "Parquet" | "CSV";
  readonly directory: string;
  readonly repeat: number;
}

/** What an engine printed for one run. */
export interface Run {
  readonly seconds: number;
  readonly peakMegabytes: number;
  /** Rows and sums, which all engines have to agree on. */
  readonly sums: string;
}

const HERE = import.meta.dirname;
const PYTHON = process.env.FENL_BENCH_PYTHON ?? "python3";

/** This engine and its peers, installed or not. */
export function engines(): Engine[] {
  return [fenl(), peer("polars", "polars"), peer("duckdb", "duckdb"), peer("pandas", "pandas", ["loaded tables"])];
}

/** Whether a Python package can be imported. */
export function hasPython(...packages: readonly string[]): boolean {
  return spawnSync(PYTHON, ["-c", packages.map((name) => `import ${name}`).join("; ")]).status === 0;
}

/** Runs the generator of the tables. @throws Error with its output if it fails */
export function generate(events: number, directory: string): void {
  const script = [join(HERE, "gen.py"), "--events", String(events), "--out", directory, "--csv"];
  const { status, stderr } = spawnSync(PYTHON, script, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${PYTHON} ${script.join(" ")} failed:\n${stderr}`);
}

function fenl(): Engine {
  return {
    name: "fenl",
    missing: null,
    command: ({ kind, directory, repeat }) => {
      const script = ["--import", "tsx", join(HERE, "job.ts"), directory, "--repeat", String(repeat)];
      if (kind === "loaded tables") return [process.execPath, ...script];
      return [process.execPath, ...script, "--whole", "--format", kind.toLowerCase()];
    },
  };
}

function peer(name: string, module: string, cannot: readonly Task["kind"][] = []): Engine {
  return {
    name,
    missing: hasPython(module, "pyarrow") ? null : `${PYTHON} -m pip install ${name} pyarrow`,
    command: ({ kind, directory, repeat }) => {
      if (cannot.includes(kind)) return null;
      const script = [join(HERE, `bench_${name}.py`), directory, "--repeat", String(repeat), "--threads", "2"];
      return [PYTHON, ...script, ...(kind === "loaded tables" ? ["--loaded"] : ["--format", kind.toLowerCase()])];
    },
  };
}

/** Runs an engine's process. @throws Error with its output if it fails */
export function runEngine(command: readonly string[]): Run[] {
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`${command.join(" ")} failed:\n${stdout}\n${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("RESULT "))
    .map((line) => {
      const number = (name: string) => Number(new RegExp(` ${name}=([\\d.]+)`).exec(line)![1]);
      return { seconds: number("secs"), peakMegabytes: number("rssMB"), sums: /rows=.*$/.exec(line)![0] };
    });
}

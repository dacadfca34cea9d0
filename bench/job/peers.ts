import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { builtScript, onProcessors } from "../compare/process-peer.ts";

/** A process that runs the feature job and prints a `RESULT` line for each run. */
export interface Engine {
  readonly name: string;
  /** The command and its arguments for a data set; null: the engine does not do this. */
  command(task: Task): readonly string[] | null;
  /** How to install it, where it is missing. */
  readonly missing: string | null;
}

export interface Task {
  readonly kind: "loaded tables" | "Parquet" | "CSV" | "load Parquet" | "load CSV";
  readonly directory: string;
  readonly repeat: number;
  readonly threads: number;
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
  return [
    fenl(),
    peer("polars", "polars"),
    peer("duckdb", "duckdb"),
    peer("pandas", "pandas", ["loaded tables", "load Parquet", "load CSV"]),
  ];
}

/** Whether a Python package can be imported. */
export function hasPython(...packages: readonly string[]): boolean {
  return spawnSync(PYTHON, ["-c", packages.map((name) => `import ${name}`).join("; ")]).status === 0;
}

/** Runs the generator of the tables. @throws Error with its output if it fails */
export function generate(events: number, directory: string, csv: boolean): void {
  const script = [join(HERE, "gen.py"), "--events", String(events), "--out", directory, ...(csv ? ["--csv"] : [])];
  const { status, stderr } = spawnSync(PYTHON, script, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${PYTHON} ${script.join(" ")} failed:\n${stderr}`);
}

function fenl(): Engine {
  return {
    name: "fenl",
    missing: null,
    command: ({ kind, directory, repeat, threads }) => {
      const script = [builtScript("job/job"), directory, "--repeat", String(repeat)];
      const own = [...onProcessors(threads), process.execPath, ...script];
      if (kind === "loaded tables") return own;
      if (kind.startsWith("load ")) return [...own, "--fresh", ...formatOf(kind)];
      return [...own, "--whole", ...formatOf(kind)];
    },
  };
}

function formatOf(kind: Task["kind"]): string[] {
  return ["--format", kind.endsWith("CSV") ? "csv" : "parquet"];
}

function peer(name: string, module: string, cannot: readonly Task["kind"][] = []): Engine {
  return {
    name,
    missing: hasPython(module, "pyarrow") ? null : `${PYTHON} -m pip install ${name} pyarrow`,
    command: ({ kind, directory, repeat, threads }) => {
      if (cannot.includes(kind)) return null;
      const script = [join(HERE, `bench_${name}.py`), directory, "--repeat", String(repeat)];
      const loaded = kind.startsWith("load") ? ["--loaded"] : [];
      return [PYTHON, ...script, "--threads", String(threads), ...loaded, ...formatOf(kind)];
    },
  };
}

/** Runs an engine's process and reads the lines of one kind that it prints. @throws Error with its output if it fails */
export function runEngine(command: readonly string[], lines: "RESULT" | "LOAD"): Run[] {
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`${command.join(" ")} failed:\n${stdout}\n${stderr}`);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith(`${lines} `))
    .map((line) => {
      const number = (name: string) => Number(new RegExp(` ${name}=([\\d.]+)`).exec(line)![1]);
      return { seconds: number("secs"), peakMegabytes: number("rssMB"), sums: /rows=.*$/.exec(line)?.[0] ?? "" };
    });
}

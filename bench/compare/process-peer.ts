import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Comparison, RowOrder } from "./comparison.ts";
import type { Measured } from "./engine.ts";

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** An engine in a process of its own, so that its memory is its own, too. */
export class EngineProcess {
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;
  /** What loading took, if the tables were not loaded yet. */
  readonly loaded: Measured | null;

  private constructor(child: Child, lines: AsyncIterator<string>, loaded: Measured | null) {
    this.#child = child;
    this.#lines = lines;
    this.loaded = loaded;
  }

  static async start(engine: "fenl" | "duckdb", directory: string, threads: number, order: RowOrder = "any order") {
    const script = builtScript("compare/engine-process");
    const command = [process.execPath, script, engine, directory, String(threads), order];
    const [program, ...rest] = [...onProcessors(threads), ...command];
    const child = spawn(program!, rest, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new EngineProcess(child, lines, await nextLine(lines, engine));
  }

  async run(comparison: Comparison, path: string): Promise<Measured> {
    this.#child.stdin.write(`${JSON.stringify({ comparison, path })}\n`);
    const measure: Measured | null = await nextLine(this.#lines, comparison.name);
    return measure!;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await ended;
  }
}

async function nextLine(lines: AsyncIterator<string>, what: string): Promise<Measured | null> {
  const { value, done } = await lines.next();
  if (done) throw new Error(`${what}: the process ended without an answer; what it wrote is above`);
  return JSON.parse(value);
}

/** A script of the benchmarks as it is bundled, which is how users run this engine: sources would start more slowly. */
export function builtScript(name: string): string {
  const script = join(import.meta.dirname, `../build/dist/bench/${name}.js`);
  if (!existsSync(script)) throw new Error(`${script} is not built; npm run prebench builds it`);
  return script;
}

/** What holds a command to so many processors, where the machine has more. */
export function onProcessors(threads: number): string[] {
  return availableParallelism() <= threads ? [] : ["taskset", "-c", `0-${threads - 1}`];
}

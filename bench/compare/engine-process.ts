// A process with one engine: node --import tsx bench/compare/engine-process.ts fenl|duckdb DIRECTORY THREADS ORDER
// It loads the tables, then answers each line of JSON on standard input with one on standard output.
import { createInterface } from "node:readline";
import type { Comparison, RowOrder } from "./comparison.ts";
import { duckDbEngine } from "./duckdb-engine.ts";
import { fenlEngine } from "./fenl-engine.ts";

const [name, directory, threads, wanted] = process.argv.slice(2);
const order = wanted as RowOrder;
const engine = name === "fenl" ? fenlEngine(directory!, order) : duckDbEngine(directory!, Number(threads), order);
const answer = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
answer(await engine.load());
for await (const line of createInterface({ input: process.stdin })) {
  const { comparison, path }: { comparison: Comparison; path: string } = JSON.parse(line);
  answer(await engine.run(comparison, path));
}
await engine.close();

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { runFenl } from "../../src/run-fenl.ts";
import { openStore, type Store } from "../../src/tables/store/store.ts";

/** Loads a file, asks, loads another and asks again, and tells the answers and how many threads were started for each. */
const [directory] = process.argv.slice(2) as [string];
const store = await openStore({ directory: join(directory, "store") });
await store.createTable({ name: "T", timeColumn: "at", keyColumn: "key" });
const told: { step: string; threads: number; rows?: number }[] = [];
let before = await threadsSoFar();

async function tell(step: string, rows?: number): Promise<void> {
  const now = await threadsSoFar();
  told.push({ step, threads: now - before - 1, ...(rows === undefined ? {} : { rows }) });
  before = now;
}

/** Threads are numbered as they are started. */
async function threadsSoFar(): Promise<number> {
  const worker = new Worker("", { eval: true });
  const { threadId } = worker;
  await worker.terminate();
  return threadId;
}

async function load(name: string): Promise<void> {
  const lines = Array.from({ length: 3000 }, (_, row) => `2024-01-01T00:00:00,${name} ${row % 71},${row}`);
  const path = join(directory, `${name}.csv`);
  writeFileSync(path, `at,key,n\n${lines.join("\n")}\n`);
  await store.loadFile("T", path, { bulkBytes: 0 });
}

async function ask(from: Store): Promise<number> {
  const environment = { tables: from.snapshot(), views: [] };
  const { batches } = await runFenl("{ s: sum(T.n) }", environment, { resultBehavior: "all-results" });
  const { rows } = batches!;
  batches!.release();
  return rows;
}

await load("first");
await tell("load");
await tell("query", await ask(store));
await load("second");
await tell("load");
await tell("query", await ask(store));
console.log(JSON.stringify(told));
await store.close();

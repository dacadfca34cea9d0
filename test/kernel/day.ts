import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { WireClient } from "./wire-client.ts";

/** What a kernel holds at one moment. */
export interface Held {
  /** Megabytes of memory in use after a garbage collection, and of the whole process. */
  readonly heap: number;
  readonly resident: number;
  /** Open files and sockets of the process. */
  readonly files: number;
  /** What keeps Node's event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

const EVENTS = "at,who,n\n2022-01-01T00:00:00Z,a,1\n2022-01-01T00:00:01Z,b,2\n2022-01-01T00:00:02Z,a,3\n";

/** The cells of a working day, by turns: code, output, errors, queries, plots. `true`: it must be interrupted. */
const TURNS: readonly (readonly [code: string, end: "ok" | "error" | "interrupt"])[] = [
  ["1 + 1", "ok"],
  ["const list = Array.from({ length: 10_000 }, (_, n) => ({ n })); list.length", "ok"],
  ["for (let n = 0; n < 100; n++) console.log('line', n)", "ok"],
  ["class Point { x = 1 }; function move(p) { return { ...p, x: p.x + 1 } }; move(new Point())", "ok"],
  ["throw new Error('a mistake')", "error"],
  ["nothing.of.this.name", "error"],
  ["let broken = ;", "error"],
  ["await new Promise((resolve) => setTimeout(resolve, 1)); 'awaited'", "ok"],
  ["import { readFile } from 'node:fs/promises'; (await readFile('events.csv', 'utf8')).length", "ok"],
  ["%%fenl --var events\nEvents | when(Events.n > 1)", "ok"],
  ["events.dataframe", "ok"],
  ["plot(events)", "ok"],
  ["%%fenl --plot\n{ total: sum(Events.n) }", "ok"],
  ["%%fenl\nEvents.nn", "error"],
  ["display({ html: 1 }); display('text')", "ok"],
  ["!true", "ok"],
  ["for (;;) {}", "interrupt"],
  ["await new Promise(() => {})", "interrupt"],
  ["for (;;) await null", "interrupt"],
  ["for (;;) console.log('x')", "interrupt"],
];

/** Prepares a kernel for a day of work. */
export async function beginDay(client: WireClient): Promise<void> {
  const { reply } = await client.execute(
    `import { writeFileSync } from "node:fs"; import { LocalBuilder } from "fenl"; import * as ktable from "fenl/table";
writeFileSync("events.csv", ${JSON.stringify(EVENTS)});
const session = await new LocalBuilder().inMemory(true).build();
await ktable.createTable({ tableName: "Events", timeColumnName: "at", entityKeyColumnName: "who" });
await ktable.load({ tableName: "Events", file: "events.csv" });`,
  );
  assert.equal(reply.status, "ok", reply.evalue);
}

/** Runs some cells of a day, each of which must end as it should. */
export async function work(client: WireClient, cells: number): Promise<void> {
  for (let cell = 0; cell < cells; cell++) {
    const [code, end] = TURNS[cell % TURNS.length]!;
    const id = await client.startExecution(code);
    if (end === "interrupt") {
      await client.wait("its start", ({ type, parentId }) => type === "execute_input" && parentId === id);
      await client.interrupt();
    }
    const { reply } = await client.finished(id, 60_000);
    const found = reply.ename === "Interrupted" ? "interrupt" : reply.status;
    assert.equal(found, end, `cell ${cell}, ${code}: ${reply.ename}: ${reply.evalue}`);
    // The client would otherwise hold all that it has ever heard.
    client.received.length = 0;
  }
}

/** Asks what the kernel holds, once it has come to rest. */
export async function held(client: WireClient): Promise<Held> {
  const { reply } = await client.execute(
    "import { setFlagsFromString as setFlags } from 'node:v8'; setFlags('--expose-gc'); " +
      "(await import('node:vm')).runInNewContext('gc')(); await new Promise((resolve) => setTimeout(resolve, 300))",
    {
      user_expressions: {
        heap: "process.memoryUsage().heapUsed + process.memoryUsage().external",
        resources: "JSON.stringify(process.getActiveResourcesInfo())",
      },
    },
  );
  assert.equal(reply.status, "ok", reply.evalue);
  const text = (name: string): string => reply.user_expressions[name].data["text/plain"];
  const kinds = JSON.parse(text("resources").slice(1, -1)) as string[];
  const resources: Record<string, number> = {};
  // Timers and immediates come and go with whoever asks.
  for (const kind of kinds) {
    if (kind !== "Timeout" && kind !== "Immediate") resources[kind] = (resources[kind] ?? 0) + 1;
  }
  const status = readFileSync(`/proc/${client.child.pid}/status`, "utf8");
  return {
    heap: Number(text("heap")) / 2 ** 20,
    resident: Number(/VmRSS:\s*(\d+)/.exec(status)![1]) / 1024,
    files: readdirSync(`/proc/${client.child.pid}/fd`).length,
    resources,
  };
}

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createMaterialization, getMaterialization, refreshMaterialization } from "../../src/api/materialization.ts";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder, type Session } from "../../src/api/session.ts";
import { createTable, load } from "../../src/api/table.ts";
import { filesOf } from "../../src/tables/store/manifest-view.ts";
import type { Manifest } from "../../src/tables/store/store-manifest.ts";
import type { DiskFault } from "./failing-disk.ts";
import { EXPRESSION, ROWS } from "./scene.ts";

const CLIENT = fileURLToPath(new URL("./crash-client.ts", import.meta.url));
const STEPS = ["l", "l", "l", "d", "c", "m", "v", "q"];
/** Changes of the disk that a process makes, about: faults fall among them. */
const CHANGES = 400;

/** What happened in a round. */
export interface Round {
  readonly killed: number;
  readonly failures: readonly string[];
  readonly loads: number;
}

/** A generator of numbers from 0 to 1 that a seed determines (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function randomFault(random: () => number): DiskFault {
  const change = 1 + Math.floor(random() * CHANGES);
  if (random() < 0.6) return { change, what: "kill", times: 1 };
  const what = (["ENOSPC", "EIO", "EACCES"] as const)[Math.floor(random() * 3)]!;
  return { change, what, times: 1 + Math.floor(random() * 30) };
}

/** A store whose processes are killed and whose disk fails, round for round; each round ends with a look at what is left. */
export class Survival {
  readonly folder = mkdtempSync(join(tmpdir(), "fenl-crash-"));
  /** Loads that were told to be in, or were found to be. */
  readonly #kept = new Set<number>();
  readonly #random: () => number;
  #round = 0;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  async begin(): Promise<void> {
    mkdirSync(this.#path("disk"));
    await this.#withSession(async () => {
      await createTable({ tableName: "Kept", timeColumnName: "at", entityKeyColumnName: "who" });
      await this.#load(0);
      const destination = { fileType: "csv", outputPrefixUri: this.#path("disk/out") } as const;
      await createMaterialization({ materializationName: "Counts", expression: EXPRESSION, destination });
    });
  }

  end(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Lets one or two processes work until they end or are killed, and looks at the store. */
  async round(): Promise<Round> {
    const first = 1000 * ++this.#round;
    const count = this.#random() < 0.3 ? 2 : 1;
    const clients = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const steps = Array.from({ length: 12 }, () => STEPS[Math.floor(this.#random() * STEPS.length)]!).join("");
        const fault = randomFault(this.#random);
        const args = [this.#path("disk"), String(first + 500 * index), steps, JSON.stringify(fault)];
        const child = spawn(process.execPath, ["--import", "tsx", CLIENT, ...args], {
          stdio: ["ignore", "pipe", "pipe"],
        });
        const [output, errors, [status, signal]] = await Promise.all([
          text(child.stdout),
          text(child.stderr),
          once(child, "close"),
        ]);
        return { told: `${JSON.stringify(args)}\n${output}${errors}`, output, status, signal };
      }),
    );
    for (const { told, output, status, signal } of clients) {
      assert.ok(status === 0 || signal === "SIGKILL", `a process ended with ${status ?? signal}:\n${told}`);
      for (const [, number] of output.matchAll(/^loaded (\d+)$/gm)) this.#kept.add(Number(number));
    }
    const told = clients.map((client) => client.told).join("\n");
    try {
      await this.#withSession((session) => this.#look(session, first));
    } catch (error) {
      throw new Error(`round ${this.#round}: ${(error as Error).message}\n${told}`, { cause: error });
    }
    return {
      killed: clients.filter(({ signal }) => signal === "SIGKILL").length,
      failures: clients.flatMap(({ output }) => [...output.matchAll(/^failed (.*)$/gm)].map(([, message]) => message!)),
      loads: this.#kept.size,
    };
  }

  /** The store opens, is whole, has each load whole or not at all, and none that was told to be in is lost. */
  async #look(session: Session, first: number): Promise<void> {
    const { store } = session;
    assert.deepEqual(await store.check(), []);
    await this.#lookAtLoads();
    assert.match(readFileSync(this.#path("disk/out/Counts.csv"), "utf8"), /^_time,[^\n]*\n([^\n]+\n)*$/);
    const before = new Set(this.#kept);
    await this.#load(first + 999);
    await this.#lookAtLoads();
    assert.equal(this.#kept.size, before.size + 1);
    for (const name of ["Counts", "Other"]) {
      if (!store.materializations.list().some((one) => one.name === name)) continue;
      assert.equal((await refreshMaterialization(name)).upToDate, true);
      const all = await createQuery({ expression: EXPRESSION, resultBehavior: "final-results" });
      assert.equal(readFileSync(this.#path(`disk/out/${name}.csv`), "utf8"), all.toCsv());
      assert.equal((await getMaterialization(name)).rowCount, all.rowCount);
    }
    const left = readdirSync(this.#path("disk/out")).filter((name) => !/^(Counts|Other)\.csv$/.test(name));
    assert.deepEqual(left, []);
    const manifest = JSON.parse(readFileSync(this.#path("disk/store/manifest.json"), "utf8")) as { store: Manifest };
    assert.deepEqual(readdirSync(this.#path("disk/store/files")).sort(), [...filesOf(manifest.store)].sort());
    assert.equal(readdirSync(this.#path("disk/store/staging")).length, 1);
    // A session that was killed while it was entered is cleared away later.
    const sessions = readdirSync(this.#path("disk/store/sessions"));
    assert.equal(sessions.filter((name) => !name.startsWith(".")).length, 1);
  }

  async #lookAtLoads(): Promise<void> {
    const result = await createQuery({ expression: "{ n: Kept.n }" });
    const rows = new Map<number, number>();
    for (const n of result.table.getChild("n")!) rows.set(Number(n), (rows.get(Number(n)) ?? 0) + 1);
    for (const [number, count] of rows) assert.equal(count, ROWS, `load ${number} has ${count} rows`);
    for (const number of this.#kept) assert.ok(rows.has(number), `load ${number} is gone`);
    for (const number of rows.keys()) this.#kept.add(number);
  }

  async #load(number: number): Promise<void> {
    const path = this.#path("retry.csv");
    const rows = Array.from({ length: ROWS }, (_, row) => `${row},${row % 7},${number}`);
    writeFileSync(path, `at,who,n\n${rows.join("\n")}\n`);
    const loaded = await load({ tableName: "Kept", file: path });
    assert.equal(loaded.added, true);
    assert.deepEqual(loaded.warnings, []);
    this.#kept.add(number);
  }

  async #withSession(action: (session: Session) => Promise<void>): Promise<void> {
    const session = await new LocalBuilder().path(this.#path("disk/store")).build();
    try {
      await action(session);
    } finally {
      await session.stop();
    }
  }

  #path(name: string): string {
    const path = join(this.folder, name);
    assert.ok(existsSync(this.folder));
    return path;
  }
}

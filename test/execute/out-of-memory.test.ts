import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exhaustionOf, MemoryExhausted } from "../../src/execute/rows/memory-exhausted.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";
import { runFenl } from "../../src/run-fenl.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

const ROWS = 2000;
/** Of one entity twenty kilobytes do not fit, those of a hundred entities one after the other do. */
const NARROW = { windowRows: 100, sinkRows: 50, codedBytes: 500, stateBytes: 6000 };

describe("an aggregation that keeps more of an entity than there is room for", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-exhausted-"));
  let tables: readonly TableSnapshot[] = [];
  before(async () => {
    const lines = (keys: number) =>
      Array.from({ length: ROWS }, (_, n) => {
        const time = new Date(Date.UTC(2024, 0, 1) + n * 1000).toISOString();
        return `${time},key ${n % keys},${n},text ${n}`;
      });
    const table = (name: string, keys: number) =>
      prepareCsvText(
        { name, timeColumn: "time", keyColumn: "key", grouping: "key" },
        `time,key,n,t\n${lines(keys).join("\n")}\n`,
        folder,
      );
    tables = [await table("One", 1), await table("Many", 100)];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (fenl: string) =>
    runFenl(fenl, { tables, views: [] }, { resultBehavior: "all-results", memoryLimit: 1e6, memory: NARROW });

  const KEEPING = [
    "count_distinct(T.n)",
    "count_distinct(T.t)",
    "median(T.n)",
    "percentile(T.n, 0.9, window=within(hours(1)))",
    "count_distinct(T.n, window=sliding(3000, is_valid(T)))",
    "sum(T.n, window=within(hours(1)))",
    "mean(T.n, window=sliding(3000, is_valid(T)))",
    "max(T.t, window=within(hours(1)))",
    "list_len(collect(T.n, max=null))",
    "list_len(collect(T.n, max=null, window=within(hours(1))))",
    "list_len(collect(T.t, max=1900))",
  ];
  for (const call of KEEPING) {
    it(`is told at its call, with how much it keeps: ${call}`, async () => {
      const [, name] = /^(?:list_len\()?(\w+)/.exec(call)!;
      const fenl = `{ first: T.n, kept: ${call} }`;
      const failed = await run(fenl.replaceAll("T.", "One.").replaceAll("(T)", "(One)"));
      assert.equal(failed.rows, null);
      const [diagnostic, ...others] = failed.diagnostics;
      assert.deepEqual(others, []);
      assert.equal(diagnostic!.code, "E0016");
      const { span, message } = diagnostic!.labels[0]!;
      assert.match(
        message,
        new RegExp(`^'${name}' keeps [0-9.]+ MB of the entity with _key_hash [0-9]+, of [0-9.]+ MB`),
      );
      const text = fenl.replaceAll("T.", "One.").replaceAll("(T)", "(One)").slice(span.start, span.end);
      assert.ok(text.startsWith(name!), text);
      assert.match(diagnostic!.notes[0]!, /^The memory limit is 1\.00 MB: /);
    });

    it(`answers where each entity has few values: ${call}`, async () => {
      const answer = await run(`{ kept: ${call.replaceAll("T.", "Many.").replaceAll("(T)", "(Many)")} }`);
      assert.deepEqual(answer.diagnostics, []);
      assert.equal(answer.batches!.rows, ROWS);
      answer.batches!.release();
    });
  }

  it("does not keep the next query from its answer", async () => {
    assert.equal((await run("{ kept: count_distinct(One.n) }")).rows, null);
    const answer = await run("{ sum: sum(One.n) }");
    assert.equal(answer.batches!.rows, ROWS);
    answer.batches!.release();
  });
});

describe("errors of memory that there is not", () => {
  const ERRORS: Readonly<Record<string, () => unknown>> = {
    "an array buffer": () => new ArrayBuffer(Number.MAX_SAFE_INTEGER),
    "a typed array": () => new Float64Array(Number.MAX_SAFE_INTEGER),
    "an array": () => {
      const array: number[] = [];
      array.length = 2 ** 32;
    },
    "a string": () => "x".repeat(2 ** 30),
    "WebAssembly memory": () => new StageMemory().allocate(2 ** 33),
  };
  for (const [name, fails] of Object.entries(ERRORS)) {
    it(`are known as such: ${name}`, () => {
      assert.throws(fails, (error: unknown) => exhaustionOf(error) !== null || assert.fail(String(error)));
    });
  }

  it("are told from others", () => {
    assert.equal(exhaustionOf(new RangeError("Maximum call stack size exceeded")), null);
    assert.equal(exhaustionOf(new Error("Invalid array length")), null);
    assert.equal(exhaustionOf("no error"), null);
    assert.match(new MemoryExhausted({ reason: "no room" }).message, /more memory than there is: no room/);
  });
});

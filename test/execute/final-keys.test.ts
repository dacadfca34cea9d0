import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dictionaryReader } from "../../src/execute/rows/dictionary.ts";
import { batchesOutput, type Output, outputParts } from "../../src/frames/output.ts";
import { writeParquet } from "../../src/frames/parquet/parquet-export.ts";
import { type FenlOptions, runFenl } from "../../src/run-fenl.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { DuckDbReader } from "../frames/duckdb-reader.ts";

/** Enough for parts of the answer that are not joined before somebody asks for the whole. */
const USERS = 40_001;
const ROWS = 120_000;
const QUERY = "{ a: count(A), b: sum(B.x), c: last(C.x) }";

/** A key of any bytes, of no few lengths. */
function userOf(number: number): string {
  return number % 97 === 0 ? `ü ${"long ".repeat(number % 20)}${number}` : number === 5 ? "" : `user ${number}`;
}

/** Ways that leave some or all rows without texts of their keys until the end. */
const WAYS: Readonly<Record<string, Partial<FenlOptions>>> = {
  "in memory": {},
  "with no memory for texts of keys": { memory: { spareBytes: 0 } },
  "with memory for few texts of keys": { memory: { spareBytes: 1 << 18 } },
  "in windows": { memory: { windowRows: 5_000, sinkRows: 700 } },
  "with some rows in temporary files": { memory: { windowRows: 5_000, sinkRows: 700, heldBytes: 1 << 18 } },
  "with all rows in temporary files": { memory: { sinkRows: 700, heldBytes: 0, resultBytes: 0 } },
  "as of a time": { finalTime: 1_704_100_000_000_000_000n },
  "of what has changed": { changedSince: 1_704_150_000_000_000_000n },
  "of very few that have changed": { changedSince: 1_704_187_190_000_000_000n },
};

describe("final results of tables that have some keys each", () => {
  const reader = new DuckDbReader("fenl-final-keys-");
  const folder = mkdtempSync(join(tmpdir(), "fenl-final-keys-"));
  const tables: TableSnapshot[] = [];
  const rows: { table: number; time: number; user: string; x: number }[] = [];
  before(async () => {
    const lines: string[][] = [[], [], []];
    for (let row = 0; row < ROWS; row++) {
      const table = row % 3;
      // Each table has other gaps among the users.
      const number = Math.floor((row * 7919) % USERS);
      const user = userOf(number % (11 + table) === 0 ? (number + 1) % USERS : number);
      const one = { table, time: 1_704_067_200 + row, user, x: (row * 31) % 1000 };
      rows.push(one);
      lines[table]!.push(`${new Date(one.time * 1000).toISOString()},"${user}",${one.x}`);
    }
    for (const [index, name] of ["A", "B", "C"].entries()) {
      const definition = { name, timeColumn: "at", keyColumn: "user", grouping: "user" };
      tables.push(await prepareCsvText(definition, `at,user,x\n${lines[index]!.join("\n")}\n`, folder));
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What each key has, as texts in order. */
  function expected({ finalTime, changedSince }: Partial<FenlOptions>): string[] {
    const states = new Map<string, { a: number | null; b: number | null; c: number | null; last: bigint }>();
    for (const { table, time, user, x } of rows) {
      const at = BigInt(time) * 1_000_000_000n;
      if (finalTime !== undefined && at > finalTime) continue;
      const state = states.get(user) ?? { a: null, b: null, c: null, last: 0n };
      states.set(user, state);
      if (table === 0) state.a = (state.a ?? 0) + 1;
      else if (table === 1) state.b = (state.b ?? 0) + x;
      else state.c = x;
      state.last = at;
    }
    const wanted = [...states].filter(([, { last }]) => changedSince === undefined || last >= changedSince);
    return wanted.map(([user, { a, b, c }]) => `${user}: ${[a, b, c].join(" ")}`).sort();
  }

  /** An answer's rows, as texts in order. */
  function shownRows({ columns, rows: count }: Output): string[] {
    const key = columns.find((column) => column.name === "_key")!;
    const text = dictionaryReader(key.dictionary!);
    const fields = columns.slice(4);
    const shown = Array.from({ length: count }, (_, row) => {
      const values = fields.map(({ values, valid }) => (valid?.[row] === 0 ? null : Number(values[row])));
      return `${text(Number(key.values[row]))}: ${values.join(" ")}`;
    });
    return shown.sort();
  }

  async function ask(way: Partial<FenlOptions>): Promise<Output> {
    const { batches } = await runFenl(QUERY, { tables, views: [] }, { resultBehavior: "final-results", ...way });
    return batchesOutput(batches!);
  }

  it("stay as they are while other answers are made and given back, in parts and as a whole", async () => {
    const held = await ask({});
    assert.ok(held.divided !== undefined, "the answer has one part");
    const asOf = { finalTime: 1_704_130_000_000_000_000n };
    for (let turn = 0; turn < 3; turn++) {
      const other = await ask(asOf);
      // The second one is never asked for as a whole.
      if (turn !== 1) assert.deepEqual(shownRows(other), expected(asOf));
      other.release?.();
    }
    const parts = [...outputParts(held)];
    assert.ok(parts.length > 1);
    assert.deepEqual(parts.flatMap(shownRows).sort(), expected({}));
    assert.deepEqual(shownRows(held), expected({}));
    const [stamp, ...others] = new Set(held.columns[0]!.values as BigInt64Array);
    assert.deepEqual([stamp, others], [BigInt(rows.at(-1)!.time) * 1_000_000_000n + 1n, []]);
    held.release?.();
  });

  for (const [name, way] of Object.entries(WAYS)) {
    it(`have the text of each key beside its values ${name}, also in a Parquet file`, async () => {
      const output = await ask(way);
      const path = await writeParquet(output, reader.path("answer.parquet"));
      const own = shownRows(output);
      const answer = await reader.query(`SELECT _key, a, b, c FROM '${path}'`);
      const read = answer.getRows().map(([user, ...values]) => `${user}: ${values.join(" ")}`);
      output.release?.();
      const all = expected(way);
      assert.ok(all.length > 3);
      assert.deepEqual(own, all);
      assert.deepEqual(read.sort(), all);
    });
  }
});

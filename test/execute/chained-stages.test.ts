import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chainsOf } from "../../src/execute/chained-stages.ts";
import { planText } from "../../src/plan/plan-text.ts";
import { stagesOf } from "../../src/plan/stages.ts";
import { type FenlOptions, runFenl } from "../../src/run-fenl.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { answerRowsOf, prepareTable } from "../property/product.ts";

/** Stages in each chain, by query. */
const CHAINS: readonly (readonly [name: string, query: string, lengths: readonly number[]])[] = [
  ["that moves no rows", "{ v: sum(T.n) }", [1]],
  ["that reads rows which it moved", "{ v: T.n | shift_by(seconds(1)) | sum() }", [2]],
  ["that moves rows twice", "{ v: T.n | shift_by(seconds(1)) | shift_by(seconds(1)) }", [3]],
  [
    "that reads rows moved in two ways",
    "{ v: sum(T.n | shift_by(seconds(1))) + sum(T.n | shift_until(T.n > 3)) }",
    [3],
  ],
  ["with ticks that end with what is moved", "{ v: T.n | shift_by(seconds(1)) | sum(window=since(daily())) }", [1, 1]],
  ["with ticks that end before", "{ s: sum(T.n, window=since(daily())), m: T.n | shift_by(seconds(1)) }", [2]],
  ["with rows for other entities", "{ v: T.n | with_key(T.n, grouping = 'h') | sum() }", [1, 1]],
  [
    "that moves rows for other entities",
    "{ v: (T.n | shift_by(seconds(1))) | with_key($input, grouping = 'h') | sum() }",
    [2, 1],
  ],
  ["that asks other entities for moved rows", "{ v: lookup(T.key, sum(T.n | shift_by(seconds(1)))) }", [1, 1, 1, 1]],
];

const ROWS = 70_000;
const ENTITIES = 100;
const FIRST = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

describe("stages that move rows in time", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-chains-"));
  let table: TableSnapshot;
  before(() => {
    const rows = Array.from({ length: ROWS }, (_, row) => ({
      time: FIRST + BigInt(row) * SECOND,
      subsort: BigInt(row),
      key: BigInt(row % ENTITIES),
      values: [
        FIRST + BigInt(row) * SECOND,
        BigInt(row % ENTITIES),
        BigInt(row),
        row % 3 ? row % 7 : null,
        `t${row % 5}`,
      ],
    }));
    const columns = [
      { name: "time", type: { kind: "timestamp_ns" } },
      { name: "key", type: { kind: "i64" } },
      { name: "n", type: { kind: "i64" } },
      { name: "x", type: { kind: "f64" } },
      { name: "t", type: { kind: "string" } },
    ] as const;
    const form = { name: "T", grouping: "g", keyType: { kind: "i64" }, timeColumn: "time", keyColumn: "key" } as const;
    table = prepareTable(folder, { ...form, columns, rows });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, query, lengths] of CHAINS) {
    it(`make a query ${name} one of ${lengths.join(" and ")} stages in one go`, () => {
      const { plan } = planText(query, { tables: [table], views: [] }).planned!;
      assert.ok(plan !== null, query);
      const chains = chainsOf(plan, stagesOf(plan, false));
      assert.deepEqual(
        chains.map(({ length }) => length),
        lengths,
      );
    });
  }

  /** Times, in seconds after the first event, and sums of an answer. */
  async function answer(query: string, options: Partial<FenlOptions> = {}): Promise<[number, bigint][]> {
    const { rows } = await runFenl(
      query,
      { tables: [table], views: [] },
      { resultBehavior: "all-results", ...options },
    );
    const [sums] = rows!.rows.columns;
    return Array.from(rows!.rows.time, (time, row) => [Number((time - FIRST) / SECOND), sums!.values[row] as bigint]);
  }

  /** What a sum of the rows of each entity is when they have moved by so many seconds. */
  function expected(by: (row: number) => number): [number, bigint][] {
    const sums = new Map<number, bigint>();
    const rows = Array.from({ length: ROWS }, (_, row): [number, bigint] => {
      const sum = (sums.get(row % ENTITIES) ?? 0n) + BigInt(row);
      sums.set(row % ENTITIES, sum);
      return [row + by(row), sum];
    });
    return rows.sort(([a], [b]) => a - b);
  }

  const READERS: Readonly<Record<string, string>> = {
    "no more of a table than they": "{ a: T.n | shift_by(seconds(50)) | sum(), b: count(T), n: sum(T.n) }",
    "other columns of a table": "{ a: T.n | shift_by(seconds(50)) | sum(), x: sum(T.x), n: last(T.n) }",
    "columns with nulls": "{ a: T.x | shift_by(seconds(50)) | sum(), x: sum(T.x), b: count(T.x) }",
    "texts of a table":
      "{ a: T.n | when(T.t == 't1') | shift_by(seconds(50)) | sum(), b: count(T | when(T.t != 't2')) }",
    "moved texts": "{ a: T.t | shift_by(seconds(50)), b: last(T.t), c: count(T) }",
    "rows that waited": "{ n: T.n, x: T.x } | shift_until(T.x == 3)",
    "rows that waited, and others": "{ a: T.x | shift_until(T.x == 3) | sum(), b: last(T.x), c: count(T) }",
    "texts that waited": "{ a: T.t | shift_until(T.x == 3), b: last(T.t), c: count(T.t | when(T.t == 't1')) }",
    "texts with nulls that waited twice":
      "{ a: T.t | if(T.x != 2) | shift_until(T.x == 3) | shift_until(T.x == 1), b: count(T) }",
    "texts made of others that waited": "{ a: concat(T.t, 'é') | shift_until(T.x == 3), b: count(T) }",
    "lists that waited": "{ a: collect(T.n, max=3) | shift_until(T.x == 3), b: count(T) }",
    "rows that waited for one time, and moved on":
      "{ a: T.n | shift_by(seconds(7)) | shift_until(true) | sum(), b: T.n | shift_until(T.n > 30000) | count() }",
    "rows of which none is released": "{ a: T.n | shift_until(T.n < 0), b: count(T) }",
    "rows of one time":
      "{ a: T.n | shift_by(seconds(100)) | sum(), b: last(T.n) - last(T.n | shift_by(seconds(200))) }",
  };
  for (const [name, query] of Object.entries(READERS)) {
    it(`have the same answer in one go as in windows where those that follow read ${name}`, async () => {
      const [whole, inWindows] = await Promise.all([
        rowsOf(query, {}),
        rowsOf(query, { memory: { windowRows: 5_000 } }),
      ]);
      assert.ok(whole.length >= ROWS / 2);
      assert.deepEqual(whole, inWindows);
    });
  }

  /** All of an answer's rows. */
  async function rowsOf(query: string, options: Partial<FenlOptions>): Promise<unknown[][]> {
    const { batches } = await runFenl(
      query,
      { tables: [table], views: [] },
      { resultBehavior: "all-results", ...options },
    );
    const rows = answerRowsOf(batches!.whole()).map(({ time, subsort, keyHash, key, values }) => {
      return [time, subsort, keyHash, key, ...values];
    });
    batches!.release();
    return rows;
  }

  const MOVES: readonly (readonly [name: string, to: string, by: (row: number) => number])[] = [
    ["by a little", "shift_by(seconds(600))", () => 600],
    ["far behind all events", "shift_by(days(3650))", () => 3650 * 86400],
    ["by what each row tells", "shift_to(add_time(seconds(T.n), T.time))", (row) => row],
  ];
  const WAYS: Readonly<Record<string, Partial<FenlOptions>>> = {
    "in memory": {},
    "in windows": { memory: { windowRows: 5_000, sinkRows: 3_000 } },
    "in memory and in temporary files": { memory: { windowRows: 5_000, sinkRows: 3_000, heldBytes: 1 << 18 } },
    "with more rows than their sinks have room for": { memory: { sinkRows: 1_000 } },
  };
  for (const [name, move, by] of MOVES) {
    for (const [way, options] of Object.entries(WAYS)) {
      it(`move them ${name}, ${way}`, async () => {
        const moved = await answer(`{ s: T.n | ${move} | sum() }`, options);
        assert.deepEqual(moved, expected(by));
      });
    }
  }
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import { type FenlOptions, runFenl } from "../../src/run-fenl.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

const ROWS = 6000;
const LONG = "ä longer text than is copied piece by piece, with letters of two, three (☃) and four (😀) bytes; ";

interface Event {
  readonly a: string;
  readonly b: string | null;
  readonly n: number;
}

const EVENTS: readonly Event[] = Array.from({ length: ROWS }, (_, row) => ({
  a: row % 7 === 0 ? `${LONG}${row % 11}` : `é${row}`,
  b: row % 5 === 0 ? null : `b${row % 13}`,
  n: row,
}));

/** What each query joins on a row; `B` stands for texts of which some are null. */
const QUERIES: readonly { readonly fenl: string; readonly of: (event: Event, last: string | null) => string | null }[] =
  [
    { fenl: "{ t: concat(T.a, '/', B) }", of: ({ a, b }) => (b === null ? null : `${a}/${b}`) },
    { fenl: "{ t: concat(T.a, T.a) }", of: ({ a }) => a + a },
    { fenl: "{ t: concat('☃', B, '', T.a, '😀') }", of: ({ a, b }) => (b === null ? null : `☃${b}${a}😀`) },
    { fenl: "{ t: concat(upper(T.a), T.a) }", of: ({ a }) => a.toUpperCase() + a },
    { fenl: "{ t: concat(T.a, T.n as string) }", of: ({ a, n }) => a + n },
    { fenl: "{ t: concat(B, last(B)) }", of: ({ b }, last) => (b === null ? null : b + last) },
  ];

const WAYS: Readonly<Record<string, Pick<FenlOptions, "memory" | "memoryLimit">>> = {
  "all rows at once": {},
  "windows of some rows": { memory: { windowRows: 700, sinkRows: 300 } },
  "windows of some rows, and codes that are renewed": { memory: { windowRows: 700, sinkRows: 300, codedBytes: 0 } },
  "windows of some rows, and rows in temporary files": {
    memory: { windowRows: 900, sinkRows: 500, heldBytes: 0, resultBytes: 0, codedBytes: 0 },
  },
};

describe("texts that are joined", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-joined-"));
  let table: TableSnapshot;
  before(async () => {
    const lines = EVENTS.map(({ a, b, n }) => {
      const time = new Date(Date.UTC(2024, 0, 1) + n * 1000).toISOString();
      return `${time},key ${n % 17},"${a}",${b ?? "none"},${n},${b !== null},${n % 10 === 3}`;
    });
    const definition = { name: "T", timeColumn: "time", keyColumn: "key", grouping: "key" };
    table = await prepareCsvText(definition, `time,key,a,b,n,some,few\n${lines.join("\n")}\n`, folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [way, options] of Object.entries(WAYS)) {
    for (const { fenl, of } of QUERIES) {
      for (const filter of ["", " | when(T.few)"]) {
        it(`are those of the row, with ${way}: ${fenl}${filter}`, async () => {
          const last = new Map<number, string>();
          const expected = EVENTS.flatMap((event) => {
            const key = event.n % 17;
            if (event.b !== null) last.set(key, event.b);
            return filter === "" || event.n % 10 === 3 ? [of(event, last.get(key) ?? null)] : [];
          });
          const answer = await runFenl(
            `let B = T.b | if(T.some) in ${fenl}${filter}`,
            { tables: [table], views: [] },
            { resultBehavior: "all-results", ...options },
          );
          assert.ok(answer.rows, JSON.stringify(answer.diagnostics));
          const { rows, columns } = answer.rows.rows;
          const read = columnReader(columns[0]!);
          assert.deepEqual(
            Array.from({ length: rows }, (_, row) => read(row)),
            expected,
          );
          answer.batches!.release();
        });
      }
    }
  }
});

describe("texts that are joined in a large result", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-joined-"));
  const SIZE = 150_000;
  const START = Date.UTC(2024, 0, 1);
  const textOf = (row: number) => (row % 11 === 0 ? "" : `${"é☃😀".repeat(row % 9)}${row}`);
  /** Of each entity's rows the first ones have few texts, the others each one of their own. */
  const latterOf = (row: number) => (row < SIZE / 2 ? `of few ${row % 3}` : `of many ${row}`);
  let table: TableSnapshot;
  before(async () => {
    const lines = Array.from({ length: SIZE }, (_, row) => {
      const time = new Date(START + row * 1000).toISOString();
      return `${time},key ${(row * 31) % 97},"${textOf(row)}",few ${row % 3},${latterOf(row)},${row % 5 !== 2}`;
    });
    const definition = { name: "T", timeColumn: "time", keyColumn: "key", grouping: "key" };
    table = await prepareCsvText(definition, `time,key,a,b,c,some\n${lines.join("\n")}\n`, folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const queries: readonly [string, (row: number) => string | null][] = [
    ["concat(T.a, '/', T.a)", (row) => `${textOf(row)}/${textOf(row)}`],
    ["concat(T.a, T.a | if(T.some))", (row) => (row % 5 === 2 ? null : textOf(row).repeat(2))],
    ["concat(T.b, 'é')", (row) => `few ${row % 3}é`],
    [
      "concat('8 bytes.', T.c, ', and more than eight bytes ☃')",
      (row) => `8 bytes.${latterOf(row)}, and more than eight bytes ☃`,
    ],
    [`concat(T.b, '${LONG}')`, (row) => `few ${row % 3}${LONG}`],
  ];
  for (const [fenl, of] of queries) {
    for (const rowOrder of ["time", "entity"] as const) {
      it(`are those of the row, whichever there are, by ${rowOrder}: ${fenl}`, async () => {
        const answer = await runFenl(
          `{ t: ${fenl}, n: count(T) }`,
          { tables: [table], views: [] },
          { resultBehavior: "all-results", rowOrder },
        );
        assert.ok(answer.batches, JSON.stringify(answer.diagnostics));
        const { rows, columns, time } = answer.batches.whole().rows;
        assert.equal(rows, SIZE);
        const read = columnReader(columns[0]!);
        const rowOf = (row: number) => Number(time[row]! / 1_000_000n - BigInt(START)) / 1000;
        // An empty text of a table may be a null.
        const wrong = Array.from({ length: rows }, (_, row) => row).find((row) => read(row) !== of(rowOf(row)));
        assert.equal(wrong, undefined, `${wrong}: ${wrong !== undefined && read(wrong)}`);
        answer.batches.release();
      });
    }
  }
});

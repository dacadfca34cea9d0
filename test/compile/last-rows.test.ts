import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { looksAtLastRows } from "../../src/compile/last-rows.ts";
import { sourceFacts } from "../../src/compile/source-facts.ts";
import { planText } from "../../src/plan/plan-text.ts";
import { stagesOf } from "../../src/plan/stages.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { prepareTable } from "../property/product.ts";

/** Whether requests look at last rows only, by query. */
const QUERIES: readonly (readonly [query: string, looks: boolean])[] = [
  ["{ n: lookup(A.other, count(B)) }", true],
  ["{ n: lookup(if(A.other > 2, A.other + 1), count(B)), own: sum(A.other) }", true],
  // The last request of an entity may be one before its last row.
  ["{ n: last(lookup(A.other, count(B))) }", false],
  ["{ n: sum(lookup(A.other, count(B))) }", false],
  ["{ n: lookup(A.other, count(B)) } | when(A.other > 2)", false],
  // What is asked depends on rows before.
  ["{ n: lookup(sum(A.other), count(B)) }", false],
  ["{ n: lookup(last(A.other), count(B)) }", false],
  ["{ n: lookup(A.other + count(B), count(B)) }", false],
];

describe("requests of final results", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-last-rows-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function table(name: string, isTied: boolean): TableSnapshot {
    const rows = [0, 1, 2].map((row) => {
      const time = 1_700_000_000_000_000_000n;
      return { time, subsort: isTied ? 0n : BigInt(row), key: 1n, values: [time, 1n, BigInt(row)] };
    });
    const columns = [
      { name: "time", type: { kind: "timestamp_ns" } },
      { name: "key", type: { kind: "i64" } },
      { name: "other", type: { kind: "i64" } },
    ] as const;
    const form = { name, grouping: "g", keyType: { kind: "i64" }, timeColumn: "time", keyColumn: "key" } as const;
    return prepareTable(folder, { ...form, columns, rows });
  }

  function looks(query: string, isTied: boolean, finalTime: boolean): boolean {
    const tables = [table("A", isTied), table("B", false)];
    const { plan } = planText(query, { tables, views: [] }).planned!;
    assert.ok(plan !== null, query);
    const stage = stagesOf(plan, true).find(({ sink }) => sink.kind === "requests")!;
    const byName = new Map(tables.map((one) => [one.name, one]));
    const facts = sourceFacts(plan, stage, byName, () => undefined);
    return looksAtLastRows(plan, stage, facts, { finalTime, changedSince: false });
  }

  for (const [query, expected] of QUERIES) {
    it(`${expected ? "look" : "do not look"} at the last row of each entity only: ${query}`, () => {
      assert.equal(looks(query, false, false), expected);
    });
  }

  it("look at all rows where some are equal, or the last one up to a time counts", () => {
    const [[query]] = QUERIES as readonly [readonly [string, boolean]];
    assert.equal(looks(query, true, false), false);
    assert.equal(looks(query, false, true), false);
  });
});

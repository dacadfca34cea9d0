import assert from "node:assert/strict";
import { asOfWalk } from "../../src/compile/as-of-walk.ts";
import { compileStage } from "../../src/compile/compile-stage.ts";
import { planText } from "../../src/plan/plan-text.ts";
import { stagesOf } from "../../src/plan/stages.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

function table(name: string): TableSnapshot {
  return {
    name,
    grouping: "user",
    timeColumn: "at",
    keyColumn: "key",
    keyType: { kind: "string" },
    columns: [
      { name: "at", type: { kind: "timestamp_ns" } },
      { name: "key", type: { kind: "string" } },
      { name: "n", type: { kind: "i64" } },
      { name: "b", type: { kind: "bool" } },
    ],
    files: [],
  };
}

const TABLES = ["A", "B", "C"].map(table);

/** For each stage of a query: the source whose rows are handed out, if the others are walked as far as these ask. */
function leaders(query: string, ties = false) {
  const { plan } = planText(query, { tables: TABLES, views: [] }).planned!;
  assert.ok(plan !== null);
  return stagesOf(plan, false).map((stage) => {
    const facts = stage.sources.map(() => ({ ties }));
    const walk = asOfWalk(plan, stage, facts);
    if (walk === null) return null;
    const source = stage.sources[walk.leader]!;
    const { wat } = compileStage(plan, stage, facts, { finalTime: false, changedSince: false });
    // Followers whose rows are only counted are not walked one by one.
    const counts = [...wat.matchAll(/\(loop \$count/g)].length;
    return [source.kind === "scan" ? source.table : source.kind, walk.asking === null ? "merge" : "select", counts];
  });
}

describe("rows that ask what stands of other tables", () => {
  it("are walked alone, and others as far as these ask", () => {
    assert.deepEqual(leaders("{ n: count(B), s: sum(A.n) } | when(A.b)"), [["A", "select", 1]]);
    assert.deepEqual(leaders("{ n: sum(B.n), m: count(C) } | when(A.b)"), [["A", "select", 1]]);
    assert.deepEqual(leaders("{ n: count(B), m: count(C) } | when(A.b)"), [["A", "select", 2]]);
    assert.deepEqual(leaders("{ d: count(A) - count(B) } | when(A.b)"), [["A", "select", 1]]);
    assert.deepEqual(
      leaders(
        "let e = { a: A.n, n: count(B) } | when(A.b) | shift_by(seconds(9)) in extend(e, { m: count(B) }) | when(is_valid($input.a))",
      ),
      [
        ["A", "select", 1],
        ["stored", "select", 1],
      ],
    );
  });

  it("are walked in step with the others where more is asked than what stands", () => {
    for (const query of [
      "{ n: count(B), a: A.n }",
      "{ n: count(B) } | when(A.b or B.b)",
      "{ n: count(B), v: is_valid(B) } | when(A.b)",
      "{ n: count(B, window=since(A.b)) } | when(A.b)",
      "{ n: count(A, window=since(B.b)) } | when(A.b)",
      "{ n: count(A, window=since(hourly())), m: count(B) } | when(A.b)",
    ]) {
      assert.deepEqual(leaders(query), [null], query);
    }
    assert.deepEqual(leaders("{ n: count(B) } | when(A.b)", true), [null]);
  });
});

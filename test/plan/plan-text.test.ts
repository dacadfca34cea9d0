import assert from "node:assert/strict";
import { compileStage } from "../../src/compile/compile-stage.ts";
import { planText } from "../../src/plan/plan-text.ts";
import { stagesOf } from "../../src/plan/stages.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";

const TEXT = "{ s: sum(E.n) }";

function table(type: FenlType, column = "n"): TableSnapshot {
  return {
    name: "E",
    grouping: "user",
    timeColumn: "at",
    keyColumn: "key",
    keyType: { kind: "string" },
    columns: [
      { name: "at", type: { kind: "timestamp_ns" } },
      { name: "key", type: { kind: "string" } },
      { name: column, type },
    ],
    files: [],
  };
}

const kindOf = (text: string, environment: Parameters<typeof planText>[1]) =>
  planText(text, environment).analysis.schema?.[0]?.type.kind;

describe("the plan of a text", () => {
  it("is made once for tables of the same columns, whatever their files", () => {
    const first = planText(TEXT, { tables: [table({ kind: "i64" })], views: [] });
    const again = planText(TEXT, { tables: [{ ...table({ kind: "i64" }), files: [] }], views: [] });
    assert.equal(again, first);
  });

  it("is another one where a column has another type or name, or a view another expression", () => {
    assert.equal(kindOf(TEXT, { tables: [table({ kind: "i64" })], views: [] }), "i64");
    assert.equal(kindOf(TEXT, { tables: [table({ kind: "f64" })], views: [] }), "f64");
    const { analysis, planned } = planText(TEXT, { tables: [table({ kind: "i64" }, "m")], views: [] });
    assert.equal(planned, null);
    assert.ok(analysis.diagnostics.some(({ severity }) => severity === "error"));
    const ofView = (expression: string) =>
      kindOf("{ v: V }", { tables: [table({ kind: "i64" })], views: [{ name: "V", expression }] });
    assert.equal(ofView("E.n"), "i64");
    assert.equal(ofView("E.n > 1"), "bool");
  });

  it("is made for each value of a parameter", () => {
    const ofValue = (value: string, type: FenlType) =>
      kindOf("{ p: if(E.n > 0, $p) }", {
        tables: [table({ kind: "i64" })],
        views: [],
        parameters: [{ name: "p", type, value }],
      });
    assert.equal(ofValue("1", { kind: "i64" }), "i64");
    assert.equal(ofValue("a", { kind: "string" }), "string");
  });

  it("has stages that are compiled once for what is known of their sources", () => {
    const { planned } = planText(TEXT, { tables: [table({ kind: "i64" })], views: [] });
    const plan = planned!.plan!;
    const bounds = { finalTime: false, changedSince: false };
    const compile = (final: boolean, neverNull: readonly number[]) => {
      const [stage] = stagesOf(plan, final);
      return compileStage(plan, stage!, [{ keyType: { kind: "string" }, neverNull }], bounds);
    };
    const [stage] = stagesOf(plan, false);
    const [source] = stage!.sources;
    const values = source?.kind === "scan" ? source.values : [];
    assert.equal(compile(false, []), compile(false, []));
    assert.notEqual(compile(false, values).wat, compile(false, []).wat);
    assert.notEqual(compile(true, []).wat, compile(false, []).wat);
    assert.notEqual(compileStage(plan, stage!, [{}], { ...bounds, changedSince: true }).wat, compile(false, []).wat);
  });
});

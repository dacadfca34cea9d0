import assert from "node:assert/strict";
import { analyze } from "../../src/analyze/analyze.ts";
import { environment, summary } from "./marked-query.ts";

function check(text: string, views: Readonly<Record<string, string>>, ...expected: string[][]): void {
  const { diagnostics, sources } = analyze(text, environment(views));
  assert.deepEqual(
    diagnostics.map((diagnostic) => summary(diagnostic, sources)),
    expected,
  );
}

describe("formulas", () => {
  it("may refer to one another in any order", () => {
    const views = { total: "sum(amounts)", amounts: "Sent.amount" };
    const { query, schema } = analyze("{ total }", environment(views));
    assert.deepEqual(schema, [{ name: "total", type: { kind: "f64" } }]);
    assert.deepEqual(
      query?.nodes.map(({ kind }) => kind),
      ["table", "field", "call", "record"],
    );
  });

  it("are one node, however often they are used", () => {
    const views = { total: "sum(Sent.amount)" };
    assert.equal(analyze("{ a: total + total, b: sum(Sent.amount) }", environment(views)).query?.nodes.length, 5);
  });

  it("are hidden by let, and do not see the query's own names", () => {
    check("let total = 1 let x = 2 in { total, x, y: Sent.amount }", { total: "nope" });
    check("let x = 2 in { a: view, x }", { view: "x" }, [
      "error E0006",
      "P [x] No reference named 'x'",
      "N Nearest matches: 'Code', 'Sent', 'view', 'Waits', 'Received'",
    ]);
  });

  it("report their errors only when they are used, in their own text", () => {
    check("Sent", { broken: "Sent.nope +", wrong: "Sent.nope" });
    const { diagnostics } = analyze("{ a: wrong, b: wrong, c: broken }", environment({ broken: "1 +", wrong: "Nope" }));
    assert.deepEqual(
      diagnostics.map(({ code, labels }) => [code, labels[0]?.span.source]),
      [
        ["E0006", "wrong"],
        ["E0011", "broken"],
      ],
    );
  });

  it("point at the formula for an output that cannot be written (E0013)", () => {
    const { diagnostics } = analyze("{ gap }", environment({ gap: "1 + 1 | seconds($input)" }));
    assert.deepEqual(diagnostics[0]?.labels[0]?.span, { source: "gap", start: 8, end: 15 });
  });

  it("must not need themselves (E0012)", () => {
    const views = { m: "n + 1", n: "m + 1", alone: "alone" };
    check("{ x: m, y: Sent.amount }", views, [
      "error E0012",
      "P [n] Formula 'n' referenced here in 'm'",
      "P [m] Formula 'm' referenced here in 'n'",
    ]);
    check("{ x: alone }", views, ["error E0012", "P [alone] Formula 'alone' referenced here in 'alone'"]);
  });

  it("report a cycle without the way to it", () => {
    check("{ x: start }", { start: "a", a: "b", b: "a" }, [
      "error E0012",
      "P [b] Formula 'b' referenced here in 'a'",
      "P [a] Formula 'a' referenced here in 'b'",
    ]);
  });

  it("need legal names of their own (E0003, E0004)", () => {
    check("Sent", { "a b": "1" }, ["error E0003", "N Formula name 'a b' is not a legal identifier."]);
    check("Sent", { let: "1" }, ["error E0003", "N Formula name 'let' is not a legal identifier."]);
    check("Sent", { Code: "1" }, ["error E0004", "N Formula name 'Code' is the name of a table."]);
    const twice = [
      { name: "a", expression: "1" },
      { name: "a", expression: "2" },
    ];
    const { diagnostics } = analyze("{ a, x: Sent.amount }", { ...environment(), views: twice });
    assert.deepEqual(
      diagnostics.map((diagnostic) => summary(diagnostic, {})),
      [["error E0004", "N Formula name 'a' is defined at index 0 and again at 1."]],
    );
  });

  it("may be called anything that is an identifier", () => {
    const views = { __proto__x: "Sent.amount", Query: "Sent.nope", constructor: "Sent.from" };
    const own = [...environment(views).views, { name: "__proto__", expression: "Sent.to" }];
    const { schema } = analyze("{ a: __proto__, b: constructor, c: __proto__x }", { ...environment(), views: own });
    assert.deepEqual(
      schema?.map(({ type }) => type.kind),
      ["i64", "i64", "f64"],
    );
    const { diagnostics, sources } = analyze("{ a: Query }", { ...environment(), views: own });
    assert.deepEqual(summary(diagnostics[0]!, sources).slice(0, 2), ["error E0001", "P [nope] No field named 'nope'"]);
  });

  it("may have any type when they are created", () => {
    const { diagnostics, type } = analyze("since(Sent)", environment(), "view");
    assert.deepEqual([diagnostics, type], [[], { kind: "window" }]);
  });
});

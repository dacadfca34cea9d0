import assert from "node:assert/strict";
import { describeDiagnostics, FenlError } from "../../src/api/fenl-error.ts";
import type { Diagnostic } from "../../src/text/diagnostic.ts";

const query = 'let x = "😀"\nin { a: Purchse.amount }';

function diagnostic(severity: Diagnostic["severity"], source: string, start: number, end: number): Diagnostic {
  return {
    code: severity === "warning" ? "W2001" : "E0006",
    severity,
    message: severity === "warning" ? "Unused binding" : "Unbound reference",
    labels: [
      { style: "secondary", span: { source: "Query", start: 0, end: 3 }, message: "here" },
      { style: "primary", span: { source, start, end }, message: "No reference named 'Purchse'" },
    ],
    notes: ["Nearest matches: 'Purchase'"],
  };
}

describe("FenlError", () => {
  const start = query.indexOf("Purchse");
  const described = describeDiagnostics(
    [
      diagnostic("error", "Query", start, start + 7),
      diagnostic("warning", "Query", 8, 12),
      diagnostic("error", "elsewhere", 3, 4),
    ],
    { Query: query },
  );

  it("gives lines and columns in code points", () => {
    assert.deepEqual(described[0]!.span, { start: { line: 2, column: 9 }, end: { line: 2, column: 16 } });
    assert.deepEqual(described[1]!.span, { start: { line: 1, column: 9 }, end: { line: 1, column: 12 } });
    assert.equal(described[0]!.source, "Query");
  });

  it("has no place for what points into a text that is not known", () => {
    assert.equal(described[2]!.span, null);
    assert.equal(described[2]!.source, null);
  });

  it("can be read by itself: the count, then each error as a block", () => {
    const { message, diagnostics, name } = new FenlError(described);
    assert.equal(name, "FenlError");
    assert.equal(diagnostics.length, 3);
    assert.match(message, /^2 errors in Fenl statements; see diagnostics\n\nerror\[E0006\]: Unbound reference\n/);
    assert.match(message, /No reference named 'Purchse'/);
    assert.match(message, /Nearest matches: 'Purchase'/);
    assert.doesNotMatch(message, /W2001/);
  });

  it("survives JSON", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(described)), described);
  });
});

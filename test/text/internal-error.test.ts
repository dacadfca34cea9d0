import assert from "node:assert/strict";
import { assemble } from "../../src/compile/assemble.ts";
import { CompileFault } from "../../src/compile/compile-fault.ts";
import { planQuery } from "../../src/plan/plan-query.ts";
import { internalError } from "../../src/text/internal-error.ts";
import { renderText } from "../../src/text/render-text.ts";

const SPAN = { source: "Query", start: 2, end: 3 };
const SOURCES = { Query: "{ x }" };

describe("faults of the engine", () => {
  it("are told as such, with their place and without a stack", () => {
    assert.equal(
      renderText(internalError(new Error("two and two\nmake five"), SPAN), SOURCES),
      `bug[B1000]: Internal error
  --> Query:1:3
  |
1 | { x }
  |   ^ two and two
  |
  = This is a fault of Fenl and not of the query: please report it

`,
    );
  });

  it("are told apart from queries that are too deep", () => {
    const { code, labels } = internalError(new RangeError("Maximum call stack size exceeded"), SPAN);
    assert.deepEqual([code, labels[0]?.message], ["E0011", "Expression is nested too deeply"]);
  });

  it("of the planner are diagnostics", () => {
    const node = { kind: "table", table: "Nowhere", type: { kind: "record", fields: [] }, span: SPAN, grouping: "g" };
    const { plan, fault } = planQuery({ nodes: [node as never], root: 0, keyType: null }, []);
    assert.equal(plan, null);
    assert.deepEqual([fault?.code, fault?.severity], ["B1000", "bug"]);
    assert.deepEqual(fault?.labels[0]?.span, SPAN);
  });

  it("of the assembler leave it usable", async () => {
    await assert.rejects(assemble("(module (func (result i32)))"), CompileFault);
    await assert.rejects(assemble("(nonsense"), CompileFault);
    assert.ok(await assemble("(module (func (result i32) (i32.const 1)))"));
  });

  it("in showing a diagnostic do not lose what it says (B1001)", () => {
    const broken = {
      code: "E0006",
      severity: "error",
      message: "Unbound reference",
      labels: [{ style: "primary", span: SPAN, message: "No reference named 'x'" }],
      notes: ["No formulas, tables, or let-bound names available"],
    } as const;
    const text = renderText(broken, { Query: null as unknown as string });
    assert.equal(
      text,
      `bug[B1001]: Failed to report diagnostic
error[E0006]: Unbound reference
 = No reference named 'x'
 = No formulas, tables, or let-bound names available

`,
    );
  });
});

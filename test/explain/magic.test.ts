import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CellError } from "../../kernel/cell/cell-context.ts";
import { runCell } from "../../kernel/cell/run-cell.ts";
import type { Session } from "../../src/api/session.ts";
import { fakeContext } from "../notebook/fake-session.ts";

describe("%%fenl --explain", () => {
  let folder = "";
  let session: Session;
  before(async () => {
    // The magic imports the client API when it is first used: the test has to reach the same living session.
    const { LocalBuilder } = await import("../../src/api/session.ts");
    const { createTable, load } = await import("../../src/api/table.ts");
    folder = mkdtempSync(join(tmpdir(), "fenl-magic-"));
    session = await new LocalBuilder().inMemory(true).build();
    const file = join(folder, "purchases.csv");
    writeFileSync(file, "time,customer,amount\n2022-01-01,ann,4.5\n");
    const names = { tableName: "Purchase", timeColumnName: "time", entityKeyColumnName: "customer" };
    await createTable({ ...names, session });
    await load({ tableName: "Purchase", file, session });
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  async function fails(cell: string): Promise<CellError> {
    const error = await runCell(cell, fakeContext(folder)).then(
      () => assert.fail("no error"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CellError, String(error));
    return error;
  }

  it("shows what becomes of the query as text, and nothing else", async () => {
    const context = fakeContext(folder);
    const value = await runCell("%%fenl --explain=plan\n{ total: sum(Purchase.amount) }", context);
    assert.deepEqual(value, { kind: "none" });
    assert.equal(context.displays.length, 1);
    const text = context.displays[0]!["text/plain"] as string;
    assert.match(text, /^rows\n {2}r0 {2}events of Purchase\n/);
    const { explainQuery } = await import("../../src/api/explain-query.ts");
    const { text: same } = await explainQuery({
      expression: "{ total: sum(Purchase.amount) }",
      explain: "plan",
      session,
    });
    assert.equal(`${text}\n`, same);
    assert.match(context.displays[0]!["text/html"] as string, /^<pre/);
  });

  it("escapes what the query holds", async () => {
    const context = fakeContext(folder);
    await runCell("%%fenl --explain ast\n{ total: '<script>' }", context);
    assert.match(context.displays[0]!["text/html"] as string, /&lt;script&gt;/);
    assert.doesNotMatch(context.displays[0]!["text/html"] as string, /<script>/);
  });

  it("shows warnings, and errors instead of a text", async () => {
    const context = fakeContext(folder);
    await runCell("%%fenl --explain=typed\nlet x = 1 in { total: sum(Purchase.amount) }", context);
    assert.match(context.text("stderr"), /^warning\[W2001\]: Unused binding\n/);
    const error = await fails("%%fenl --explain=wasm\n{ total: sum(Purchase.amout) }");
    assert.equal(error.ename, "FenlError");
    assert.match(error.traceback.join("\n"), /No field named 'amout'/);
  });

  it("refuses what does not go together", async () => {
    assert.equal((await fails("%%fenl --explain=plan --var x\nPurchase")).ename, "UsageError");
    assert.match((await fails("%%fenl --explain=paln\nPurchase")).evalue, /ast or typed or plan or wasm/);
    const { explainQuery } = await import("../../src/api/explain-query.ts");
    await assert.rejects(explainQuery({ expression: "Purchase", explain: "paln" as "plan", session }), {
      name: "ArgumentError",
      message: /explain must be "ast", "typed", "plan", "wasm"/,
    });
  });
});

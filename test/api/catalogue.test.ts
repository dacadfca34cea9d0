import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as query from "../../src/api/query.ts";
import { LocalBuilder, Session } from "../../src/api/session.ts";
import * as table from "../../src/api/table.ts";
import * as view from "../../src/api/view.ts";
import { openStore } from "../../src/tables/store/store.ts";

describe("the catalogue of a session", () => {
  let folder: string;
  let session: Session;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-catalogue-"));
    session = await new LocalBuilder().inMemory(true).build();
  });
  afterEach(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  const create = (tableName: string, more: object = {}) =>
    table.createTable({ tableName, timeColumnName: "at", entityKeyColumnName: "who", ...more });

  function load(tableName: string, name: string, rows: string) {
    const path = join(folder, name);
    writeFileSync(path, `at,who,n\n${rows}`);
    return table.load({ tableName, file: path });
  }

  const codes = (failure: unknown) =>
    (failure as { diagnostics: { code: string; severity: string }[] }).diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ code }) => code);

  it("gives a table its own name as grouping, so that only tables that say so are combined", async () => {
    assert.equal((await create("A")).groupingId, "A");
    await create("B");
    await create("C", { groupingId: "person" });
    await create("D", { groupingId: "person" });
    for (const name of ["A", "B", "C", "D"]) await load(name, `${name}.csv`, `2022-01-01T00:00:00Z,ann,1\n`);
    const apart = await query.createQuery({ expression: "{ a: sum(A.n) + sum(B.n) }" }).catch((error) => error);
    assert.deepEqual(codes(apart), ["W2001"]);
    const together = await query.createQuery({ expression: "{ a: sum(C.n) + sum(D.n) }" });
    assert.equal(together.rowCount, 1);
  });

  it("pages long listings, also while names go and come", async () => {
    for (let number = 0; number < 7; number++) await create(`T${number}`);
    const names: string[] = [];
    let pageToken: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof table.listTables>> = await table.listTables({ pageSize: 3, pageToken });
      names.push(...page.map(({ tableName }) => tableName));
      pageToken = page.nextPageToken;
      if (names.length === 3) await table.deleteTable("T2");
    } while (pageToken !== null);
    assert.deepEqual(names, ["T0", "T1", "T2", "T3", "T4", "T5", "T6"]);
    assert.equal((await table.listTables()).length, 6);
    assert.equal((await table.listTables()).nextPageToken, null);
    assert.equal((await table.listTables({ search: "5", pageSize: 1 })).nextPageToken, null);
    await assert.rejects(table.listTables({ pageSize: 0 }), { name: "ArgumentError", message: /1 to 1000/ });
    await assert.rejects(table.listTables({ pageSize: 1001 }), { name: "ArgumentError" });
    await assert.rejects(table.listTables({ pageToken: "bogus" }), { name: "ArgumentError", message: /nextPageToken/ });
  });

  it("keeps queries with what they were asked, newest first, and runs them again", async () => {
    await create("A");
    const first = await load("A", "a.csv", "2022-01-01T00:00:00Z,ann,1\n");
    const asked = await query.createQuery({ expression: "{ n: sum(A.n) }", resultBehavior: "final-results" });
    for (let number = 0; number < 4; number++) await query.createQuery({ expression: `{ m: count(A) + ${number} }` });
    await load("A", "b.csv", "2022-01-02T00:00:00Z,ann,10\n");

    const past = await query.getQuery(asked.queryId!);
    assert.equal(past.dataTokenId, first.dataTokenId);
    assert.equal(past.config.resultBehavior, "final-results");
    const value = (result: query.CreateQueryOptions | Awaited<ReturnType<typeof past.run>>) =>
      (result as Awaited<ReturnType<typeof past.run>>).toCsv().split("\n")[1]!.split(",").at(-1);
    assert.equal(value(await past.run()), "1");
    assert.equal(value(await past.runWithLatest()), "11");

    const page = await query.listQueries({ search: "m:", pageSize: 3 });
    assert.deepEqual(
      page.map(({ expression }) => expression.at(-3)),
      ["3", "2", "1"],
    );
    const rest = await query.listQueries({ search: "m:", pageSize: 3, pageToken: page.nextPageToken });
    assert.deepEqual(
      rest.map(({ expression }) => expression),
      ["{ m: count(A) + 0 }"],
    );
    assert.equal(rest.nextPageToken, null);
    await assert.rejects(query.getQuery("no such id"), { kind: "not-found", message: /query not found/ });
  });

  it("answers with the data of an older token until a table of it is deleted", async () => {
    await create("A");
    await create("B");
    const one = await load("A", "a.csv", "2022-01-01T00:00:00Z,ann,1\n");
    const two = await load("A", "b.csv", "2022-01-02T00:00:00Z,ann,10\n");
    assert.notEqual(one.dataTokenId, two.dataTokenId);
    const rows = async (dataTokenId: string | null) =>
      (await query.createQuery({ expression: "A", dataTokenId })).rowCount;
    assert.deepEqual([await rows(one.dataTokenId), await rows(two.dataTokenId), await rows(null)], [1, 2, 2]);
    const { dataTokenId } = await table.deleteTable("B");
    assert.equal(await rows(dataTokenId), 2);
    await assert.rejects(rows(one.dataTokenId), { name: "TableError", message: /table 'B' was deleted since/ });
    await assert.rejects(rows("bogus"), { kind: "not-found", message: /data token not found: 'bogus'/ });
  });

  it("refuses to delete what views use, naming them, unless forced", async () => {
    await create("A");
    await load("A", "a.csv", "2022-01-01T00:00:00Z,ann,1\n");
    await view.createView({ viewName: "V", expression: "A | when(A.n > 0)" });
    await view.createView({ viewName: "W", expression: "{ n: count(V) }" });
    await assert.rejects(table.deleteTable("A"), {
      kind: "in-use",
      message: /^unable to delete table\. detected: 1 dependencies\. 'A' is used by view 'V'\./,
    });
    await assert.rejects(view.deleteView("V"), {
      kind: "in-use",
      message: /^Unable to delete view\. Detected: 1 dependencies\. 'V' is used by view 'W'\./,
    });
    await view.deleteView("V", { force: true });
    assert.deepEqual((await view.getView("W")).missingNames, ["V"]);
    await table.deleteTable("A");
    await assert.rejects(table.getTable("A"), { kind: "not-found" });
  });

  it("checks views when they are created, knows their free names, and takes them in any order where asked", async () => {
    await create("A");
    await load("A", "a.csv", "2022-01-01T00:00:00Z,ann,1\n");
    assert.deepEqual(codes(await view.createView({ viewName: "V", expression: "count(B)" }).catch((error) => error)), [
      "E0006",
    ]);
    const early = await view.createView({ viewName: "V", expression: "{ n: count(Later) }", allowMissingNames: true });
    assert.deepEqual(early.freeNames, ["Later"]);
    assert.deepEqual(early.missingNames, ["Later"]);
    const later = await view.createView({
      viewName: "Later",
      expression: "let B = A | when(A.n > 0) in B | when(B.n < 9)",
    });
    assert.deepEqual(later.freeNames, ["A"]);
    assert.deepEqual((await view.getView("V")).missingNames, []);
    assert.equal((await query.createQuery({ expression: "V" })).rowCount, 1);
    // Of any type, also one that no query can answer with.
    await view.createView({ viewName: "Number", expression: "sum(A.n)" });
    assert.equal((await query.createQuery({ expression: "{ n: Number + 1 }" })).rowCount, 1);
    assert.deepEqual(
      (await view.listViews({ search: "e" })).map(({ viewName }) => viewName),
      ["Later", "Number"],
    );
    for (const wrong of ["A.n +", "A | bogus()"]) {
      await assert.rejects(view.createView({ viewName: "X", expression: wrong, allowMissingNames: true }), {
        name: "FenlError",
      });
    }
  });

  it("tells a view that would come back to itself", async () => {
    await create("A");
    await load("A", "a.csv", "2022-01-01T00:00:00Z,ann,1\n");
    await view.createView({ viewName: "V", expression: "{ n: W + 1 }", allowMissingNames: true });
    const failure = await view.createView({ viewName: "W", expression: "count(V)" }).catch((error) => error);
    assert.equal(failure.name, "FenlError");
    assert.match(failure.message, /Circular dependency/);
    assert.deepEqual(
      (await view.listViews()).map(({ viewName }) => viewName),
      ["V"],
    );
  });

  it("tells progress and what a query did", async () => {
    await create("A");
    await load("A", "a.csv", "2022-01-01T00:00:00Z,ann,1\n2022-01-01T00:00:00Z,bob,2\n");
    const told: { rowsRead: number; rowsTotal: number }[] = [];
    const { metrics } = await query.createQuery({
      expression: "A | when(A.n > 1)",
      onProgress: (progress) => told.push(progress),
    });
    assert.deepEqual(told.at(-1), { rowsRead: 2, rowsTotal: 2 });
    assert.equal(metrics.totalInputRows, 2);
    assert.equal(metrics.processedInputRows, 2);
    assert.equal(metrics.producedOutputRows, 1);
    assert.ok(metrics.timePreparing >= 0 && metrics.timeComputing > 0);
  });

  it("takes indexes in brackets, cadences by name, and records as conditions of windows", async () => {
    await create("A");
    const rows = ["2022-01-01T00:00:00Z,ann,1", "2022-01-01T05:00:00Z,ann,2", "2022-01-02T05:00:00Z,ann,4"];
    await load("A", "a.csv", `${rows.join("\n")}\n`);
    const answers = async (expression: string) => {
      const { output } = await query.createQuery({ expression });
      const column = output.columns.at(-1)!;
      return Array.from({ length: output.rows }, (_, row) =>
        column.valid?.[row] === 0 ? null : Number(column.values[row]),
      );
    };
    assert.deepEqual(await answers("{ x: collect(A.n, max=10)[1] }"), [null, 2, 2]);
    const tick = await answers("let cadence = daily() in { x: count(A, window=since(cadence)) }");
    assert.deepEqual(tick, await answers("{ x: count(A, window=since(daily())) }"));
    assert.deepEqual(await answers("{ x: sum(A.n, window=since(A)) }"), [1, 2, 4]);
  });
});

describe("a view and the deletion of its table at the same time", () => {
  it("never leave a view without its table", async () => {
    const directory = mkdtempSync(join(tmpdir(), "fenl-race-"));
    const labels = { name: null, clientId: null, inMemory: false };
    const [one, other] = [
      new Session(await openStore({ directory }), labels),
      new Session(await openStore({ directory }), labels),
    ];
    try {
      for (let round = 0; round < 10; round++) {
        await table.createTable({ tableName: "T", timeColumnName: "at", entityKeyColumnName: "k", session: one });
        const outcomes = await Promise.allSettled([
          view.createView({ viewName: "V", expression: "count(T)", session: one }),
          table.deleteTable("T", { session: other }),
        ]);
        assert.equal(outcomes.filter(({ status }) => status === "rejected").length, 1);
        assert.equal(
          (await view.listViews({ session: one })).length,
          (await table.listTables({ session: one })).length,
        );
        if (outcomes[0].status === "fulfilled") await view.deleteView("V", { session: one });
      }
    } finally {
      await one.stop();
      await other.stop();
      rmSync(directory, { recursive: true });
    }
  });
});

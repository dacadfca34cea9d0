import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import * as query from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import * as view from "../../src/api/view.ts";
import { FenlError, LocalBuilder, type Session } from "../../src/index.ts";

const gamePlay = `event_at,entity_id,duration,won
2022-01-01 02:30:00+00:00,Alice,10,true
2022-01-01 02:35:00+00:00,Bob,3,false
2022-01-01 03:46:00+00:00,Bob,8,false
2022-01-01 03:58:00+00:00,Bob,23,true
2022-01-01 04:25:00+00:00,Bob,8,true
2022-01-01 05:05:00+00:00,Alice,53,true
2022-01-01 05:36:00+00:00,Alice,2,false
2022-01-01 07:22:00+00:00,Bob,7,false
2022-01-01 08:35:00+00:00,Alice,5,false
2022-01-01 10:01:00+00:00,Alice,43,true
`;
const purchase = `purchase_at,entity_id
2022-01-01 01:02:00+00:00,Alice
2022-01-01 01:35:00+00:00,Alice
2022-01-01 03:51:00+00:00,Bob
`;
const training = `let GameDefeat = GamePlay | when(not(GamePlay.won))
let features = { loss_duration: sum(GameDefeat.duration), purchase_count: count(Purchase) }
let is_prediction_time = not(GamePlay.won) and (count(GameDefeat, window=since(GamePlay.won)) == 2)
let example = features | when(is_prediction_time) | shift_to(time_of($input) | add_time(seconds(60*10)))
let target = count(Purchase) > (example.purchase_count | else(0))
in extend(example, {target}) | when(is_valid($input.loss_duration))`;

describe("queries of a session", () => {
  let folder: string;
  let session: Session;
  const path = (name: string) => join(folder, name);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-query-test-"));
    writeFileSync(path("game_play.csv"), gamePlay);
    writeFileSync(path("purchase.csv"), purchase);
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({
      tableName: "GamePlay",
      entityKeyColumnName: "entity_id",
      timeColumnName: "event_at",
      groupingId: "User",
    });
    await table.createTable({
      tableName: "Purchase",
      entityKeyColumnName: "entity_id",
      timeColumnName: "purchase_at",
      groupingId: "User",
    });
    await table.load({ tableName: "GamePlay", file: path("game_play.csv") });
    await table.load({ tableName: "Purchase", file: path("purchase.csv") });
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  it("makes the training examples of the notebook", async () => {
    const result = await query.createQuery({ expression: training, resultBehavior: "all-results" });
    const frame = result.dataframe;
    assert.deepEqual(frame.columns, [
      "_time",
      "_subsort",
      "_key_hash",
      "_key",
      "loss_duration",
      "purchase_count",
      "target",
    ]);
    assert.deepEqual(frame.column("_time").values, [
      new Date("2022-01-01T03:56:00Z"),
      new Date("2022-01-01T08:45:00Z"),
    ]);
    assert.deepEqual(frame.column("_key").values, ["Bob", "Alice"]);
    assert.deepEqual(frame.column("loss_duration").values, [11, 7]);
    assert.deepEqual(frame.column("purchase_count").values, [null, 2]);
    assert.deepEqual(frame.column("target").values, [true, false]);
    assert.deepEqual(result.schema, [
      { name: "loss_duration", type: "i64" },
      { name: "purchase_count", type: "u32" },
      { name: "target", type: "bool" },
    ]);
    assert.deepEqual(result.warnings, []);
    assert.equal(result.rowCount, 2);
    assert.equal(result.metrics.producedOutputRows, 2);
    assert.equal(result.dataTokenId, session.store.latestDataToken());
  });

  it("gives the same rows as CSV, JSON lines, Arrow and Parquet", async () => {
    const result = await query.createQuery({ expression: training });
    const lines = result.toCsv().split("\n");
    assert.equal(lines[0], "_time,_subsort,_key_hash,_key,loss_duration,purchase_count,target");
    assert.match(lines[1]!, /^2022-01-01T03:56:00\.000000000,\d+,\d+,Bob,11,,true$/);
    assert.match(lines[2]!, /^2022-01-01T08:45:00\.000000000,\d+,\d+,Alice,7,2,false$/);
    assert.equal(lines.length, 4);
    assert.equal(JSON.parse(result.toJsonLines().split("\n")[1]!).purchase_count, 2);
    assert.equal(await result.toCsv(path("out.csv")), path("out.csv"));
    assert.equal(readFileSync(path("out.csv"), "utf8"), result.toCsv());
    await result.toArrowFile(path("out.arrow"));
    assert.deepEqual([...tableFromIPC(readFileSync(path("out.arrow"))).getChild("loss_duration")!], [11n, 7n]);
    await result.toParquet(path("out.parquet"));
    assert.equal(readFileSync(path("out.parquet")).subarray(0, 4).toString(), "PAR1");
    assert.equal(result.toArrow(), result.table);
    assert.equal(result.dataframe, result.dataframe);
    await assert.rejects(result.toParquet(path("none/out.parquet")), {
      name: "WriteError",
      message: /none does not exist/,
    });
    await assert.rejects(async () => await result.toParquet("" as string), { name: "ArgumentError" });
  });

  it("writes the answer into the session's folder where asked", async () => {
    const result = await query.createQuery({ expression: training, responseAs: "csv" });
    const written = join(session.path, "results", `${result.queryId}.csv`);
    assert.deepEqual(result.outputPaths, [written]);
    assert.equal(readFileSync(written, "utf8"), result.toCsv());
    assert.deepEqual((await query.createQuery({ expression: training })).outputPaths, []);
  });

  it("throws a FenlError with diagnostics for a wrong query", async () => {
    const failure: unknown = await query
      .createQuery({ expression: "{ a: sum(GamePlay.duratoin) }" })
      .catch((error) => error);
    assert.ok(failure instanceof FenlError);
    assert.match(failure.message, /^1 errors in Fenl statements; see diagnostics\n\nerror\[E0001\]/);
    const [diagnostic] = failure.diagnostics;
    assert.equal(diagnostic!.code, "E0001");
    assert.equal(diagnostic!.severity, "error");
    assert.deepEqual(diagnostic!.span, { start: { line: 1, column: 19 }, end: { line: 1, column: 27 } });
    assert.match(diagnostic!.formatted, /duration/);
  });

  it("reports the diagnostics of a dry run without failing, and has no rows", async () => {
    const wrong = await query.createQuery({ expression: "GamePlay | bogus()", dryRun: true });
    assert.equal(wrong.canExecute, false);
    assert.deepEqual(
      wrong.diagnostics.filter((found) => found.severity === "error").map((found) => found.code),
      ["E0007"],
    );
    const right = await query.createQuery({ expression: training, dryRun: true });
    assert.equal(right.canExecute, true);
    assert.equal(right.schema.length, 3);
    assert.equal(right.rowCount, 0);
    assert.throws(() => right.dataframe, /A dry run has no rows, so its result has no dataframe/);
  });

  it("answers with warnings beside the rows", async () => {
    const result = await query.createQuery({ expression: "let unused = 1 in { d: GamePlay.duration }" });
    assert.equal(result.rowCount, 10);
    assert.equal(result.diagnostics[0]!.code, "W2001");
    assert.match(result.warnings[0]!, /Unused binding/);
  });

  it("gives final results, as of now or of a time", async () => {
    const expression = "{ n: count(GamePlay) }";
    const final = await query.createQuery({ expression, resultBehavior: "final-results" });
    assert.deepEqual(final.dataframe.column("n").values.slice().sort(), [5, 5]);
    for (const time of ["2022-01-01T03:00:00Z", new Date("2022-01-01T03:00:00Z"), 1_641_006_000_000_000_000n]) {
      const early = await query.createQuery({ expression, finalResultTime: time });
      assert.deepEqual(early.dataframe.column("n").values, [1, 1]);
      assert.equal(early.config.resultBehavior, "final-results");
      assert.equal(early.config.finalResultTime, "2022-01-01T03:00:00.000000000Z");
    }
  });

  it("limits rows, times and entities", async () => {
    const expression = "{ d: GamePlay.duration }";
    const preview = await query.createQuery({ expression, limits: { previewRows: 3 } });
    assert.deepEqual(preview.dataframe.column("d").values, [10, 3, 8]);
    const changed = await query.createQuery({ expression, changedSinceTime: "2022-01-01T08:35:00Z" });
    assert.deepEqual(changed.dataframe.column("d").values, [5, 43]);
    const sliced = await query.createQuery({ expression, sliceFilter: query.entityFilter(["Bob"]) });
    assert.deepEqual(sliced.dataframe.column("d").values, [3, 8, 23, 8, 7]);
    session.defaultSlice = query.entityFilter(["Alice"]);
    assert.equal((await query.createQuery({ expression })).rowCount, 5);
    assert.equal((await query.createQuery({ expression, sliceFilter: null })).rowCount, 10);
    session.defaultSlice = null;
  });

  it("reads an older version of the data by its token", async () => {
    const expression = "{ n: count(GamePlay) }";
    const before = session.store.latestDataToken();
    writeFileSync(path("more.csv"), "event_at,entity_id,duration,won\n2022-01-02T00:00:00Z,Cyd,1,true\n");
    const loaded = await table.load({ tableName: "GamePlay", file: path("more.csv") });
    assert.equal((await query.createQuery({ expression })).rowCount, 11);
    assert.equal((await query.createQuery({ expression, dataTokenId: before })).rowCount, 10);
    assert.equal((await query.createQuery({ expression, dataTokenId: loaded.dataTokenId })).rowCount, 11);
    await assert.rejects(query.createQuery({ expression, dataTokenId: "none" }), { name: "TableError" });
  });

  it("remembers queries and runs them again", async () => {
    const first = await query.createQuery({
      expression: "{ remembered: 1 + count(GamePlay) }",
      limits: { previewRows: 2 },
    });
    const past = await query.getQuery(first.queryId!);
    assert.equal(past.expression, first.expression);
    assert.deepEqual(past.config, first.config);
    assert.equal((await past.run()).rowCount, 2);
    assert.equal((await past.run({ limits: null })).rowCount, 11);
    assert.equal((await past.runWithLatest()).dataTokenId, session.store.latestDataToken());
    const listed = await query.listQueries({ search: "remembered" });
    assert.ok(listed.some((entry) => entry.queryId === first.queryId));
    await assert.rejects(query.getQuery("none"), { name: "TableError" });
  });

  it("uses views, checked when they are created", async () => {
    await view.createView({ viewName: "Defeats", expression: "GamePlay | when(not(GamePlay.won))" });
    await view.createView({ viewName: "Lost", expression: "sum(Defeats.duration)" });
    const result = await query.createQuery({ expression: "{ lost: Lost }", resultBehavior: "final-results" });
    assert.deepEqual(
      result.dataframe
        .column("lost")
        .values.filter((value) => value !== null)
        .slice()
        .sort(),
      [18, 7].slice().sort(),
    );
    await assert.rejects(view.createView({ viewName: "Bad", expression: "GamePlay.none" }), { name: "FenlError" });
    await assert.rejects(view.createView({ viewName: "GamePlay", expression: "1" }), { name: "TableError" });
    await assert.rejects(view.deleteView("Defeats"), { message: /Detected: 1 dependencies.*Lost/ });
    await assert.rejects(table.deleteTable("GamePlay"), { message: /unable to delete table.*Defeats/ });
    assert.deepEqual(
      (await view.listViews()).map((entry) => entry.viewName),
      ["Defeats", "Lost"],
    );
    await view.deleteView("Lost");
    await view.deleteView(await view.getView("Defeats"));
    assert.deepEqual(await view.listViews(), []);
  });

  it("loads frames back as tables", async () => {
    const { dataframe, table: arrow } = await query.createQuery({
      expression: "{ d: GamePlay.duration, w: GamePlay.won }",
    });
    for (const [tableName, data] of [
      ["FromFrame", dataframe],
      ["FromArrow", arrow],
    ] as const) {
      await table.createTable({ tableName, timeColumnName: "_time", entityKeyColumnName: "_key" });
      const loaded = await table.loadDataframe({ tableName, dataframe: data });
      assert.equal(loaded.rowCount, 11);
      const result = await query.createQuery({
        expression: `{ total: sum(${tableName}.d) }`,
        resultBehavior: "final-results",
      });
      assert.deepEqual(result.dataframe.column("total").values.slice().sort(), [1, 113, 49].slice().sort());
      await table.deleteTable(tableName);
    }
  });
});

describe("tables of a session", () => {
  let folder: string;
  let session: Session;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-table-test-"));
    session = await new LocalBuilder().inMemory(true).build();
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  it("are created, listed, loaded and deleted", async () => {
    const options = { tableName: "T", timeColumnName: "at", entityKeyColumnName: "who", groupingId: "Person" };
    const created = await table.createTable(options);
    assert.equal(created.version, 0);
    assert.deepEqual(created.columns, []);
    assert.deepEqual((await table.createTable(options)).createTime, created.createTime);
    await assert.rejects(table.createTable({ ...options, timeColumnName: "other" }), { name: "TableError" });
    writeFileSync(join(folder, "t.csv"), "at,who,x\n2022-01-01,a,1\n2022-01-02,b,\n");
    const loaded = await table.load({ tableName: created, file: new URL(`file://${join(folder, "t.csv")}`) });
    assert.equal(loaded.rowCount, 2);
    assert.equal(loaded.table.version, 1);
    assert.deepEqual(loaded.table.columns.at(-1), { name: "x", type: "i64" });
    const again = await table.load({ tableName: loaded, file: join(folder, "t.csv") });
    assert.equal(again.added, false);
    assert.equal((await table.getTable("T")).rowCount, 2);
    assert.deepEqual(await table.listTables({ search: "nope" }), []);
    await assert.rejects(table.load({ tableName: "T", file: join(folder, "none.csv") }), {
      name: "TableError",
      message: /none\.csv/,
    });
    await table.deleteTable(created);
    await assert.rejects(table.getTable("T"), { name: "TableError" });
  });
});

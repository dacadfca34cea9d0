import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import * as materialization from "../../src/api/materialization.ts";
import * as query from "../../src/api/query.ts";
import { LocalBuilder, type Session } from "../../src/api/session.ts";
import * as table from "../../src/api/table.ts";
import * as view from "../../src/api/view.ts";
import { failDisk } from "../crash/failing-disk.ts";

const TOTALS = "{ n: count(Purchase), total: sum(Purchase.amount), seen: last(Purchase.item) }";

function loadRows(folder: string, name: string, tableName: string, rows: readonly (readonly unknown[])[]) {
  const path = join(folder, name);
  writeFileSync(path, `at,who,amount,item\n${rows.map((row) => `${row.join(",")}\n`).join("")}`);
  return table.load({ tableName, file: path });
}

async function rowsOf(database: string, sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(database, { access_mode: "READ_ONLY" });
  try {
    const connection = await instance.connect();
    const rows = (await connection.runAndReadAll(sql)).getRows();
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
  }
}

describe("materializations", function () {
  this.timeout(60_000);
  let folder: string;
  let session: Session;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-materialization-"));
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "Purchase", timeColumnName: "at", entityKeyColumnName: "who" });
    await loadRows(folder, "first.csv", "Purchase", [
      ["2022-01-01T01:00:00Z", "ann", 5, "pen"],
      ["2022-01-01T02:00:00Z", "bob", 7, "ink"],
      ["2022-01-01T03:00:00Z", "cyd", 1, "pen"],
      ["2022-01-01T03:00:00Z", "dan", 1, ""],
    ]);
  });
  afterEach(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  const csv = (name: string) => readFileSync(join(folder, "out", `${name}.csv`), "utf8");
  const files = { fileType: "csv", outputPrefixUri: "" } as const;
  const destination = () => ({ ...files, outputPrefixUri: join(folder, "out") });
  const finalCsv = async (expression: string) =>
    (await query.createQuery({ expression, resultBehavior: "final-results" })).toCsv();

  it("write their output at once and after every load, computing only the entities with new events", async () => {
    const made = await materialization.createMaterialization({
      materializationName: "Totals",
      expression: TOTALS,
      destination: destination(),
    });
    assert.equal(made.outputPath, join(folder, "out", "Totals.csv"));
    assert.equal(made.rowCount, 4);
    assert.equal(made.computedEntities, null);
    assert.equal(made.upToDate, true);
    assert.equal(csv("Totals"), await finalCsv(TOTALS));
    const loaded = await loadRows(folder, "second.csv", "Purchase", [["2022-01-02T00:00:00Z", "ann", 10, "cup"]]);
    assert.deepEqual(loaded.refreshed, ["Totals"]);
    const now = await materialization.getMaterialization("Totals");
    assert.equal(now.computedEntities, 1);
    assert.equal(now.dataTokenId, loaded.dataTokenId);
    assert.equal(csv("Totals"), await finalCsv(TOTALS));
    assert.match(csv("Totals"), /^2022-01-02T00:00:00\.000000001,18446744073709551615,\d+,ann,2,15,cup$/m);
  });

  it("take late events of their entities as if they had come in time", async () => {
    await materialization.createMaterialization({
      materializationName: "Totals",
      expression: TOTALS,
      destination: destination(),
    });
    await loadRows(folder, "late.csv", "Purchase", [["2021-12-31T00:00:00Z", "bob", 10, "cup"]]);
    assert.equal((await materialization.getMaterialization("Totals")).computedEntities, 1);
    assert.match(csv("Totals"), /,bob,2,17,ink$/m);
    assert.equal(csv("Totals"), await finalCsv(TOTALS));
  });

  it("read the events of the entities that change, whatever the query", async () => {
    const people = 400;
    const rows = (first: number, count: number, hour: number) =>
      Array.from({ length: count }, (_, row) => {
        const who = first + (row % people);
        return [
          new Date(Date.UTC(2022, 1, 1, hour, 0, row % 3600)).toISOString().replace(".000", ""),
          `p${who}`,
          row % 7,
          `p${(who * 7) % people}`,
        ];
      });
    await loadRows(folder, "many.csv", "Purchase", rows(0, 20 * people, 1));
    const expressions = {
      Window: "{ n: count(Purchase, window=since(hourly())) } | when(hourly())",
      Later: "Purchase | shift_by(days(1)) | { s: sum($input.amount) }",
      Foreign: "{ own: last(Purchase.amount), other: lookup(last(Purchase.item), sum(Purchase.amount)) }",
      Turned: 'with_key(Purchase.item, Purchase, grouping="Purchase") | { n: count($input), s: sum($input.amount) }',
    };
    for (const [materializationName, expression] of Object.entries(expressions))
      await materialization.createMaterialization({ materializationName, expression, destination: destination() });
    for (const [name, time] of [
      ["late.csv", "2022-02-01T01:30:00Z"],
      ["new.csv", "2022-02-01T01:59:59Z"],
    ] as const) {
      await loadRows(folder, name, "Purchase", [[time, "p3", 2, "p5"]]);
      for (const [materializationName, expression] of Object.entries(expressions)) {
        assert.equal(csv(materializationName), await finalCsv(expression), materializationName);
        const { rowsRead, computedEntities } = await materialization.getMaterialization(materializationName);
        assert.ok(computedEntities !== null && computedEntities <= 8, `${materializationName}: ${computedEntities}`);
        assert.ok(rowsRead! < 500, `${materializationName}: ${rowsRead} rows`);
      }
    }
  });

  it("follow tables through views, and leave other tables' loads alone", async () => {
    await view.createView({ viewName: "Big", expression: "Purchase | when(Purchase.amount > 4)" });
    await view.createView({ viewName: "Bigger", expression: "Big | when(Big.amount > 5)" });
    await table.createTable({ tableName: "Other", timeColumnName: "at", entityKeyColumnName: "who" });
    await materialization.createMaterialization({
      materializationName: "OfView",
      expression: "{ n: count(Bigger) }",
      destination: destination(),
    });
    const other = await loadRows(folder, "other.csv", "Other", [["2023-01-02T00:00:00Z", "ann", 10, "cup"]]);
    assert.deepEqual(other.refreshed, []);
    const loaded = await loadRows(folder, "second.csv", "Purchase", [["2022-01-02T00:00:00Z", "ann", 10, "cup"]]);
    assert.deepEqual(loaded.refreshed, ["OfView"]);
    assert.equal(csv("OfView"), await finalCsv("{ n: count(Bigger) }"));
    assert.equal((await materialization.getMaterialization("OfView")).upToDate, true);
  });

  it("keep the last good output and the load where a refresh fails, and catch up later", async () => {
    await materialization.createMaterialization({
      materializationName: "Totals",
      expression: TOTALS,
      destination: destination(),
    });
    const before = csv("Totals");
    rmSync(join(folder, "out"), { recursive: true });
    writeFileSync(join(folder, "out"), "a file where the folder was");
    const loaded = await loadRows(folder, "second.csv", "Purchase", [["2022-01-02T00:00:00Z", "ann", 10, "cup"]]);
    assert.equal(loaded.added, true);
    assert.equal(loaded.table.rowCount, 5);
    assert.deepEqual(loaded.refreshed, []);
    assert.match(
      loaded.warnings.join(),
      /materialization 'Totals' was not brought up to date: Cannot write .*Totals\.csv/,
    );
    const failed = await materialization.getMaterialization("Totals");
    assert.equal(failed.upToDate, false);
    assert.match(failed.failure!.message, /Cannot write/);
    assert.equal(failed.rowCount, 4);
    rmSync(join(folder, "out"));
    const mended = await materialization.refreshMaterialization("Totals");
    assert.equal(mended.upToDate, true);
    assert.equal(mended.failure, null);
    assert.notEqual(csv("Totals"), before);
    assert.equal(csv("Totals"), await finalCsv(TOTALS));
  });

  for (const what of ["EACCES", "ENOSPC", "EIO"] as const) {
    it(`leave the last output whole where the new one cannot be written beside it, for ${what}`, async () => {
      await materialization.createMaterialization({
        materializationName: "Totals",
        expression: TOTALS,
        destination: destination(),
      });
      const before = csv("Totals");
      const reason = { EACCES: "permission denied", ENOSPC: "the disk is full", EIO: "i/o error" }[what];
      let failures = 0;
      for (let change = 1; ; change++) {
        const disk = failDisk(join(folder, "out"), { change, what, times: 1 });
        const day = String(change).padStart(2, "0");
        const loaded = await loadRows(folder, `${change}.csv`, "Purchase", [[`2022-02-${day}T00:00:00Z`, "ann", 1, ""]])
          // The disk is right again whatever comes.
          .finally(() => disk.mend());
        if (loaded.refreshed.length === 1) break;
        failures++;
        assert.match(loaded.warnings.join(), new RegExp(`Cannot write .*Totals\\.csv: .*${reason}`, "i"));
        assert.equal(csv("Totals"), before);
        assert.deepEqual(readdirSync(join(folder, "out")), ["Totals.csv"]);
      }
      assert.ok(failures >= 2, `${failures} changes failed`);
      assert.equal(csv("Totals"), await finalCsv(TOTALS));
    });
  }

  it("go to a table of a DuckDB database, beside what else it has", async () => {
    const database = join(folder, "features.duckdb");
    for (const [name, expression] of [
      ["Totals", TOTALS],
      ["Counts", "{ n: count(Purchase) }"],
    ] as const) {
      await materialization.createMaterialization({
        materializationName: name,
        expression,
        destination: { database, table: `the "${name}"` },
      });
    }
    await loadRows(folder, "second.csv", "Purchase", [["2022-01-02T00:00:00Z", "ann", 10, "cup"]]);
    assert.deepEqual(await rowsOf(database, 'SELECT _key, n, total FROM "the ""Totals""" ORDER BY _key'), [
      ["ann", 2, 15n],
      ["bob", 1, 7n],
      ["cyd", 1, 1n],
      ["dan", 1, 1n],
    ]);
    assert.deepEqual(await rowsOf(database, 'SELECT sum(n)::INTEGER FROM "the ""Counts"""'), [[5]]);
  });

  it("go to Parquet files, with all rows and with a slice where that is asked for", async () => {
    const made = await materialization.createMaterialization({
      materializationName: "Every",
      expression: TOTALS,
      destination: { fileType: "parquet", outputPrefixUri: new URL(`file://${folder}/deep/er`) },
      resultBehavior: "all-results",
      sliceFilter: { entityKeys: ["ann", "bob"] },
    });
    await loadRows(folder, "second.csv", "Purchase", [
      ["2022-01-02T00:00:00Z", "ann", 10, "cup"],
      ["2022-01-02T00:00:00Z", "cyd", 10, "cup"],
    ]);
    const rows = await rowsOf(":memory:", `SELECT _key, n FROM '${made.outputPath}'`).catch(() => null);
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const read = (await connection.runAndReadAll(`SELECT _key, n FROM '${made.outputPath}'`)).getRows();
    connection.closeSync();
    instance.closeSync();
    assert.equal(rows, null);
    assert.deepEqual(read, [
      ["ann", 1],
      ["bob", 1],
      ["ann", 2],
    ]);
  });

  it("are listed in pages, deleted by name, and known to be dependents", async () => {
    for (const name of ["A", "B", "C"]) {
      await materialization.createMaterialization({
        materializationName: name,
        expression: TOTALS,
        destination: destination(),
      });
    }
    const page = await materialization.listMaterializations({ pageSize: 2 });
    assert.deepEqual(
      page.map((one) => one.materializationName),
      ["A", "B"],
    );
    const rest = await materialization.listMaterializations({ pageSize: 2, pageToken: page.nextPageToken });
    assert.deepEqual(
      rest.map((one) => one.materializationName),
      ["C"],
    );
    assert.equal(rest.nextPageToken, null);
    await assert.rejects(table.deleteTable("Purchase"), {
      kind: "in-use",
      message: /^unable to delete table\. detected: 3 dependencies\. .*materialization 'A'/,
    });
    await materialization.deleteMaterialization(page[0]!);
    await assert.rejects(materialization.getMaterialization("A"), { kind: "not-found", message: /nearest: 'B', 'C'/ });
    assert.ok(existsSync(join(folder, "out", "A.csv")));
    await table.deleteTable("Purchase", { force: true });
    assert.equal((await materialization.getMaterialization("B")).upToDate, false);
  });

  it("are not made of a wrong expression, a wrong name or without a place to write", async () => {
    const make = (changes: object) =>
      materialization.createMaterialization({
        materializationName: "M",
        expression: TOTALS,
        destination: destination(),
        ...changes,
      });
    await assert.rejects(make({ expression: "{ n: count(Purchased) }" }), { name: "FenlError" });
    await assert.rejects(make({ expression: "Purchase.amount" }), { name: "FenlError" });
    await assert.rejects(make({ expression: "{ a: 1 }" }), { name: "FenlError" });
    await assert.rejects(make({ materializationName: "../x" }), { name: "TableError", kind: "name" });
    await assert.rejects(make({ destination: { fileType: "json", outputPrefixUri: "x" } }), { name: "ArgumentError" });
    await assert.rejects(make({ destination: { fileType: "csv", outputPrefixUri: "pulsar://x/y" } }), {
      name: "ArgumentError",
    });
    await assert.rejects(make({ destination: { fileType: "csv", outputPrefixUri: join(folder, "first.csv", "x") } }), {
      name: "WriteError",
    });
    assert.deepEqual(await materialization.listMaterializations(), []);
    await make({});
    await make({});
    await assert.rejects(make({ expression: "{ n: count(Purchase) }" }), { message: /materialization already exists/ });
  });

  it("agree with a run over everything, whatever is loaded", async () => {
    const expressions = [
      TOTALS,
      "Purchase",
      "{ n: count(Purchase | when(Purchase.amount > 0)), xs: collect(Purchase.item, max=3), m: max(Purchase.amount) }",
      "Purchase | when(Purchase.amount > 2) | { a: $input.amount, before: lag(1, $input.amount) }",
      "{ n: count(Purchase, window=since(daily())), t: time_of(Purchase) }",
      "Purchase | shift_by(days(1)) | { s: sum($input.amount) }",
      "{ joint: sum(Purchase.amount) + (count(Sale) | else(0)), key: first(Sale.item) }",
    ];
    const row = fc.tuple(
      fc
        .integer({ min: 0, max: 40 })
        .map((hour) => new Date(Date.UTC(2022, 0, 1, hour)).toISOString().replace(".000", "")),
      fc.constantFrom(..."abcdefghij"),
      fc.integer({ min: -3, max: 9 }),
      fc.constantFrom("x", "y", "zz", ""),
    );
    const load = fc.record({
      to: fc.constantFrom("Purchase", "Sale"),
      rows: fc.array(row, { minLength: 1, maxLength: 6 }),
    });
    let incremental = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(load, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(100, 55),
        async (loads, percent) => {
          await session.stop();
          session = await new LocalBuilder().inMemory(true).build();
          const sliceFilter = percent === 100 ? null : { percent };
          for (const tableName of ["Purchase", "Sale"]) {
            const names = { timeColumnName: "at", entityKeyColumnName: "who", groupingId: "person" };
            await table.createTable({ tableName, ...names });
            const rows = [..."abcdefghij"].map((who, index) => [`2022-01-01T0${index}:00:00Z`, who, index, "x"]);
            await loadRows(folder, `${tableName}.csv`, tableName, rows);
          }
          for (const [index, expression] of expressions.entries()) {
            const name = { materializationName: `M${index}`, expression, destination: destination(), sliceFilter };
            await materialization.createMaterialization(name);
          }
          for (const [number, { to, rows }] of loads.entries()) {
            await loadRows(folder, `load${number}.csv`, to, rows);
            for (const [index, expression] of expressions.entries()) {
              const all = await query.createQuery({ expression, resultBehavior: "final-results", sliceFilter });
              assert.equal(csv(`M${index}`), all.toCsv(), expression);
              const { computedEntities } = await materialization.getMaterialization(`M${index}`);
              if (computedEntities !== null) incremental++;
            }
          }
        },
      ),
      { numRuns: 4 },
    );
    assert.ok(incremental > 4, `${incremental} incremental runs`);
  });
});

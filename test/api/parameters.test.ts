import assert from "node:assert/strict";
import { tableFromArrays } from "apache-arrow";
import { analyze } from "../../src/analyze/analyze.ts";
import { type ParameterValue, parameterValues, toParameters } from "../../src/api/parameters.ts";
import { createQuery, getQuery } from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import { type FenlError, LocalBuilder, type Session } from "../../src/index.ts";
import { typeName } from "../../src/values/fenl-type.ts";

const typesOf = (values: Record<string, unknown>) =>
  toParameters("query", values as Record<string, ParameterValue>).map(({ type, value }) => [typeName(type), value]);

describe("parameters", () => {
  it("are typed by their values, as a query's text would type them", () => {
    const values = {
      a: true,
      b: 3,
      c: 2.5,
      d: -7n,
      e: 2n ** 63n,
      f: "x",
      g: new Date("2022-01-01T00:00:00Z"),
      h: null,
    };
    assert.deepEqual(typesOf(values), [
      ["bool", true],
      ["i64", "3"],
      ["f64", 2.5],
      ["i64", "-7"],
      ["u64", "9223372036854775808"],
      ["string", "x"],
      ["timestamp_ns", "1640995200000000000"],
      ["null", null],
    ]);
    assert.deepEqual(typesOf({ a: 2 ** 53, b: -0 }), [
      ["f64", 2 ** 53],
      ["f64", -0],
    ]);
    assert.deepEqual(parameterValues(toParameters("query", values)), { ...values, b: 3n });
  });

  it("refuse names and values that Fenl has not", () => {
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ "a b": 1 }, /"a b" cannot be the name of a parameter/],
      [{ input: 1 }, /\$input is the left-hand side of a pipe/],
      [{ n: Number.NaN }, /n must be .* a finite number.*, but is NaN/],
      [{ n: 2n ** 64n }, /n must fit 64 bits/],
      [{ n: [1] }, /n must be a boolean.*but is a list of 1/],
      [{ n: undefined }, /n must be a boolean.*but is undefined/],
      [{ n: new Date(Number.NaN) }, /n must be a time from 1677 to 2262/],
    ];
    for (const [values, message] of refused) assert.throws(() => typesOf(values), { name: "ArgumentError", message });
  });

  it("that are unknown are E0006 with the nearest names", () => {
    const environment = { tables: [], views: [], parameters: toParameters("query", { limit: 1, other: 2 }) };
    const [error] = analyze("{ n: $limti }", environment).diagnostics;
    assert.equal(error!.code, "E0006");
    assert.equal(error!.labels[0]!.message, "No parameter named '$limti'");
    assert.deepEqual(error!.notes, ["Nearest parameters: '$limit', '$other'"]);
    const [without] = analyze("{ n: $limti }", { tables: [], views: [] }).diagnostics;
    assert.deepEqual(without!.notes, ["No parameters were given with the query"]);
  });

  describe("of a query", () => {
    let session: Session;
    before(async () => {
      session = await new LocalBuilder().inMemory(true).build();
      const tableName = "Purchase";
      await table.createTable({ tableName, timeColumnName: "at", entityKeyColumnName: "who", session });
      const dataframe = tableFromArrays({
        at: ["2022-01-01T00:00:00Z", "2022-01-02T00:00:00Z", "2022-01-03T00:00:00Z"],
        who: ["ann", "bob", `") | x`],
        amount: new Int32Array([5, 7, 1]),
      });
      await table.loadDataframe({ tableName, dataframe, session });
    });
    after(() => session.stop());

    const keys = async (expression: string, parameters: Record<string, ParameterValue>) => {
      const { output } = await createQuery({ expression, parameters, session });
      return Array.from({ length: output.rows }, (_, row) => columnReader(output.columns[3]!)(row));
    };

    it("are values, whatever their text", async () => {
      assert.deepEqual(await keys("Purchase | when($input.amount > $limit)", { limit: 4 }), ["ann", "bob"]);
      assert.deepEqual(await keys("Purchase | when($input.who == $who)", { who: '") | x' }), ['") | x']);
      const since = new Date("2022-01-02T00:00:00Z");
      assert.deepEqual(await keys("Purchase | when(time_of($input) >= $since)", { since }), ["bob", '") | x']);
      assert.deepEqual(await keys("{ late: lag($n, Purchase.amount) } | when(not(is_valid($input.late)))", { n: 1 }), [
        "ann",
        "bob",
        '") | x',
      ]);
      assert.deepEqual(await keys("Purchase | when($input.amount > $none)", { none: null }), []);
    });

    it("are types of their own: a text is no number", async () => {
      const wrong = createQuery({ expression: "{ n: Purchase.amount + $n }", parameters: { n: "1" }, session });
      await assert.rejects(wrong, (error: FenlError) => error.diagnostics[0]!.code === "E0015" || assert.fail(error));
    });

    it("are kept with the query, to run it again", async () => {
      const expression = "Purchase | when($input.amount > $limit and time_of($input) >= $since)";
      const since = new Date("2022-01-02T00:00:00.001Z");
      const { queryId } = await createQuery({ expression, parameters: { limit: 0.5, since }, session });
      const past = await getQuery({ queryId: queryId!, session });
      assert.equal((await past.run()).rowCount, 1);
      assert.equal((await past.run({ parameters: { limit: 4, since: new Date(0) } })).rowCount, 2);
    });
  });
});

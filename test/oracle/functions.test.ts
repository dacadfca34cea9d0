import assert from "node:assert/strict";
import { ask, daily, lastField } from "./ask.ts";

/** The last field of the query over a table T of one entity. */
function column(query: string, header: string, rows: readonly string[]): string[] {
  return lastField(ask(`{ v: ${query} }`, { T: daily(header, rows) }));
}

describe("the naive evaluator, by the tables of the function catalog", () => {
  const SCORES = ["50.7", "1.2", ""];

  it("aggregates", () => {
    assert.deepEqual(column("count(T.v)", "v", ["", "5", "", "7"]), ["0", "1", "1", "2"]);
    assert.deepEqual(column("count_if(T.b)", "b", ["false", "true", "", "true"]), ["0", "1", "1", "2"]);
    assert.deepEqual(column("count_if(T.b, window=since(T.b))", "b", ["false", "true", "true", "false"]), [
      "0",
      "1",
      "1",
      "0",
    ]);
    assert.deepEqual(column("sum(T.v)", "v", ["", ...SCORES]), [
      "",
      "50.7",
      "51.900000000000006",
      "51.900000000000006",
    ]);
    assert.deepEqual(column("min(T.v)", "v", ["5", "9", "", "3"]), ["5", "5", "5", "3"]);
    assert.deepEqual(column("max(T.v)", "v", ["5", "9", "", "3"]), ["5", "9", "9", "9"]);
    assert.deepEqual(column("mean(T.v)", "v", ["1", "2", "", "6"]), ["1.0", "1.5", "1.5", "3.0"]);
    assert.deepEqual(column("variance(T.v)", "v", SCORES), ["", "612.5625000000001", "612.5625000000001"]);
    assert.deepEqual(column("stddev(T.v)", "v", ["67.2", "2.3"]), ["", "32.45"]);
    assert.deepEqual(column("first(T.v)", "v", ["", "67.2", "2.3"]), ["", "67.2", "67.2"]);
    assert.deepEqual(column("last(T.v)", "v", ["50.7", "", "1.2"]), ["50.7", "50.7", "1.2"]);
    assert.deepEqual(column("lag(1, T.v)", "v", ["0", "2", "", "9"]), ["", "0", "0", "2"]);
    assert.deepEqual(column("lag(2, T.v)", "v", ["0", "2", "", "9"]), ["", "", "", "0"]);
  });

  it("saturates integer sums at every step", () => {
    const rows = ["9223372036854775807", "5", "-10"];
    assert.deepEqual(column("sum(T.v)", "v", rows), [
      "9223372036854775807",
      "9223372036854775807",
      "9223372036854775797",
    ]);
  });

  it("collects", () => {
    const rows = ["0", "2", "", "9"];
    assert.deepEqual(column("T.n | collect(max=2) | index(0)", "n", rows), ["0", "0", "0", "2"]);
    assert.deepEqual(column("T.n | collect(min=2, max=9) | list_len()", "n", rows), ["", "2", "2", "3"]);
    assert.deepEqual(column("union(collect(T.n, max=2), collect(T.n, max=1)) | list_len()", "n", ["7", "7", "9"]), [
      "1",
      "1",
      "2",
    ]);
  });

  it("computes with numbers", () => {
    assert.deepEqual(column("T.a / T.b", "a,b", ["7,2", "-7,2", "7,0"]), ["3", "-3", ""]);
    assert.deepEqual(column("T.a / T.b", "a,b", ["6.3,0.4", "12.2,0.0"]), ["15.749999999999998", ""]);
    assert.deepEqual(column("T.a + 9223372036854775807", "a", ["1"]), ["-9223372036854775808"]);
    assert.deepEqual(column("ceil(T.a)", "a", ["-2.3", "2.5"]), ["-2.0", "3.0"]);
    assert.deepEqual(column("round(T.a)", "a", ["-2.3", "2.5", "-2.5"]), ["-2.0", "3.0", "-3.0"]);
    assert.deepEqual(column("clamp(T.a, min=T.b, max=10)", "a,b", ["12,0", "-3,0", "5,", "1,11"]), [
      "10",
      "0",
      "5",
      "",
    ]);
    assert.deepEqual(column("-T.a", "a", ["5.7", "0.0"]), ["-5.7", "0.0"]);
    assert.deepEqual(column("exp(T.a)", "a", ["5.7", "1000.0"]), ["298.8674009670603", "inf"]);
    assert.deepEqual(column("powf(T.a, 1.2)", "a", ["5.7"]), ["8.073276500106656"]);
  });

  it("takes parts of strings", () => {
    const rows = ["Hello World", "hi"];
    assert.deepEqual(column("substring(T.s, start=0, end=2)", "s", rows), ["He", "hi"]);
    assert.deepEqual(column("substring(T.s, start=1)", "s", rows), ["ello World", "i"]);
    assert.deepEqual(column("substring(T.s, start=-3)", "s", rows), ["rld", ""]);
    assert.deepEqual(column("substring(T.s, start=3, end=-3)", "s", rows), ["lo Wo", ""]);
    assert.deepEqual(column("substring(T.s, end=-2)", "s", rows), ["Hello Wor", ""]);
    assert.deepEqual(column("len(T.s)", "s", ["Hello", "é", ""]), ["5", "2", "0"]);
  });

  it("reads members of JSON objects", () => {
    const rows = ['"{""a"": 10, ""b"": ""dog""}"', '"{""a"": 4}"', "{a: 1}"];
    assert.deepEqual(column("json(T.s).a", "s", rows), ["10", "4", ""]);
    assert.deepEqual(column("json(T.s).b", "s", rows), ["dog", "", ""]);
  });

  it("hashes as the reference does", () => {
    assert.deepEqual(column("hash(T.s)", "s", ["hello", ""]), ["1472103086483932002", "5663277146615294718"]);
    assert.deepEqual(column("hash(T.n)", "n", ["5", ""]), ["16461383214845928621", "0"]);
    assert.deepEqual(column("hash({ m: T.n })", "n", ["5", ""]), ["328624516884178922", "0"]);
  });

  it("knows the calendar", () => {
    const times = (query: string) => column(query, "t", ["1996-08-21T00:00:00"]);
    const names = [
      "day_of_month",
      "day_of_month0",
      "day_of_year",
      "day_of_year0",
      "month_of_year",
      "month_of_year0",
      "year",
    ];
    assert.deepEqual(
      names.flatMap((name) => times(`${name}(T.t)`)),
      ["21", "20", "234", "233", "8", "7", "1996"],
    );
    const later = (delta: string) => column(`add_time(${delta}, T.t)`, "t", ["2021-01-31T08:00:00", ""]);
    assert.deepEqual(later("months(1)"), ["2021-02-28T08:00:00.000000000", ""]);
    assert.deepEqual(later("days(3)"), ["2021-02-03T08:00:00.000000000", ""]);
    assert.deepEqual(later("seconds(10)"), ["2021-01-31T08:00:10.000000000", ""]);
  });

  it("measures between times", () => {
    const rows = [
      "1996-03-21T00:00:00,1996-08-19T00:00:00",
      "1996-05-21T23:00:00,1996-05-22T00:00:00",
      "1996-06-21T00:00:00,1996-06-19T05:00:00",
      "1996-04-21T00:00:00,1995-07-20T00:00:00",
    ];
    const between = (unit: string) => column(`${unit}_between(T.a, T.b) as i64`, "a,b", rows);
    assert.deepEqual(between("seconds"), ["13046400", "3600", "-154800", "-23846400"]);
    assert.deepEqual(between("days"), ["151", "0", "-1", "-276"]);
    assert.deepEqual(between("months"), ["5", "0", "0", "-9"]);
  });

  it("knows three truth values", () => {
    const rows = ["true,", "false,", ",true", ",false", ","];
    assert.deepEqual(column("T.a and T.b", "a,b", rows), ["", "false", "", "false", ""]);
    assert.deepEqual(column("T.a or T.b", "a,b", rows), ["true", "", "true", "", ""]);
    assert.deepEqual(column("T.n == T.n", "n", ["1", ""]), ["true", ""]);
  });
});

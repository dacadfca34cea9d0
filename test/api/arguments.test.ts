import assert from "node:assert/strict";
import * as table from "../../src/api/table.ts";
import { createQuery, entityFilter, entityPercentFilter, LocalBuilder } from "../../src/index.ts";

/** Calls as plain JavaScript would, without the compiler's eye. */
function call(operation: (options: never) => unknown, options: unknown): () => Promise<unknown> {
  return async () => await operation(options as never);
}

describe("arguments of the client API", () => {
  const wrong: [string, (options: never) => unknown, unknown, RegExp][] = [
    ["no options", createQuery, undefined, /^createQuery takes an object with options .* but got undefined\.$/],
    ["a bare text", createQuery, "Purchase", /^createQuery takes an object with options .* but got "Purchase"\.$/],
    [
      "a missing option",
      createQuery,
      {},
      /^createQuery: expression is missing; it must be a text that is not empty\.$/,
    ],
    ["an empty query", createQuery, { expression: "  " }, /expression must be a text that is not empty, but is " {2}"/],
    [
      "a misspelled option",
      createQuery,
      { expression: "P", resultBehaviour: "x" },
      /has no option "resultBehaviour"\. Nearest: resultBehavior/,
    ],
    [
      "a Python name",
      table.createTable,
      { table_name: "P" },
      /createTable has no option "table_name"\. Nearest: tableName/,
    ],
    [
      "a wrong word",
      createQuery,
      { expression: "P", resultBehavior: "last" },
      /resultBehavior must be "all-results" or "final-results", but is "last"/,
    ],
    [
      "a wrong time",
      createQuery,
      { expression: "P", finalResultTime: "soon" },
      /finalResultTime must be a time.*but is "soon"/,
    ],
    [
      "an invalid Date",
      createQuery,
      { expression: "P", changedSinceTime: new Date("x") },
      /changedSinceTime must be a time/,
    ],
    [
      "a wrong limit",
      createQuery,
      { expression: "P", limits: { previewRows: 0 } },
      /previewRows must be a whole number from 1, but is 0/,
    ],
    [
      "an unknown limit",
      createQuery,
      { expression: "P", limits: { rows: 5 } },
      /limits has no option "rows"\. Nearest: .*previewRows/,
    ],
    [
      "a time with all results",
      createQuery,
      { expression: "P", resultBehavior: "all-results", finalResultTime: "2022-01-01" },
      /finalResultTime must be used with resultBehavior "final-results"/,
    ],
    [
      "an option named like a member of objects",
      createQuery,
      { expression: "P", constructor: 1 },
      /has no option "constructor"/,
    ],
    [
      "a slice out of range",
      createQuery,
      { expression: "P", sliceFilter: { percent: 0 } },
      /percent must be a number from 0\.1 to 100, but is 0/,
    ],
    [
      "a slice of two kinds",
      createQuery,
      { expression: "P", sliceFilter: { percent: 5, entityKeys: [] } },
      /sliceFilter must be a slice/,
    ],
    ["a session of another kind", table.listTables, { session: {} }, /session must be a session/],
    ["a URL", table.load, { tableName: "P", file: "ftp://host/x.csv" }, /ftp: is not supported/],
    [
      "a wrong file type",
      table.load,
      { tableName: "P", file: "x.csv", fileType: "xls" },
      /fileType must be "csv", "parquet", "jsonl" or "arrow", but is "xls"/,
    ],
    [
      "no frame",
      table.loadDataframe,
      { tableName: "P", dataframe: { a: [1] } },
      /dataframe must be a Danfo frame or an Arrow table, but is an object \(a\)/,
    ],
  ];

  before(async () => {
    await new LocalBuilder().inMemory(true).build();
  });
  after(async () => {
    await (await new LocalBuilder().build()).stop();
  });

  for (const [what, operation, options, message] of wrong) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(call(operation, options), { name: "ArgumentError", message });
    });
  }

  it("refuses wrong slices and builder values at once", () => {
    assert.throws(() => entityPercentFilter(101), { name: "ArgumentError", message: /from 0\.1 to 100, but is 101/ });
    assert.throws(() => entityFilter([{} as string]), { name: "ArgumentError", message: /a key must be/ });
    assert.deepEqual(entityFilter(["a", 1, 2n, true]), { entityKeys: ["a", 1, 2n, true] });
    assert.throws(() => new LocalBuilder().path(""), { message: /LocalBuilder\.path takes a text/ });
    assert.throws(() => new LocalBuilder().inMemory("yes" as never), { message: /takes true or false, but got "yes"/ });
  });
});

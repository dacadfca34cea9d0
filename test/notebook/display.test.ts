import assert from "node:assert/strict";
import { makeData, makeVector, Table, TimestampNanosecond, vectorFromArray } from "apache-arrow";
import { DataFrame } from "danfojs-node";
import type { MimeBundle } from "../../kernel/cell/cell-context.ts";
import { toMimeBundle } from "../../kernel/display/mime-bundle.ts";
import { showRows } from "../../kernel/display/show-rows.ts";
import { userError } from "../../kernel/display/user-error.ts";
import { FenlError } from "../../src/api/fenl-error.ts";
import { QueryResult, type QueryResultParts } from "../../src/api/query-result.ts";
import { TableError } from "../../src/tables/table-error.ts";

const html = (bundle: MimeBundle) => String(bundle["text/html"]);
const plain = (bundle: MimeBundle) => String(bundle["text/plain"]);

const SCRIPT = "<script>alert(1)</script>";

function times(values: readonly bigint[]) {
  return makeVector(
    makeData({ type: new TimestampNanosecond(), length: values.length, data: BigInt64Array.from(values) }),
  );
}

describe("toMimeBundle", () => {
  it("inspects ordinary values", () => {
    for (const [value, text] of [
      [42, "42"],
      ["a\n☃", "'a\\n☃'"],
      [null, "null"],
      [{ a: [1, { b: 2n }] }, "{ a: [ 1, { b: 2n } ] }"],
      [Symbol("s"), "Symbol(s)"],
    ] as const) {
      assert.deepEqual(toMimeBundle(value), { "text/plain": text });
    }
  });

  it("survives values that resist being looked at", () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error("no");
        },
      },
    );
    assert.match(plain(toMimeBundle(hostile)), /./);
    const inspector = {
      [Symbol.for("nodejs.util.inspect.custom")]() {
        throw new Error("not today");
      },
    };
    assert.match(plain(toMimeBundle(inspector)), /cannot be shown: not today/);
  });

  it("lets a value show itself", () => {
    const value = { [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>me</b>" }) };
    assert.equal(html(toMimeBundle(value)), "<b>me</b>");
    assert.match(plain(toMimeBundle(value)), /./);
  });

  describe("Arrow tables", () => {
    const table = new Table({
      at: times([0n, 1_500_000_000n, -1_000_000_000n]),
      name: vectorFromArray([SCRIPT, "", null]),
      size: vectorFromArray([1.5, Number.NaN, null]),
      big: vectorFromArray([9007199254740993n, -1n, 0n]),
    });

    it("draws names, types and exact values as text", () => {
      assert.equal(
        plain(toMimeBundle(table)),
        [
          "at                       name                       size               big",
          "timestamp_ns             string                      f64               i64",
          "1970-01-01 00:00:00.000  <script>alert(1)</script>   1.5  9007199254740993",
          "1970-01-01 00:00:01.500                              NaN                -1",
          "1969-12-31 23:59:59.000  null                       null                 0",
          "3 rows x 4 columns",
        ].join("\n"),
      );
    });

    it("escapes values, tells nulls from NaN and empty texts, and aligns numbers", () => {
      const text = html(toMimeBundle(table));
      assert.ok(!text.includes("<script"));
      assert.ok(text.includes("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>"));
      assert.ok(text.includes('<td class="fenl-null">null</td>'));
      assert.ok(text.includes("<td></td>"));
      assert.ok(text.includes('<td class="fenl-number fenl-nan">NaN</td>'));
      assert.ok(text.includes('<td class="fenl-number">9007199254740993</td>'));
      assert.ok(text.includes('<span class="fenl-type">timestamp_ns</span>'));
    });

    const long = new Table({ n: vectorFromArray(Int32Array.from({ length: 12_345 }, (_, at) => at)) });

    it("shows the first ten rows, and how many there are", () => {
      const bundle = toMimeBundle(long);
      assert.match(plain(bundle), /\n {2}9\n12,345 rows x 1 column \(first 10 rows shown\)$/);
      assert.equal(html(bundle).match(/<tr>/g)?.length, 1 + 50);
      assert.ok(html(bundle).indexOf('<tbody class="fenl-more">') < html(bundle).indexOf(">10<"));
    });

    it("has a box that shows fifty rows where there are more than ten, and fewer where columns are many", () => {
      assert.match(html(toMimeBundle(long)), /<input type="checkbox"[^>]*> show 50 rows/);
      assert.doesNotMatch(html(toMimeBundle(table)), /checkbox/);
      const columns = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`c${at}`, Array(99).fill(at)]));
      const vectors = Object.entries(columns).map(([name, values]) => [name, vectorFromArray(values)]);
      const wide = toMimeBundle(new Table(Object.fromEntries(vectors)));
      assert.equal(html(wide).match(/<tr>/g)?.length, 1 + 10);
      assert.match(plain(wide), /99 rows x 200 columns \(first 10 rows, first 50 columns shown\)/);
    });

    it("shows rows from anywhere with showRows", () => {
      const rows = showRows(long, { from: 12_340, rows: 100 });
      assert.match(
        rows.text,
        /^ +n\n.*\n12340 +12340\n[\s\S]*\n12344 +12344\n12,345 rows x 1 column \(rows 12340 to 12344 shown\)$/,
      );
      const chunks = new Table([...long.slice(0, 5).batches, ...long.slice(5).batches]);
      assert.match(showRows(chunks, { from: 3, rows: 4 }).text, /3 +3\n4 +4\n5 +5\n6 +6\n12,345/);
      assert.match(html(toMimeBundle(rows)), /<th scope="row">12344<\/th>/);
      assert.match(showRows(long, { from: 99_999 }).text, /no rows from 99999 shown/);
      assert.match(showRows(new DataFrame({ a: [1, 2, 3] }), { from: 1 }).text, /1 +2\n2 +3\n3 rows/);
      for (const [value, options, message] of [
        [[], {}, /takes the result of a query, a frame or an Arrow table/],
        [long, { from: -1 }, /from must be a whole number from 0/],
        [long, { rows: 1001 }, /rows must be a whole number from 1 to 1000/],
        [long, { row: 1 }, /no option "row"; it has from and rows/],
      ] as const) {
        assert.throws(() => showRows(value, options as object), message);
      }
    });

    it("escapes names of columns, and cuts very long values", () => {
      const bundle = toMimeBundle(new Table({ [SCRIPT]: vectorFromArray(["x".repeat(100_000)]) }));
      assert.ok(!html(bundle).includes("<script"));
      assert.ok(html(bundle).length < 5000);
    });
  });

  describe("Danfo frames", () => {
    it("draws dtypes, index, and a column named like a member", () => {
      const frame = new DataFrame(
        [
          [1, SCRIPT],
          [2, null],
        ],
        { columns: ["shape", "b"], index: ["x", "y"] },
      );
      const text = html(toMimeBundle(frame));
      assert.ok(text.includes('<th scope="row">x</th>') && text.includes("shape"));
      assert.ok(!text.includes("<script"));
      assert.match(plain(toMimeBundle(frame)), /2 rows x 2 columns$/);
    });

    it("draws a series and an empty frame", () => {
      const frame = new DataFrame({ a: [1, 2, 3] });
      assert.match(plain(toMimeBundle(frame.column("a"))), /3 rows x 1 column/);
      assert.match(plain(toMimeBundle(new DataFrame([], { columns: ["a"], dtypes: ["int32"] }))), /0 rows x 1 column/);
    });
  });

  describe("query results", () => {
    it("has tabs for the rows, the schema, the details and the diagnostics", () => {
      const bundle = toMimeBundle(result({}));
      const text = html(bundle);
      assert.deepEqual(
        [...text.matchAll(/<label[^>]*>([^<]*)</g)].map((match) => match[1]),
        ["Dataframe", "Schema", "Details", "Diagnostics", "Plan"],
      );
      assert.equal(text.match(/ checked>/g)?.length, 1);
      assert.ok(text.includes("<pre>rows\n  r0  events of T&lt;script&gt;"));
      assert.ok(!text.includes("<script"));
      assert.match(plain(bundle), /^_time .*\n[\s\S]*Bob[\s\S]*2 rows x 5 columns$/);
    });

    it("gives the inputs of each output ids of their own", () => {
      const ids = [result({}), result({})].flatMap((each) =>
        [...html(toMimeBundle(each)).matchAll(/ id="([^"]*)"/g)].map((match) => match[1]),
      );
      assert.equal(new Set(ids).size, 10);
    });

    it("opens a wrong dry run at its diagnostics, and a right one at its details", () => {
      const opened = (bundle: MimeBundle) => / checked><label[^>]*>([^<]*)</.exec(html(bundle))?.[1];
      const diagnostic = {
        code: "E0006",
        severity: "error",
        message: "Unbound reference",
        span: null,
        source: null,
        notes: [],
        formatted: `error[E0006]: Unbound reference ${SCRIPT}\n`,
      } as const;
      const wrong = toMimeBundle(result({ dryRun: true, diagnostics: [diagnostic], fields: null, output: null }));
      assert.equal(opened(wrong), "Diagnostics (1)");
      assert.ok(!html(wrong).includes("<script"));
      assert.match(plain(wrong), /The query has errors\n\nerror\[E0006\]/);
      assert.equal(opened(toMimeBundle(result({ dryRun: true, output: null }))), "Details");
    });
  });

  it("shows tables, lists of tables and loads", () => {
    const table = {
      tableName: "Game<b>",
      timeColumnName: "at",
      entityKeyColumnName: "who",
      subsortColumnName: null,
      groupingId: "User",
      columns: [{ name: SCRIPT, type: "string" }],
      version: 1,
      rowCount: 10,
      createTime: new Date(0),
    };
    for (const value of [table, [table], { table, dataTokenId: "t", rowCount: 10, added: true, warnings: [SCRIPT] }]) {
      const bundle = toMimeBundle(value);
      assert.match(plain(bundle), /Game<b>/);
      assert.ok(!/<script|Game<b>/.test(html(bundle)));
    }
  });
});

describe("userError", () => {
  it("shows a query's diagnostics as blocks, without a stack", () => {
    const error = new FenlError([
      {
        code: "E0006",
        severity: "error",
        message: "Unbound reference",
        span: null,
        source: null,
        notes: [],
        formatted: "error[E0006]: Unbound reference\n  --> Query:1:1\n",
      },
    ]);
    const shown = userError(error)!;
    assert.equal(shown.ename, "FenlError");
    assert.equal(shown.evalue, "1 errors in Fenl statements; see diagnostics");
    assert.match(shown.traceback.join("\n"), /error\[E0006\]: Unbound reference.*\n {2}--> Query:1:1$/);
    assert.equal(shown.traceback.join("\n").match(/E0006/g)?.length, 1);
  });

  it("does not pretend to know how many rows a preview's query has", () => {
    const { config } = result({});
    const preview = result({ config: { ...config, previewRows: 2 } });
    assert.match(toMimeBundle(preview)["text/plain"] as string, /first 2 rows x 5 columns$/);
    assert.match(toMimeBundle(preview)["text/html"] as string, /first 2 rows x 5 columns/);
    const short = result({ config: { ...config, previewRows: 3 } });
    assert.match(toMimeBundle(short)["text/plain"] as string, /\n2 rows x 5 columns$/);
  });

  it("shows a table's error in one line, and leaves other errors alone", () => {
    assert.equal(userError(new TableError("file", "no file x.csv"))!.traceback.length, 1);
    assert.equal(userError(new TypeError("x is not a function")), null);
    assert.equal(userError("thrown text"), null);
  });
});

function result(changes: Partial<QueryResultParts> & { readonly dryRun?: boolean }): QueryResult {
  const { dryRun = false, ...parts } = changes;
  return new QueryResult({
    expression: `{ n: ${SCRIPT} }`,
    queryId: "q1",
    dataTokenId: "t1",
    config: {
      resultBehavior: "all-results",
      rowOrder: "time",
      finalResultTime: null,
      changedSinceTime: null,
      previewRows: null,
      sliceFilter: null,
      dryRun,
      parameters: [],
    },
    fields: [{ name: "n", type: { kind: "i64" } }],
    diagnostics: [],
    warnings: [],
    explainPlan: () => `rows\n  r0  events of T${SCRIPT}`,
    metrics: {
      timePreparing: 0,
      timeComputing: 0.01,
      totalInputRows: 10,
      processedInputRows: 10,
      producedOutputRows: 2,
    },
    output: {
      rows: 2,
      warnings: [],
      columns: [
        { name: "_time", type: { kind: "timestamp_ns" }, values: new BigInt64Array(2) },
        { name: "_subsort", type: { kind: "u64" }, values: new BigInt64Array(2) },
        { name: "_key_hash", type: { kind: "u64" }, values: new BigInt64Array(2) },
        { name: "_key", type: { kind: "string" }, values: Int32Array.of(0, 1), dictionary: ["Bob", SCRIPT] },
        { name: "n", type: { kind: "i64" }, values: BigInt64Array.of(1n, 2n) },
      ],
    },
    ...parts,
  });
}

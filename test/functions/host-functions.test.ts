import assert from "node:assert";
import { findFunction } from "../../src/functions/catalog.ts";
import { callEvaluation } from "../../src/functions/evaluation.ts";
import { jsonMember } from "../../src/functions/json.ts";
import { compareText, compareValues, equalValues } from "../../src/functions/value-order.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

const STRING: FenlType = { kind: "string" };
const LONG: FenlType = { kind: "i64" };

function run(name: string, values: readonly HostValue[], element: FenlType = STRING): HostValue {
  const variables = { T: element, O: element, K: STRING, V: element };
  const types = { result: element, variables };
  const evaluation = callEvaluation(findFunction(name)!, types);
  assert.ok(evaluation.kind === "host", `${name} is evaluated in TypeScript`);
  return evaluation.nulls === "strict" && values.includes(null) ? null : evaluation.call(values, types);
}

describe("functions of one row in TypeScript", () => {
  it("substring follows the reference's table", () => {
    const rows: [string | null, bigint | null, bigint | null, string | null][] = [
      ["Hello World", 0n, 2n, "He"],
      ["Hello World", 1n, null, "ello World"],
      ["Hello World", -3n, null, "rld"],
      ["Hello World", 3n, -3n, "lo Wo"],
      ["Hello World", null, -2n, "Hello Wor"],
      ["hi", 0n, 2n, "hi"],
      ["hi", 1n, null, "i"],
      ["hi", -3n, null, ""],
      ["hi", 3n, -3n, ""],
      ["hi", null, -2n, ""],
      ["hi", null, -3n, ""],
      ["hi", null, 2n ** 62n, "hi"],
      ["", 0n, 1n, ""],
      [null, 0n, 2n, null],
      ["a\u{1f600}é", 1n, 2n, "\u{1f600}"],
    ];
    for (const [s, start, end, expected] of rows) assert.strictEqual(run("substring", [s, start, end]), expected);
  });

  it("strings are UTF-8 and Unicode", () => {
    assert.strictEqual(run("len", ["é"]), 2);
    assert.strictEqual(run("len", ["\u{1f600}"]), 4);
    assert.strictEqual(run("len", [""]), 0);
    assert.strictEqual(run("upper", ["straße"]), "STRASSE");
    assert.strictEqual(run("lower", ["ΑΣ"]), "ας");
    assert.strictEqual(run("trim", ["\t\u00a0 a b \n"]), "a b");
    assert.strictEqual(run("concat", ["a", null]), null);
    assert.deepStrictEqual(run("split", ["a,b,,", ","]), ["a", "b", "", ""]);
    assert.deepStrictEqual(run("split", ["a\u{1f600}", ""]), ["a", "\u{1f600}"]);
    assert.strictEqual(run("replace", ["a.b.c", ".", "$&"]), "a$&b$&c");
    assert.strictEqual(run("replace", ["abc", "", "-"]), "abc");
    assert.strictEqual(run("contains", ["abc", ""]), true);
    assert.strictEqual(run("regexp_matches", ["x\u{1f600}y", "^x.y$"]), true);
    assert.strictEqual(run("regexp_matches", ["xy", "^y"]), false);
  });

  it("lists and maps are taken apart as the reference says", () => {
    assert.strictEqual(run("index", [1n, ["a", "b"]]), "b");
    for (const place of [2n, -1n, null, 2n ** 63n - 1n]) assert.strictEqual(run("index", [place, ["a", "b"]]), null);
    assert.strictEqual(
      run(
        "get",
        [
          "f2",
          [
            ["f1", 0n],
            ["f2", 22n],
          ],
        ],
        LONG,
      ),
      22n,
    );
    assert.strictEqual(run("get", ["f2", [["f1", 15n]]], LONG), null);
    assert.strictEqual(run("list_len", [["a", null, "b"]]), 3);
    assert.deepStrictEqual(run("flatten", [[[1n, 2n], [], null, [3n]]], LONG), [1n, 2n, 3n]);
    assert.deepStrictEqual(
      run(
        "union",
        [
          [7n, null, 7n, 9n],
          [8n, 9n, 10n, 8n],
        ],
        LONG,
      ),
      [7n, null, 9n, 8n, 10n],
    );
    assert.deepStrictEqual(run("union", [[], [5n, 6n, 5n]], LONG), [5n, 6n, 5n]);
    assert.deepStrictEqual(run("union", [[7n, 7n], null], LONG), [7n, 7n]);
    assert.deepStrictEqual(run("union", [[], null], LONG), []);
    assert.deepStrictEqual(run("union", [null, null], LONG), []);
  });

  it("texts are ordered by their UTF-8 bytes", () => {
    const texts = [
      "",
      "a",
      "aa",
      "b",
      "\u007f",
      "\u0080",
      "\u07ff",
      "\ud7ff",
      "\ue000",
      "\uffff",
      "\u{10000}",
      "\u{10ffff}",
    ];
    for (const a of texts) {
      for (const b of texts) {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        assert.strictEqual(Math.sign(compareText(a, b)), bytes, `${JSON.stringify(a)} ${JSON.stringify(b)}`);
      }
    }
  });

  it("floats are ordered totally", () => {
    const values = [Number.NEGATIVE_INFINITY, -1, 0, 5e-324, Infinity, NaN];
    for (const [i, a] of values.entries()) {
      for (const [j, b] of values.entries()) {
        assert.strictEqual(Math.sign(compareValues({ kind: "f64" }, a, b)), Math.sign(i - j), `${a} ${b}`);
      }
    }
    assert.strictEqual(compareValues({ kind: "f64" }, 0, -0), 0);
  });

  it("collections are equal where their elements are", () => {
    const list: FenlType = { kind: "list", item: { kind: "f64" } };
    assert.ok(equalValues(list, [1, null, NaN, 0], [1, null, NaN, -0]));
    assert.ok(!equalValues(list, [1, null], [1]));
    const words: FenlType = { kind: "list", item: STRING };
    assert.ok(!equalValues(words, ["a,b"], ["a", "b"]));
    assert.ok(!equalValues(words, ['a","b'], ["a", "b"]));
    assert.ok(!equalValues(words, [null], ["n"]));
    const map: FenlType = { kind: "map", key: STRING, value: words };
    assert.ok(
      equalValues(
        map,
        [
          ["a", ["x"]],
          ["b", null],
        ],
        [
          ["b", null],
          ["a", ["x"]],
        ],
      ),
    );
    assert.ok(!equalValues(map, [["a", ["x"]]], [["a", ["y"]]]));
    const record: FenlType = {
      kind: "record",
      fields: [
        { name: "a", type: LONG },
        { name: "b", type: words },
      ],
    };
    assert.ok(equalValues(record, [1n, ["x"]], [1n, ["x"]]));
    assert.ok(!equalValues(record, [1n, ["x"]], [null, ["x"]]));
  });

  it("JSON members are text", () => {
    const text =
      '{"a": 10, "b": "d\\"o\\u0067", "c": {"x": [1, 2.50, " y "]}, "d": null, "e": true, "f": 1e3, "a": 11}';
    const members: [string, string | null][] = [
      ["a", "11"],
      ["b", 'd"og'],
      ["c", '{"x":[1,2.50," y "]}'],
      ["d", null],
      ["e", "true"],
      ["f", "1e3"],
      ["missing", null],
      ["__proto__", null],
    ];
    for (const [name, expected] of members) assert.strictEqual(jsonMember(text, name), expected, name);
    assert.strictEqual(jsonMember('{"n": 12345678901234567890}', "n"), "12345678901234567890");
    assert.strictEqual(jsonMember('{"__proto__": "p"}', "__proto__"), "p");
    assert.strictEqual(jsonMember(" { } ", "a"), null);
    for (const wrong of ["{a: 1}", "", "[1]", "5", '"a"', "null", '{"a": 1', '{"a": 1,}']) {
      assert.strictEqual(jsonMember(wrong, "a"), null, wrong);
    }
    assert.strictEqual(jsonMember(`{"deep": ${"[".repeat(1000)}${"]".repeat(1000)}, "a": 1}`, "a"), "1");
  });
});

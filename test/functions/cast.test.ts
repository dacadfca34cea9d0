import assert from "node:assert";
import { castEvaluation } from "../../src/functions/cast.ts";
import { canCast } from "../../src/functions/cast-rules.ts";
import { castValue } from "../../src/functions/value-cast.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import { isHostType, representationOf } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { fromRaw, sampleValues, toRaw } from "./sample-values.ts";
import { instantiate, watFunction } from "./wat-module.ts";

const KINDS: readonly ScalarKind[] = [
  ...(["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "string"] as const),
  ...(["timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns", "date32", "date64"] as const),
  ...(["duration_s", "duration_ms", "duration_us", "duration_ns", "interval_days", "interval_months", "null"] as const),
];
const TYPES = KINDS.map((kind): FenlType => ({ kind }));

function cast(from: ScalarKind, to: ScalarKind, value: HostValue): HostValue {
  assert.ok(canCast({ kind: from }, { kind: to }), `${from} as ${to}`);
  return castValue({ kind: from }, { kind: to }, value);
}

describe("casts", () => {
  it("in WebAssembly give what they give in TypeScript", async () => {
    const functions: string[] = [];
    const checks: { name: string; from: FenlType; to: FenlType }[] = [];
    for (const from of TYPES) {
      for (const to of TYPES) {
        const evaluation = castEvaluation(from, to);
        assert.strictEqual(evaluation !== null, canCast(from, to), `${from.kind} as ${to.kind}`);
        if (evaluation?.kind !== "row" || isHostType(from) || isHostType(to) || from.kind === "null") continue;
        const operand = { value: "(local.get $p0)", valid: "(i32.const 1)", type: from };
        const wat = evaluation.wat([operand], { result: to, variables: {} });
        const { value, valid } = typeof wat === "string" ? { value: wat, valid: "(i32.const 1)" } : wat;
        const name = `${from.kind}_${to.kind}`;
        functions.push(watFunction(`value_${name}`, [representationOf(from)], representationOf(to), value));
        functions.push(watFunction(`valid_${name}`, [representationOf(from)], "i32", valid));
        checks.push({ name, from, to });
      }
    }
    assert.ok(checks.length > 150, `${checks.length} casts`);
    const module = await instantiate(functions);
    for (const { name, from, to } of checks) {
      for (const value of sampleValues(from, 100)) {
        const valid = module[`valid_${name}`]!(toRaw(value));
        const result = fromRaw(to, module[`value_${name}`]!(toRaw(value)));
        const expected = castValue(from, to, value);
        assert.strictEqual(valid === 1 ? result : null, expected, `${value} ${from.kind} as ${to.kind}`);
      }
    }
  });

  it("follow the table of the reference", () => {
    assert.strictEqual(cast("i64", "i8", 128n), null);
    assert.strictEqual(cast("i64", "u64", -1n), null);
    assert.strictEqual(cast("f64", "i64", -3.9), -3n);
    assert.strictEqual(cast("f64", "i64", 2 ** 63), null);
    assert.strictEqual(cast("f64", "i32", Number.NaN), null);
    assert.strictEqual(cast("f64", "bool", 0), false);
    assert.strictEqual(cast("f64", "bool", 0.1), true);
    assert.strictEqual(cast("bool", "f32", true), 1);
    assert.strictEqual(cast("u64", "f64", 2n ** 64n - 1n), 2 ** 64);
    assert.strictEqual(cast("i64", "f32", 16777217n), 16777216);
    assert.strictEqual(cast("i64", "timestamp_s", 5n), 5n);
    assert.strictEqual(cast("timestamp_ns", "i64", -5n), -5n);
    assert.strictEqual(cast("timestamp_ns", "timestamp_s", -1n), -1n);
    assert.strictEqual(cast("timestamp_s", "timestamp_ns", 2n ** 40n), null);
    assert.strictEqual(cast("duration_s", "duration_ms", 2n), 2000n);
    assert.strictEqual(cast("duration_ms", "duration_s", -1999n), -1n);
    assert.strictEqual(cast("duration_s", "i32", 2n ** 31n), null);
    assert.strictEqual(cast("interval_days", "i64", 7), 7n);
    assert.strictEqual(cast("interval_months", "f64", -7), -7);
    assert.strictEqual(cast("timestamp_ns", "date32", -1n), -1);
    assert.strictEqual(cast("date32", "timestamp_ns", 1), 86_400_000_000_000n);
    assert.strictEqual(cast("null", "i64", null), null);
  });

  it("read and write text", () => {
    const texts: [string, ScalarKind, HostValue][] = [
      ["12", "i64", 12n],
      ["-12", "i32", -12],
      ["+12", "u8", 12],
      ["300", "u8", null],
      [" 12", "i64", null],
      ["12.0", "i64", null],
      ["1e3", "f64", 1000],
      [".5", "f32", 0.5],
      ["", "f64", null],
      ["inf", "f64", Infinity],
      ["-Infinity", "f64", -Infinity],
      ["0x10", "f64", null],
      ["true", "bool", true],
      ["FALSE", "bool", false],
      ["yes", "bool", null],
      ["1970-01-01T00:00:01Z", "timestamp_ns", 1_000_000_000n],
      ["1969-12-31T23:59:59.5", "timestamp_s", -1n],
      ["1970-01-02", "date32", 1],
      ["soon", "timestamp_ns", null],
    ];
    for (const [text, to, expected] of texts)
      assert.strictEqual(cast("string", to, text), expected, `${text} as ${to}`);
    assert.ok(Number.isNaN(cast("string", "f64", "NaN") as number));
    assert.strictEqual(cast("i64", "string", -57n), "-57");
    assert.strictEqual(cast("f64", "string", 1), "1.0");
    assert.strictEqual(cast("f32", "string", Math.fround(0.1)), "0.1");
    assert.strictEqual(cast("bool", "string", true), "true");
    assert.strictEqual(cast("timestamp_ms", "string", 1500n), "1970-01-01T00:00:01.500000000");
    assert.strictEqual(cast("u64", "string", 2n ** 64n - 1n), "18446744073709551615");
  });

  it("exist only where the reference has them", () => {
    for (const [from, to] of [
      ["string", "duration_ns"],
      ["f64", "timestamp_ns"],
      ["i32", "duration_s"],
      ["i64", "interval_days"],
      ["json", "string"],
      ["string", "json"],
      ["window", "bool"],
      ["i64", "f16"],
      ["duration_s", "string"],
      ["timestamp_ns", "f64"],
    ] as const) {
      assert.strictEqual(castEvaluation({ kind: from }, { kind: to }), null, `${from} as ${to}`);
    }
    assert.strictEqual(castEvaluation({ kind: "list", item: { kind: "i64" } }, { kind: "string" }), null);
    assert.ok(!canCast({ kind: "list", item: { kind: "i64" } }, { kind: "list", item: { kind: "f64" } }));
  });

  it("convert elements of lists and maps, and fields of records by name", () => {
    const i64: FenlType = { kind: "i64" };
    const f64: FenlType = { kind: "f64" };
    const list = (item: FenlType): FenlType => ({ kind: "list", item });
    const run = (from: FenlType, to: FenlType, value: HostValue) => {
      const evaluation = castEvaluation(from, to);
      assert.strictEqual(evaluation?.kind, "host");
      return evaluation.kind === "host" ? evaluation.call([value], { result: to, variables: {} }) : null;
    };
    assert.deepStrictEqual(run(list(list(i64)), list(list(f64)), [[1n, null], null]), [[1, null], null]);
    const map = (value: FenlType): FenlType => ({ kind: "map", key: { kind: "string" }, value });
    assert.deepStrictEqual(run(map(i64), map(f64), [["a", 2n]]), [["a", 2]]);
    const from: FenlType = {
      kind: "record",
      fields: [
        { name: "a", type: i64 },
        { name: "b", type: i64 },
      ],
    };
    const to: FenlType = {
      kind: "record",
      fields: [
        { name: "b", type: f64 },
        { name: "a", type: i64 },
      ],
    };
    assert.deepStrictEqual(run(from, to, [1n, 2n]), [2, 1n]);
    assert.strictEqual(castEvaluation(from, { kind: "record", fields: [{ name: "c", type: i64 }] }), null);
  });
});

import assert from "node:assert/strict";
import { converts } from "../../src/analyze/conversion.ts";
import { leastUpperBound } from "../../src/analyze/least-upper-bound.ts";
import { promote } from "../../src/analyze/type-class.ts";
import { castEvaluation } from "../../src/functions/cast.ts";
import { type FenlType, type ScalarKind, sameType, typeName } from "../../src/values/fenl-type.ts";

const KINDS: readonly ScalarKind[] = [
  ...(["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "string"] as const),
  ...(["large_string", "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns", "date32", "date64"] as const),
  ...(["duration_s", "duration_ms", "duration_us", "duration_ns", "interval_days", "interval_months"] as const),
  ...(["json", "window", "null"] as const),
];

const TYPES: readonly FenlType[] = KINDS.map((kind) => ({ kind }));

function lub(a: ScalarKind, b: ScalarKind): string {
  const type = leastUpperBound({ kind: a }, { kind: b });
  return type === null ? "none" : typeName(type);
}

describe("the least upper bound of two types", () => {
  it("is the one of the language's table", () => {
    const rows: [ScalarKind, ScalarKind, string][] = [
      ["i8", "i32", "i32"],
      ["u8", "u64", "u64"],
      ["i8", "u8", "i16"],
      ["i16", "u8", "i16"],
      ["i32", "u16", "i32"],
      ["i8", "u32", "i64"],
      ["i64", "u64", "f64"],
      ["i8", "u64", "f64"],
      ["i32", "f32", "f64"],
      ["u8", "f16", "f64"],
      ["f16", "f32", "f32"],
      ["string", "timestamp_s", "timestamp_ns"],
      ["string", "large_string", "large_string"],
      ["duration_s", "duration_us", "duration_us"],
      ["timestamp_s", "timestamp_ms", "timestamp_ns"],
      ["null", "bool", "bool"],
      ["bool", "i64", "none"],
      ["string", "i64", "none"],
      ["timestamp_ns", "i64", "none"],
      ["interval_days", "duration_s", "none"],
      ["date32", "timestamp_ns", "none"],
    ];
    for (const [a, b, expected] of rows) assert.equal(lub(a, b), expected, `${a}, ${b}`);
  });

  it("is symmetric, and both types convert to it", () => {
    for (const a of TYPES) {
      for (const b of TYPES) {
        const type = leastUpperBound(a, b);
        assert.deepEqual(type, leastUpperBound(b, a), `${a.kind}, ${b.kind}`);
        if (type === null || type.kind === "json" || type.kind === "window") continue;
        assert.ok(converts(a, type) && converts(b, type), `${a.kind}, ${b.kind} -> ${type.kind}`);
      }
    }
  });

  it("goes into records, lists and maps", () => {
    const record = (...fields: [string, ScalarKind][]): FenlType => ({
      kind: "record",
      fields: fields.map(([name, kind]) => ({ name, type: { kind } })),
    });
    const common = leastUpperBound(record(["a", "i64"], ["b", "string"]), record(["b", "null"], ["a", "f64"]));
    assert.equal(common && typeName(common), "{a: f64, b: string}");
    assert.equal(leastUpperBound(record(["a", "i64"]), record(["b", "i64"])), null);
    assert.equal(leastUpperBound(record(["a", "i64"]), record(["a", "string"])), null);
    const list = (item: FenlType): FenlType => ({ kind: "list", item });
    assert.deepEqual(leastUpperBound(list({ kind: "i8" }), list({ kind: "u8" })), list({ kind: "i16" }));
    assert.equal(leastUpperBound(list({ kind: "i8" }), { kind: "i8" }), null);
  });
});

describe("implicit conversion", () => {
  it("never loses integers, and is a cast that exists", () => {
    assert.ok(converts({ kind: "u32" }, { kind: "i64" }));
    assert.ok(!converts({ kind: "u32" }, { kind: "i32" }));
    assert.ok(!converts({ kind: "i64" }, { kind: "u64" }));
    assert.ok(!converts({ kind: "f64" }, { kind: "i64" }));
    assert.ok(!converts({ kind: "i64" }, { kind: "string" }));
    assert.ok(!converts({ kind: "string" }, { kind: "timestamp_s" }));
    for (const from of TYPES) {
      for (const to of TYPES) {
        if (converts(from, to) && !sameType(from, to)) {
          assert.notEqual(castEvaluation(from, to), null, `${from.kind} -> ${to.kind}`);
        }
      }
    }
  });
});

describe("type classes", () => {
  const members = (typeClass: Parameters<typeof promote>[1]) =>
    TYPES.filter((type) => {
      const promoted = promote(type, typeClass);
      return promoted !== null && sameType(promoted, type);
    }).map(({ kind }) => kind);

  it("hold the types that the language lists", () => {
    const floats = ["f16", "f32", "f64"];
    const signed = ["i8", "i16", "i32", "i64", ...floats];
    assert.deepEqual(members("float"), floats);
    assert.deepEqual(members("signed"), signed);
    assert.deepEqual(new Set(members("number")), new Set([...signed, "u8", "u16", "u32", "u64"]));
    assert.deepEqual(
      KINDS.filter((kind) => !members("any").includes(kind)),
      ["json", "window"],
    );
    assert.deepEqual(
      KINDS.filter((kind) => !members("ordered").includes(kind)),
      ["json", "window", "null"],
    );
    assert.equal(members("timedelta").length, 6);
  });

  it("promote what does not belong to them", () => {
    const promoted = (kind: ScalarKind, typeClass: Parameters<typeof promote>[1]) => promote({ kind }, typeClass)?.kind;
    assert.equal(promoted("u8", "signed"), "i16");
    assert.equal(promoted("u32", "signed"), "i64");
    assert.equal(promoted("u64", "signed"), "f64");
    assert.equal(promoted("i32", "float"), "f64");
    assert.equal(promoted("null", "number"), "i64");
    assert.equal(promoted("string", "number"), undefined);
  });

  it("look into records and lists", () => {
    const list: FenlType = { kind: "list", item: { kind: "i64" } };
    const record: FenlType = { kind: "record", fields: [{ name: "a", type: list }] };
    assert.equal(promote(record, "key"), null);
    assert.equal(promote(record, "any"), record);
    assert.equal(promote({ kind: "list", item: { kind: "json" } }, "any"), null);
  });
});

describe("equality of types", () => {
  it("is not fooled by names that look like types", () => {
    const i64: FenlType = { kind: "i64" };
    const one: FenlType = { kind: "record", fields: [{ name: "a: i64, b", type: i64 }] };
    const two: FenlType = {
      kind: "record",
      fields: [
        { name: "a", type: i64 },
        { name: "b", type: i64 },
      ],
    };
    assert.equal(typeName(one), typeName(two));
    assert.ok(!sameType(one, two));
  });
});

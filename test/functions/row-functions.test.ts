import assert from "node:assert";
import { findFunction } from "../../src/functions/catalog.ts";
import type { CallTypes, Operand } from "../../src/functions/define.ts";
import { callEvaluation } from "../../src/functions/evaluation.ts";
import { compareValues } from "../../src/functions/value-order.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import { isUnsigned, representationOf } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { fromRaw, half, sampleValues, toRaw } from "./sample-values.ts";
import { instantiate, watFunction } from "./wat-module.ts";

const NUMBERS: readonly ScalarKind[] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64"];
const ORDERED: readonly ScalarKind[] = [...NUMBERS, "bool", "timestamp_ns", "duration_s", "interval_days", "date32"];

type Model = (type: FenlType, values: readonly HostValue[]) => HostValue;

interface Check {
  readonly function: string;
  readonly kinds: readonly ScalarKind[];
  readonly arity: number;
  readonly result?: ScalarKind;
  readonly model: Model;
}

function isFloatKind(type: FenlType): boolean {
  return type.kind.startsWith("f");
}

/** An exact integer, wrapped to the type. */
function wrap(type: FenlType, value: bigint): HostValue {
  const bits = Number(type.kind.slice(1));
  const wrapped = isUnsigned(type) ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  return bits === 64 ? wrapped : Number(wrapped);
}

function toFloat(type: FenlType, value: number): number {
  if (type.kind === "f64") return value;
  return type.kind === "f32" ? Math.fround(value) : half(value);
}

function arithmetic(
  integers: (a: bigint, b: bigint) => bigint | null,
  floats: (a: number, b: number) => number | null,
): Model {
  return (type, [a, b]) => {
    if (isFloatKind(type)) {
      const value = floats(a as number, b as number);
      return value === null ? null : toFloat(type, value);
    }
    const value = integers(BigInt(a as number), BigInt((b ?? 0) as number));
    return value === null ? null : wrap(type, value);
  };
}

const order =
  (holds: (order: number) => boolean): Model =>
  (type, [a, b]) =>
    holds(compareValues(type, a!, b!));

const rounding =
  (round: (x: number) => number): Model =>
  (type, [x]) =>
    isFloatKind(type) ? round(x as number) : x!;

function halfAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

const CHECKS: readonly Check[] = [
  {
    function: "add",
    kinds: NUMBERS,
    arity: 2,
    model: arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  },
  {
    function: "sub",
    kinds: NUMBERS,
    arity: 2,
    model: arithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
  },
  {
    function: "mul",
    kinds: NUMBERS,
    arity: 2,
    model: arithmetic(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  },
  {
    function: "div",
    kinds: NUMBERS,
    arity: 2,
    model: arithmetic(
      (a, b) => (b === 0n ? null : a / b),
      (a, b) => (b === 0 ? null : a / b),
    ),
  },
  {
    function: "mod",
    kinds: NUMBERS,
    arity: 2,
    model: arithmetic(
      (a, b) => (b === 0n ? null : a % b),
      (a, b) => (b === 0 ? null : a % b),
    ),
  },
  {
    function: "neg",
    kinds: NUMBERS.filter((kind) => !kind.startsWith("u")),
    arity: 1,
    model: arithmetic(
      (a) => -a,
      (a) => 0 - a,
    ),
  },
  {
    function: "abs",
    kinds: NUMBERS,
    arity: 1,
    model: arithmetic(
      (a) => (a < 0n ? -a : a),
      (a) => Math.abs(a),
    ),
  },
  { function: "ceil", kinds: NUMBERS, arity: 1, model: rounding(Math.ceil) },
  { function: "floor", kinds: NUMBERS, arity: 1, model: rounding(Math.floor) },
  { function: "round", kinds: NUMBERS, arity: 1, model: rounding(halfAway) },
  { function: "sqrt", kinds: NUMBERS, arity: 1, result: "f64", model: (_, [x]) => Math.sqrt(Number(x) + 0) },
  { function: "eq", kinds: ORDERED, arity: 2, result: "bool", model: order((sign) => sign === 0) },
  { function: "neq", kinds: ORDERED, arity: 2, result: "bool", model: order((sign) => sign !== 0) },
  { function: "lt", kinds: ORDERED, arity: 2, result: "bool", model: order((sign) => sign < 0) },
  { function: "lte", kinds: ORDERED, arity: 2, result: "bool", model: order((sign) => sign <= 0) },
  { function: "gt", kinds: ORDERED, arity: 2, result: "bool", model: order((sign) => sign > 0) },
  { function: "gte", kinds: ORDERED, arity: 2, result: "bool", model: order((sign) => sign >= 0) },
  { function: "zip_max", kinds: ORDERED, arity: 2, model: (_, [a, b]) => (a! > b! ? a! : b!) },
  { function: "zip_min", kinds: ORDERED, arity: 2, model: (_, [a, b]) => (a! < b! ? a! : b!) },
];

function compile(name: string, types: CallTypes, parameters: readonly FenlType[], literal?: HostValue) {
  const evaluation = callEvaluation(findFunction(name)!, types);
  assert.ok(evaluation.kind === "row", `${name} is evaluated in WebAssembly`);
  const operands = parameters.map((type, index): Operand => {
    const isLiteral = literal !== undefined && index === parameters.length - 1;
    const value = isLiteral ? `(${representationOf(type)}.const ${literal})` : `(local.get $p${index})`;
    return { value, valid: "(i32.const 1)", type, ...(isLiteral ? { literal } : {}) };
  });
  const wat = evaluation.wat(operands, types);
  return typeof wat === "string" ? { value: wat, valid: "(i32.const 1)" } : wat;
}

describe("functions of one row in WebAssembly", () => {
  for (const check of CHECKS) {
    it(`${check.function} agrees with its model for every type`, async () => {
      const functions: string[] = [];
      for (const kind of check.kinds) {
        const type: FenlType = { kind };
        const result: FenlType = { kind: check.result ?? kind };
        const types = { result, variables: { N: type, S: type, T: type, O: type } };
        const parameters = Array.from({ length: check.arity }, () => type);
        const { value, valid } = compile(check.function, types, parameters);
        const representations = parameters.map(representationOf);
        functions.push(watFunction(`value_${kind}`, representations, representationOf(result), value));
        functions.push(watFunction(`valid_${kind}`, representations, "i32", valid));
      }
      const module = await instantiate(functions);
      for (const kind of check.kinds) {
        const type: FenlType = { kind };
        const samples = sampleValues(type, 60);
        for (const a of samples) {
          for (const b of check.arity === 2 ? samples : [null]) {
            const values = check.arity === 2 ? [a, b] : [a];
            const raw = values.map(toRaw);
            const expected = check.model(type, values);
            const actual =
              module[`valid_${kind}`]!(...raw) === 1
                ? fromRaw({ kind: check.result ?? kind }, module[`value_${kind}`]!(...raw))
                : null;
            assert.strictEqual(actual, expected, `${check.function}(${values.join(", ")}) of ${kind}`);
          }
        }
      }
    });
  }

  it("divide by literals as by other values", async () => {
    const functions: string[] = [];
    const divisors = [1, 3, -1, 0, -7, 100];
    for (const kind of ["i8", "i32", "i64", "u64"] as const) {
      for (const divisor of divisors.filter((value) => !kind.startsWith("u") || value >= 0)) {
        for (const name of ["div", "mod"]) {
          const type: FenlType = { kind };
          const literal = kind.endsWith("64") ? BigInt(divisor) : divisor;
          const types = { result: type, variables: { N: type } };
          const { value, valid } = compile(name, types, [type, type], literal);
          const id = `${name}_${kind}_${divisor}`;
          functions.push(watFunction(`value_${id}`, [representationOf(type)], representationOf(type), value));
          functions.push(watFunction(`valid_${id}`, [representationOf(type)], "i32", valid));
        }
      }
    }
    const module = await instantiate(functions);
    for (const id of Object.keys(module)
      .filter((name) => name.startsWith("value_"))
      .map((name) => name.slice(6))) {
      const [name, kind, divisor] = id.split("_") as [string, ScalarKind, string];
      const model = CHECKS.find((check) => check.function === name)!.model;
      for (const value of sampleValues({ kind }, 60)) {
        const other = kind.endsWith("64") ? BigInt(divisor) : Number(divisor);
        const expected = model({ kind }, [value, other]);
        const actual =
          module[`valid_${id}`]!(toRaw(value)) === 1 ? fromRaw({ kind }, module[`value_${id}`]!(toRaw(value))) : null;
        assert.strictEqual(actual, expected, `${value} ${name} ${divisor} of ${kind}`);
      }
    }
  });

  it("clamp between bounds of which any may be absent", async () => {
    const functions: string[] = [];
    const kinds = ["i8", "u32", "i64", "u64", "f64"] as const;
    for (const kind of kinds) {
      const type: FenlType = { kind };
      const evaluation = callEvaluation(findFunction("clamp")!, { result: type, variables: { N: type } });
      assert.ok(evaluation.kind === "row");
      const operands = [0, 1, 2].map((index) => ({
        value: `(local.get $p${index})`,
        valid: `(local.get $p${index + 3})`,
        type,
      }));
      const wat = evaluation.wat(operands, { result: type, variables: { N: type } });
      assert.ok(typeof wat !== "string");
      const representation = representationOf(type);
      const list = [representation, representation, representation, "i32", "i32", "i32"] as const;
      functions.push(watFunction(`value_${kind}`, list, representation, wat.value));
      functions.push(watFunction(`valid_${kind}`, list, "i32", wat.valid));
    }
    const module = await instantiate(functions);
    for (const kind of kinds) {
      const samples = [null, ...sampleValues({ kind }, 12)];
      const zero = kind.endsWith("64") && kind !== "f64" ? 0n : 0;
      for (const value of samples) {
        for (const min of samples) {
          for (const max of samples) {
            const given = [value, min, max];
            const raw = [
              ...given.map((one) => (one === null ? zero : toRaw(one))),
              ...given.map((one) => Number(one !== null)),
            ];
            let expected = value;
            if (value !== null && min !== null && max !== null && min > max) expected = null;
            else if (value !== null && min !== null && value < min) expected = min;
            else if (value !== null && max !== null && value > max) expected = max;
            const actual =
              module[`valid_${kind}`]!(...raw) === 1 ? fromRaw({ kind }, module[`value_${kind}`]!(...raw)) : null;
            assert.strictEqual(actual, expected, `${value} in [${min}, ${max}] of ${kind}`);
          }
        }
      }
    }
  });

  it("combine conditions with three values", async () => {
    const functions: string[] = [];
    for (const name of ["logical_and", "logical_or"]) {
      const evaluation = findFunction(name)!.evaluation;
      assert.ok(typeof evaluation !== "function" && evaluation.kind === "row");
      const bool: FenlType = { kind: "bool" };
      const operands = [0, 1].map((index) => ({
        value: `(local.get $p${index})`,
        valid: `(local.get $p${index + 2})`,
        type: bool,
      }));
      const wat = evaluation.wat(operands, { result: bool, variables: {} });
      assert.ok(typeof wat !== "string");
      functions.push(watFunction(`${name}_value`, ["i32", "i32", "i32", "i32"], "i32", wat.value));
      functions.push(watFunction(`${name}_valid`, ["i32", "i32", "i32", "i32"], "i32", wat.valid));
    }
    const module = await instantiate(functions);
    const truth = [true, false, null];
    for (const a of truth) {
      for (const b of truth) {
        for (const leftover of [0, 1]) {
          const raw = [a, b].map((value) => (value === null ? leftover : Number(value)));
          raw.push(...[a, b].map((value) => Number(value !== null)));
          const result = (name: string) =>
            module[`${name}_valid`]!(...raw) === 1 ? module[`${name}_value`]!(...raw) === 1 : null;
          const and = a === false || b === false ? false : a === null || b === null ? null : true;
          const or = a === true || b === true ? true : a === null || b === null ? null : false;
          assert.strictEqual(result("logical_and"), and, `${a} and ${b}`);
          assert.strictEqual(result("logical_or"), or, `${a} or ${b}`);
        }
      }
    }
  });
});

import type { FenlType } from "../values/fenl-type.ts";
import { isHostType, representationOf } from "../values/fenl-type.ts";
import type { FunctionRecord, Operand, Wat } from "./define.ts";
import { defineFunction } from "./define.ts";
import { isFloat, lessWat, plainCompare, signSuffix, toF64 } from "./numeric-wat.ts";

const NULLS = "Null when an argument is null.";
const FLOATS =
  "time,key,x,n\n2021-01-01T00:00:00,A,-2.3,4\n2021-01-02T00:00:00,A,2.5,-9\n2021-01-03T00:00:00,A,-2.5,2\n2021-01-04T00:00:00,A,,\n";

/** Rounding, powers and limits of numbers. */
export const mathFunctions: readonly FunctionRecord[] = [
  rounding("ceil", "The least whole number that is not below.", ["-2.0", "3.0", "-2.0"]),
  rounding("floor", "The greatest whole number that is not above.", ["-3.0", "2.0", "-3.0"]),
  rounding("round", "The nearest whole number, halves away from zero.", ["-2.0", "3.0", "-3.0"]),
  defineFunction({
    name: "clamp",
    signature: "clamp<N: number>(value: N, min: N = null, max: N = null) -> N",
    family: "math",
    summary: "The value, or the nearest bound where it lies outside of them.",
    parameters: {
      value: "A number.",
      min: "The lower bound; null for none.",
      max: "The upper bound; null for none.",
    },
    nulls: "Null when the value is null or the lower bound is above the upper one; a null bound is no bound.",
    examples: [
      {
        tables: { Input: FLOATS },
        query:
          "{ both: Input.n | clamp(min=0, max=3), below: Input.n | clamp(max=3), wrong: Input.n | clamp(min=3, max=0), x: Input.x | clamp(min=0.0) }",
        result:
          "_time,_key,both,below,wrong,x\n2021-01-01T00:00:00,A,3,3,,0.0\n2021-01-02T00:00:00,A,0,-9,,2.5\n2021-01-03T00:00:00,A,2,2,,0.0\n2021-01-04T00:00:00,A,,,,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "free", wat: ([value, min, max]) => clamped(value!, min!, max!) },
  }),
  defineFunction({
    name: "exp",
    signature: "exp(power: f64) -> f64",
    family: "math",
    summary: "The number e raised to a power; infinite where it is too large.",
    parameters: { power: "The power." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: "{ exp: exp(Input.n) }",
        result:
          "_time,_key,exp\n2021-01-01T00:00:00,A,54.598150033144236\n2021-01-02T00:00:00,A,0.00012340980408667956\n2021-01-03T00:00:00,A,7.38905609893065\n2021-01-04T00:00:00,A,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([power]) => `(call $exp_f64 ${power!.value})` },
  }),
  defineFunction({
    name: "log",
    signature: "log(n: f64) -> f64",
    family: "math",
    summary: "The natural logarithm; -inf of 0 and NaN of negative numbers.",
    parameters: { n: "A number." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: "{ log: log(Input.n) }",
        result:
          "_time,_key,log\n2021-01-01T00:00:00,A,1.3862943611198906\n2021-01-02T00:00:00,A,NaN\n2021-01-03T00:00:00,A,0.6931471805599453\n2021-01-04T00:00:00,A,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([n]) => `(call $log_f64 ${n!.value})` },
  }),
  defineFunction({
    name: "powf",
    signature: "powf(base: f64, power: f64) -> f64",
    family: "math",
    summary: "The base raised to a power, as floats.",
    parameters: { base: "The base.", power: "The power." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: "{ square: powf(Input.x, 2), two_to: powf(2, Input.n) }",
        result:
          "_time,_key,square,two_to\n2021-01-01T00:00:00,A,5.289999999999999,16.0\n2021-01-02T00:00:00,A,6.25,0.001953125\n2021-01-03T00:00:00,A,6.25,4.0\n2021-01-04T00:00:00,A,,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([base, power]) => `(call $pow_f64 ${base!.value} ${power!.value})`,
    },
  }),
  defineFunction({
    name: "sqrt",
    signature: "sqrt<N: number>(a: N) -> f64",
    family: "math",
    summary: "The square root; NaN of negative numbers.",
    parameters: { a: "A number." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: "{ root: sqrt(Input.n), of_float: sqrt(Input.x) }",
        result:
          "_time,_key,root,of_float\n2021-01-01T00:00:00,A,2.0,NaN\n2021-01-02T00:00:00,A,NaN,1.5811388300841898\n2021-01-03T00:00:00,A,1.4142135623730951,NaN\n2021-01-04T00:00:00,A,,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([a]) => `(f64.sqrt (f64.add ${toF64(a!.type, a!.value)} (f64.const 0)))`,
    },
  }),
  defineFunction({
    name: "sign",
    signature: "sign<N: number>(n: N) -> N",
    family: "math",
    summary: "Where a number lies: -1 below zero, 0 at zero, 1 above; the type stays, and NaN is NaN.",
    parameters: { n: "A number." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: "{ x: sign(Input.x), n: sign(Input.n), zero: sign(Input.n - Input.n) }",
        result:
          "_time,_key,x,n,zero\n2021-01-01T00:00:00,A,-1.0,1,0\n2021-01-02T00:00:00,A,1.0,-1,0\n2021-01-03T00:00:00,A,-1.0,1,0\n2021-01-04T00:00:00,A,,,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([n]) => {
        const representation = representationOf(n!.type);
        const suffix = isFloat(n!.type) ? "" : `_${signSuffix(n!.type)}`;
        const compared = (order: "gt" | "lt") =>
          `(${representation}.${order}${suffix} ${n!.value} (${representation}.const 0))`;
        const sign = `(i32.sub ${compared("gt")} ${compared("lt")})`;
        if (representation === "i32") return sign;
        if (representation === "i64") return `(i64.extend_i32_s ${sign})`;
        const number = `(${representation}.convert_i32_s ${sign})`;
        return `(select ${n!.value} ${number} (${representation}.ne ${n!.value} ${n!.value}))`;
      },
    },
  }),
  defineFunction({
    name: "is_nan",
    signature: "is_nan(n: f64) -> bool",
    family: "math",
    summary: "True where a float is NaN, which is a value and equal to itself: `sqrt(-1)` and `log(-1)` give it.",
    parameters: { n: "A number." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: "{ is_nan: is_nan(sqrt(Input.x)) }",
        result:
          "_time,_key,is_nan\n2021-01-01T00:00:00,A,true\n2021-01-02T00:00:00,A,false\n2021-01-03T00:00:00,A,true\n2021-01-04T00:00:00,A,\n",
      },
    ],
    evaluation: { kind: "row", nulls: "strict", wat: ([n]) => `(f64.ne ${n!.value} ${n!.value})` },
  }),
  zip("zip_max", "greater", "gt", ["5.7,5", "6.0,8"]),
  zip("zip_min", "smaller", "lt", ["1.2,3", "-6.0,5"]),
];

function rounding(name: "ceil" | "floor" | "round", summary: string, rows: readonly string[]): FunctionRecord {
  return defineFunction({
    name,
    signature: `${name}<N: number>(n: N) -> N`,
    family: "math",
    summary: `${summary.slice(0, -1)}; the type stays, integers are as they were.`,
    parameters: { n: "A number." },
    nulls: NULLS,
    examples: [
      {
        tables: { Input: FLOATS },
        query: `{ x: ${name}(Input.x), n: ${name}(Input.n) }`,
        result: `_time,_key,x,n\n2021-01-01T00:00:00,A,${rows[0]},4\n2021-01-02T00:00:00,A,${rows[1]},-9\n2021-01-03T00:00:00,A,${rows[2]},2\n2021-01-04T00:00:00,A,,\n`,
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([n]) => {
        if (!isFloat(n!.type)) return n!.value;
        const representation = representationOf(n!.type);
        return name === "round"
          ? `(call $round_${representation} ${n!.value})`
          : `(${representation}.${name} ${n!.value})`;
      },
    },
  });
}

function clamped(value: Operand, min: Operand, max: Operand): Wat {
  const type: FenlType = value.type;
  const below = `(i32.and ${min.valid} ${plainCompare("lt", type, value.value, min.value)})`;
  const above = `(i32.and ${max.valid} ${plainCompare("gt", type, value.value, max.value)})`;
  const crossed = `(i32.and (i32.and ${min.valid} ${max.valid}) ${plainCompare("gt", type, min.value, max.value)})`;
  return {
    value: `(select ${min.value} (select ${max.value} ${value.value} ${above}) ${below})`,
    valid: `(i32.and ${value.valid} (i32.eqz ${crossed}))`,
  };
}

/** Whether `a` is greater or less than `b`; false for NaN. */
function isBeyond(instruction: "gt" | "lt", type: FenlType, a: string, b: string): string {
  if (!isHostType(type)) return plainCompare(instruction, type, a, b);
  return instruction === "gt" ? lessWat(type, b, a) : lessWat(type, a, b);
}

function zip(
  name: "zip_max" | "zip_min",
  word: string,
  instruction: "gt" | "lt",
  rows: readonly [string, string],
): FunctionRecord {
  return defineFunction({
    name,
    signature: `${name}<O: ordered>(a: O, b: O) -> O`,
    family: "math",
    summary: `The ${word} of two values on the row; the second where neither is, and with NaN.`,
    parameters: { a: "A number, time, length of time, string or bool.", b: "The value to compare with." },
    nulls: NULLS,
    examples: [
      {
        tables: {
          Input:
            "time,key,a,b,n\n2021-01-01T00:00:00,A,5.7,1.2,3\n2021-01-02T00:00:00,A,6,-6,8\n2021-01-03T00:00:00,A,,6,\n",
        },
        query: `{ ${name}: ${name}(Input.a, Input.b), n: ${name}(Input.n, 5) }`,
        result: `_time,_key,${name},n\n2021-01-01T00:00:00,A,${rows[0]}\n2021-01-02T00:00:00,A,${rows[1]}\n2021-01-03T00:00:00,A,,\n`,
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([a, b], { result }) =>
        `(select ${a!.value} ${b!.value} ${isBeyond(instruction, result, a!.value, b!.value)})`,
    },
  });
}

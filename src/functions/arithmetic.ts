import type { FenlType } from "../values/fenl-type.ts";
import { representationOf } from "../values/fenl-type.ts";
import type { FunctionRecord, Operand, Wat } from "./define.ts";
import { defineFunction } from "./define.ts";
import { isFloat, normalise, signSuffix, wrapping, zeroWat } from "./numeric-wat.ts";

const NULLS = "Null when an argument is null.";

/** Addition, subtraction, multiplication and division of numbers. */
export const arithmeticFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "add",
    signature: "add<N: number>(a: N, b: N) -> N",
    family: "math",
    operator: "a + b",
    summary: "The sum of two numbers.",
    parameters: { a: "The first number.", b: "The second number." },
    nulls: NULLS,
    examples: [
      {
        title: "Integers and floats",
        tables: {
          Input:
            "time,key,a,b\n2021-01-01T00:00:00,A,7,2.5\n2021-01-02T00:00:00,A,-7,0.25\n2021-01-03T00:00:00,A,,1.5\n",
        },
        query: "{ sum: Input.a + Input.b, next: Input.a + 1 }",
        result:
          "_time,_key,sum,next\n2021-01-01T00:00:00,A,9.5,8\n2021-01-02T00:00:00,A,-6.75,-6\n2021-01-03T00:00:00,A,,\n",
      },
    ],
    evaluation: binary((type, a, b) => wrapping("add", type, a.value, b.value)),
  }),
  defineFunction({
    name: "sub",
    signature: "sub<N: number>(a: N, b: N) -> N",
    family: "math",
    operator: "a - b",
    summary: "The difference of two numbers.",
    parameters: { a: "The number to subtract from.", b: "The number to subtract." },
    nulls: NULLS,
    examples: [
      {
        tables: {
          Input: "time,key,a,b\n2021-01-01T00:00:00,A,7,2\n2021-01-02T00:00:00,A,-7,2\n2021-01-03T00:00:00,A,,2\n",
        },
        query: "{ difference: Input.a - Input.b, float: Input.a - 0.5 }",
        result:
          "_time,_key,difference,float\n2021-01-01T00:00:00,A,5,6.5\n2021-01-02T00:00:00,A,-9,-7.5\n2021-01-03T00:00:00,A,,\n",
      },
    ],
    evaluation: binary((type, a, b) => wrapping("sub", type, a.value, b.value)),
  }),
  defineFunction({
    name: "mul",
    signature: "mul<N: number>(a: N, b: N) -> N",
    family: "math",
    operator: "a * b",
    summary: "The product of two numbers.",
    parameters: { a: "The first factor.", b: "The second factor." },
    nulls: NULLS,
    examples: [
      {
        tables: {
          Input: "time,key,a,b\n2021-01-01T00:00:00,A,7,2\n2021-01-02T00:00:00,A,-7,2\n2021-01-03T00:00:00,A,7,\n",
        },
        query: "{ product: Input.a * Input.b, half: Input.a * 0.5 }",
        result:
          "_time,_key,product,half\n2021-01-01T00:00:00,A,14,3.5\n2021-01-02T00:00:00,A,-14,-3.5\n2021-01-03T00:00:00,A,,3.5\n",
      },
    ],
    evaluation: binary((type, a, b) => wrapping("mul", type, a.value, b.value)),
  }),
  defineFunction({
    name: "div",
    signature: "div<N: number>(a: N, b: N) -> N",
    family: "math",
    operator: "a / b",
    summary: "The quotient of two numbers; of integers without the fraction (truncated toward zero).",
    parameters: { a: "The dividend.", b: "The divisor." },
    nulls: "Null when an argument is null or the divisor is zero, for floats as well.",
    examples: [
      {
        tables: {
          Input:
            "time,key,a,b\n2021-01-01T00:00:00,A,7,2\n2021-01-02T00:00:00,A,-7,2\n2021-01-03T00:00:00,A,7,0\n2021-01-04T00:00:00,A,,2\n",
        },
        query: "{ integer: Input.a / Input.b, float: Input.a / (Input.b as f64) }",
        result:
          "_time,_key,integer,float\n2021-01-01T00:00:00,A,3,3.5\n2021-01-02T00:00:00,A,-3,-3.5\n2021-01-03T00:00:00,A,,\n2021-01-04T00:00:00,A,,\n",
      },
    ],
    evaluation: binary((type, a, b) => {
      const valid = `(${representationOf(type)}.ne ${b.value} ${zeroWat(type)})`;
      if (isFloat(type)) return { value: wrapping("div", type, a.value, b.value), valid };
      if (dividesSafely(b)) return wrapping(`div_${signSuffix(type)}`, type, a.value, b.value);
      return { value: normalise(type, `(call ${integerCall("div", type)} ${a.value} ${b.value})`), valid };
    }),
  }),
  defineFunction({
    name: "mod",
    signature: "mod<N: number>(a: N, b: N) -> N",
    family: "math",
    summary: "The remainder of `a / b`, with the sign of `a`.",
    parameters: { a: "The dividend.", b: "The divisor." },
    nulls: "Null when an argument is null or the divisor is zero.",
    examples: [
      {
        tables: {
          Input:
            "time,key,a,b\n2021-01-01T00:00:00,A,7,3\n2021-01-02T00:00:00,A,-7,3\n2021-01-03T00:00:00,A,7,0\n2021-01-04T00:00:00,A,,3\n",
        },
        query: "{ rest: mod(Input.a, Input.b), fraction: mod(Input.a, 2.5) }",
        result:
          "_time,_key,rest,fraction\n2021-01-01T00:00:00,A,1,2.0\n2021-01-02T00:00:00,A,-1,-2.0\n2021-01-03T00:00:00,A,,2.0\n2021-01-04T00:00:00,A,,\n",
      },
    ],
    evaluation: binary((type, a, b) => {
      const valid = `(${representationOf(type)}.ne ${b.value} ${zeroWat(type)})`;
      if (type.kind === "f64") return { value: `(call $mod_f64 ${a.value} ${b.value})`, valid };
      if (isFloat(type)) {
        const wide = `(call $mod_f64 (f64.promote_f32 ${a.value}) (f64.promote_f32 ${b.value}))`;
        return { value: `(f32.demote_f64 ${wide})`, valid };
      }
      if (dividesSafely(b)) return wrapping(`rem_${signSuffix(type)}`, type, a.value, b.value);
      return { value: `(call ${integerCall("rem", type)} ${a.value} ${b.value})`, valid };
    }),
  }),
  defineFunction({
    name: "neg",
    signature: "neg<S: signed>(n: S) -> S",
    family: "math",
    operator: "-a",
    summary: "The number with the opposite sign; zero stays `0.0`.",
    parameters: { n: "A number; unsigned integers become the next wider signed type." },
    nulls: NULLS,
    examples: [
      {
        tables: {
          Input: "time,key,n,x\n2021-01-01T00:00:00,A,7,5.7\n2021-01-02T00:00:00,A,-7,0.0\n2021-01-03T00:00:00,A,,\n",
        },
        query: "{ n: -Input.n, x: -Input.x }",
        result: "_time,_key,n,x\n2021-01-01T00:00:00,A,-7,-5.7\n2021-01-02T00:00:00,A,7,0.0\n2021-01-03T00:00:00,A,,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([n]) => wrapping("sub", n!.type, zeroWat(n!.type), n!.value),
    },
  }),
  defineFunction({
    name: "abs",
    signature: "abs<N: number>(n: N) -> N",
    family: "math",
    summary: "The distance of a number from zero; the least integer of a type wraps to itself.",
    parameters: { n: "A number." },
    nulls: NULLS,
    examples: [
      {
        tables: {
          Input: "time,key,n,x\n2021-01-01T00:00:00,A,7,5.7\n2021-01-02T00:00:00,A,-7,-0.5\n2021-01-03T00:00:00,A,,\n",
        },
        query: "{ n: abs(Input.n), x: abs(Input.x) }",
        result: "_time,_key,n,x\n2021-01-01T00:00:00,A,7,5.7\n2021-01-02T00:00:00,A,7,0.5\n2021-01-03T00:00:00,A,,\n",
      },
    ],
    evaluation: {
      kind: "row",
      nulls: "strict",
      wat: ([n]) => absolute(n!.type, n!.value),
    },
  }),
];

function binary(wat: (type: FenlType, a: Operand, b: Operand) => Wat): FunctionRecord["evaluation"] {
  return { kind: "row", nulls: "strict", wat: ([a, b]) => wat(a!.type, a!, b!) };
}

function absolute(type: FenlType, value: string): string {
  const representation = representationOf(type);
  if (isFloat(type)) return `(${representation}.abs ${value})`;
  if (signSuffix(type) === "u") return value;
  const negative = `(${representation}.lt_s ${value} ${zeroWat(type)})`;
  return `(select ${wrapping("sub", type, zeroWat(type), value)} ${value} ${negative})`;
}

/** True for a literal divisor by which the instruction cannot trap. */
function dividesSafely(divisor: Operand): boolean {
  const literal = divisor.literal;
  if (typeof literal !== "bigint" && typeof literal !== "number") return false;
  return Number(literal) !== 0 && Number(literal) !== -1;
}

function integerCall(operation: "div" | "rem", type: FenlType): string {
  return `$${operation}_${signSuffix(type) === "u" ? "u" : "i"}${representationOf(type).slice(1)}`;
}

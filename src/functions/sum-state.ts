import type { FenlType } from "../values/fenl-type.ts";
import { isUnsigned, representationOf } from "../values/fenl-type.ts";
import type { AggregateCall, AggregateEvaluation, Operand, StateAccess, StateSlot } from "./define.ts";
import { integerRange, isInteger, normalise, signSuffix, zeroWat } from "./numeric-wat.ts";

/**
 * The running sum. Integers saturate at every step, so the sum of a window is not the saturated sum of its parts'
 * sums; each part therefore also knows what it makes of any sum before it: x becomes `low` up to `start`, from there
 * it grows one for one, but not above `high`.
 */
export const sumEvaluation: AggregateEvaluation = {
  kind: "aggregate",
  slots: (call) => [
    { name: "total", representation: representationOf(call.input), initial: zeroWat(call.input) },
    { name: "filled", representation: "i32", initial: "(i32.const 0)" },
    ...(needsShape(call) ? shapeSlots(call.input) : []),
  ],
  update: (input, state, call) =>
    [
      state.set("total", addition(call.input, state.get("total"), input.value)),
      state.set("filled", "(i32.const 1)"),
      ...(needsShape(call) ? updateShape(input, state, call.input) : []),
    ].join("\n"),
  emit: (state) => ({ value: state.get("total"), valid: state.get("filled") }),
  combine: (into, from, call) =>
    isInteger(call.input) ? combineIntegers(into, from, call.input) : combineFloats(into, from, call.input),
};

function addition(type: FenlType, a: string, b: string): string {
  const representation = representationOf(type);
  if (!isInteger(type)) return normalise(type, `(${representation}.add ${a} ${b})`);
  if (type.kind === "u64") return `(call $add_sat_u64 ${a} ${b})`;
  if (type.kind === "i64") return saturatingSum(a, b);
  const { least, greatest } = integerRange(type);
  const wide = (wat: string) => `(i64.extend_i32_${signSuffix(type)} ${wat})`;
  const sum = `(i64.add ${wide(a)} ${wide(b)})`;
  return `(i32.wrap_i64 (call $clamp_i64 ${sum} (i64.const ${least}) (i64.const ${greatest})))`;
}

/** `$add_sat_i64` in line, for the innermost loops. */
function saturatingSum(a: string, b: string): string {
  const sum = `(i64.add ${a} ${b})`;
  const overflow = `(i64.lt_s (i64.and (i64.xor ${a} ${sum}) (i64.xor ${b} ${sum})) (i64.const 0))`;
  const limit = `(i64.xor (i64.shr_s ${a} (i64.const 63)) (i64.const 9223372036854775807))`;
  return `(select ${limit} ${sum} ${overflow})`;
}

function combineFloats(into: StateAccess, from: StateAccess, type: FenlType): string {
  return [
    into.set("total", normalise(type, `(${representationOf(type)}.add ${into.get("total")} ${from.get("total")})`)),
    into.set("filled", `(i32.or ${into.get("filled")} ${from.get("filled")})`),
  ].join("\n");
}

function needsShape(call: AggregateCall): boolean {
  return call.combining === true && isInteger(call.input);
}

function shapeSlots(type: FenlType): readonly StateSlot[] {
  const representation = representationOf(type);
  const { least, greatest } = integerRange(type);
  const constant = (value: bigint) => `(${representation}.const ${value})`;
  return [
    { name: "low", representation, initial: constant(least) },
    { name: "high", representation, initial: constant(greatest) },
    { name: "start", representation, initial: constant(least) },
  ];
}

function updateShape(input: Operand, state: StateAccess, type: FenlType): string[] {
  const representation = representationOf(type);
  const statements: string[] = [];
  if (!isUnsigned(type)) {
    const clipped = `(${representation}.sub ${addition(type, state.get("low"), input.value)} (${representation}.add ${state.get("low")} ${input.value}))`;
    const moved = normalise(type, `(${representation}.add ${state.get("start")} ${clipped})`);
    const negative = `(${representation}.lt_s ${input.value} ${zeroWat(type)})`;
    statements.push(state.set("start", `(select ${moved} ${state.get("start")} ${negative})`));
  }
  statements.push(
    state.set("low", addition(type, state.get("low"), input.value)),
    state.set("high", addition(type, state.get("high"), input.value)),
  );
  return statements;
}

/** Where `from` holds values: the total is what `from` makes of `into`'s, and the shape is `from`'s after `into`'s. */
function combineIntegers(into: StateAccess, from: StateAccess, type: FenlType): string {
  const representation = representationOf(type);
  const through = (value: string) => {
    const above = `(${representation}.sub ${value} ${from.get("start")})`;
    const room = `(${representation}.sub ${from.get("high")} ${from.get("low")})`;
    const grown = normalise(type, `(${representation}.add ${from.get("low")} ${above})`);
    const inside = `(select ${grown} ${from.get("high")} (${representation}.lt_u ${above} ${room}))`;
    const below = `(${representation}.le_${signSuffix(type)} ${value} ${from.get("start")})`;
    return `(select ${from.get("low")} ${inside} ${below})`;
  };
  return `(if ${from.get("filled")} (then
${into.set("total", through(into.get("total")))}
${into.set("filled", "(i32.const 1)")}
${into.set("start", combinedStart(into, from, type))}
${into.set("low", through(into.get("low")))}
${into.set("high", through(into.get("high")))}))`;
}

/** `into`'s start moves up by as much as its low end lies below `from`'s start. */
function combinedStart(into: StateAccess, from: StateAccess, type: FenlType): string {
  const representation = representationOf(type);
  const gap = `(${representation}.sub ${from.get("start")} ${into.get("low")})`;
  const moved = normalise(type, `(${representation}.add ${into.get("start")} ${gap})`);
  const below = `(${representation}.lt_${signSuffix(type)} ${into.get("low")} ${from.get("start")})`;
  return `(select ${moved} ${into.get("start")} ${below})`;
}

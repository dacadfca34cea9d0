import assert from "node:assert";
import { findFunction } from "../../src/functions/catalog.ts";
import type { AggregateCall, StateAccess, StateSlot } from "../../src/functions/define.ts";
import { callEvaluation } from "../../src/functions/evaluation.ts";
import { integerRange, isInteger } from "../../src/functions/numeric-wat.ts";
import { compareValues, equalityKey } from "../../src/functions/value-order.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import { representationOf } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { carrier, fromRaw, half, randomSource, sampleValues, toRaw } from "./sample-values.ts";
import { instantiate } from "./wat-module.ts";

type Fold = (values: readonly HostValue[], call: AggregateCall) => HostValue;

interface Machine {
  reset(state: number): void;
  update(state: number, value: HostValue, valid?: boolean): void;
  combine(into: number, from: number): void;
  emit(state: number): HostValue;
}

const NUMBERS: readonly ScalarKind[] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64"];
const ORDERED: readonly ScalarKind[] = [...NUMBERS, "bool", "timestamp_ns", "interval_days"];
const ANY: readonly ScalarKind[] = ["i32", "i64", "f64", "string", "bool", "timestamp_ns"];

function call(
  input: ScalarKind,
  result: ScalarKind,
  constants: readonly HostValue[],
  combining: boolean,
): AggregateCall {
  const type: FenlType = { kind: input };
  return {
    input: type,
    result: { kind: result },
    variables: { N: type, O: type, T: type, K: type },
    constants,
    combining,
  };
}

/** Three states of an aggregation kept in memory by a module made of its texts. */
async function machine(name: string, aggregate: AggregateCall): Promise<Machine> {
  const evaluation = callEvaluation(findFunction(name)!, aggregate);
  assert.ok(evaluation.kind === "aggregate", `${name} is aggregated in WebAssembly`);
  const slots = evaluation.slots(aggregate);
  const offsets = new Map<string, { offset: number; slot: StateSlot }>();
  let size = 0;
  for (const slot of slots) {
    offsets.set(slot.name, { offset: size, slot });
    size += 8 * (slot.length ?? 1);
  }
  const access = (address: string): StateAccess => {
    const at = (slotName: string) => {
      const found = offsets.get(slotName);
      assert.ok(found, `${name} has no state '${slotName}'`);
      return { place: `offset=${found.offset} ${address}`, representation: found.slot.representation, found };
    };
    const element = (slotName: string, index: string) => {
      const { representation, found } = at(slotName);
      assert.ok(found.slot.length);
      return { representation, place: `offset=${found.offset} (i32.add ${address} (i32.mul ${index} (i32.const 8)))` };
    };
    return {
      get: (slot) => `(${at(slot).representation}.load ${at(slot).place})`,
      set: (slot, value) => `(${at(slot).representation}.store ${at(slot).place} ${value})`,
      getAt: (slot, index) => `(${element(slot, index).representation}.load ${element(slot, index).place})`,
      setAt: (slot, index, value) =>
        `(${element(slot, index).representation}.store ${element(slot, index).place} ${value})`,
    };
  };
  const state = access("(local.get $state)");
  const representation = representationOf(aggregate.input);
  const input = { value: "(local.get $value)", valid: "(local.get $valid)", type: aggregate.input };
  const emitted = evaluation.emit(state, aggregate);
  const { value, valid } = typeof emitted === "string" ? { value: emitted, valid: "(i32.const 1)" } : emitted;
  const reset = slots.filter((slot) => slot.length === undefined).map((slot) => state.set(slot.name, slot.initial));
  const [into, from] = [access("(local.get $into)"), access("(local.get $from)")];
  const combine = aggregate.combining ? (evaluation.combine?.(into, from, aggregate) ?? "") : "";
  const module = await instantiate([
    `(func (export "reset") (param $state i32) ${reset.join(" ")})`,
    `(func (export "update") (param $state i32) (param $value ${representation}) (param $valid i32) ${evaluation.update(input, state, aggregate)})`,
    `(func (export "combine") (param $into i32) (param $from i32) ${combine})`,
    `(func (export "value") (param $state i32) (result ${representationOf(aggregate.result)}) ${value})`,
    `(func (export "valid") (param $state i32) (result i32) ${valid})`,
  ]);
  const address = (index: number) => index * size;
  return {
    reset: (index) => void module.reset!(address(index)),
    update: (index, item, isValid = true) => {
      const nothing = representation === "i64" ? 0n : 0;
      module.update!(address(index), item === null ? nothing : toRaw(item), Number(isValid));
    },
    combine: (into, from) => void module.combine!(address(into), address(from)),
    emit: (index) =>
      module.valid!(address(index)) === 1 ? fromRaw(aggregate.result, module.value!(address(index))) : null,
  };
}

/** The same in TypeScript. */
function hostMachine(name: string, aggregate: AggregateCall): Machine {
  const evaluation = callEvaluation(findFunction(name)!, aggregate);
  assert.ok(evaluation.kind === "host-aggregate", `${name} is aggregated in TypeScript`);
  const states: unknown[] = [];
  return {
    reset: (index) => {
      states[index] = evaluation.start(aggregate);
    },
    update: (index, value) => evaluation.update(states[index], value, aggregate),
    combine: (into, from) => evaluation.combine(states[into], states[from], aggregate),
    emit: (index) => evaluation.emit(states[index], aggregate),
  };
}

function assertClose(actual: HostValue, expected: HostValue, scale: number, message: string): void {
  if (
    typeof actual === "number" &&
    typeof expected === "number" &&
    Number.isFinite(actual) &&
    Number.isFinite(expected)
  ) {
    assert.ok(Math.abs(actual - expected) <= 1e-9 * scale, `${message}: ${actual} is not ${expected}`);
  } else assert.deepStrictEqual(actual, expected, message);
}

/** Feeds sequences to the machine, and every split of them into two and three states that are then combined. */
function check(
  machines: Machine,
  fold: Fold,
  aggregate: AggregateCall,
  samples: readonly HostValue[],
  combines: boolean,
): void {
  const random = randomSource(11);
  for (let run = 0; run < 60; run++) {
    const length = random() % 7;
    const values = Array.from({ length }, () => samples[random() % samples.length]!);
    const scale = values.reduce<number>((sum, value) => sum + Math.min(Number(value) ** 2 || 0, 1e300), 1);
    machines.reset(0);
    for (let count = 0; count <= length; count++) {
      const expected = fold(values.slice(0, count), aggregate);
      assertClose(machines.emit(0), expected, scale, `${values.slice(0, count).join(", ")} of ${aggregate.input.kind}`);
      if (count < length) machines.update(0, values[count]!);
    }
    if (!combines) continue;
    const cuts = [random() % (length + 1), random() % (length + 1)].sort((a, b) => a - b) as [number, number];
    const parts = [values.slice(0, cuts[0]), values.slice(cuts[0], cuts[1]), values.slice(cuts[1])];
    const expected = fold(values, aggregate);
    for (const order of [
      [0, 1, 2],
      [1, 2, 0],
    ]) {
      for (const [index, part] of parts.entries()) {
        machines.reset(index);
        for (const value of part) machines.update(index, value);
      }
      // (a + b) + c, and a + (b + c).
      if (order[0] === 0) {
        machines.combine(0, 1);
        machines.combine(0, 2);
      } else {
        machines.combine(1, 2);
        machines.combine(0, 1);
      }
      const text = parts.map((part) => `[${part.join(", ")}]`).join(" + ");
      assertClose(machines.emit(0), expected, scale, `${text} of ${aggregate.input.kind}`);
    }
  }
}

const moderate = (type: FenlType) =>
  sampleValues(type, 40).filter((value) => typeof value !== "number" || Math.abs(value) < 1e6 || Number.isNaN(value));

const sum: Fold = (values, { input }) => {
  if (values.length === 0) return null;
  if (!isInteger(input)) {
    const round = (x: number) => (input.kind === "f64" ? x : input.kind === "f32" ? Math.fround(x) : half(x));
    return values.reduce<number>((total, value) => round(total + (value as number)), 0);
  }
  const { least, greatest } = integerRange(carrier(input));
  let total = 0n;
  for (const value of values) {
    total += BigInt(value as number);
    total = total < least ? least : total > greatest ? greatest : total;
  }
  return representationOf(input) === "i64" ? total : Number(total);
};

const extreme =
  (sign: number): Fold =>
  (values, { input }) =>
    values
      .filter((value) => !Number.isNaN(value))
      .reduce<HostValue>(
        (best, value) => (best === null || compareValues(input, value, best) * sign > 0 ? value : best),
        null,
      );

const average = (values: readonly HostValue[]) =>
  values.reduce<number>((total, value) => total + Number(value), 0) / values.length;

const variance: Fold = (values) => {
  if (values.length < 2) return null;
  const mean = average(values);
  return values.reduce<number>((total, value) => total + (Number(value) - mean) ** 2, 0) / values.length;
};

const quantile =
  (fraction: number): Fold =>
  (values) => {
    const sorted = values.map(Number).filter((value) => !Number.isNaN(value));
    sorted.sort((a, b) => a - b);
    if (sorted.length === 0) return null;
    const place = fraction * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return below + (above - below) * (place % 1);
  };

const weightedMean =
  (alpha: number): Fold =>
  (values) => {
    if (values.length === 0) return null;
    const weights = values.map((_, index) => (1 - alpha) ** (values.length - 1 - index));
    const total = values.reduce<number>((partial, value, index) => partial + Number(value) * weights[index]!, 0);
    return total / weights.reduce((a, b) => a + b);
  };

describe("aggregations", () => {
  it("count and count_if", async () => {
    for (const kind of ANY) {
      const aggregate = call(kind, "u32", [], true);
      const samples = kind === "string" ? [1, 2, 3] : sampleValues({ kind }, 10);
      check(await machine("count", aggregate), (values) => values.length, aggregate, samples, true);
    }
    const aggregate = call("bool", "u32", [], true);
    check(
      await machine("count_if", aggregate),
      (values) => values.filter((v) => v === true).length,
      aggregate,
      [true, false],
      true,
    );
  });

  it("sum saturates integers at every step, in windows as well", async () => {
    for (const kind of NUMBERS) {
      for (const combining of [false, true]) {
        const aggregate = call(kind, kind, [], combining);
        const samples = kind.startsWith("f")
          ? moderate({ kind }).filter((v) => !Number.isNaN(v))
          : sampleValues({ kind }, 20);
        // Additions of half floats round too coarsely to be the same in another order.
        check(await machine("sum", aggregate), sum, aggregate, samples, combining && kind !== "f16");
      }
    }
  });

  it("min and max ignore NaN", async () => {
    for (const kind of ORDERED) {
      for (const [name, sign] of [
        ["min", -1],
        ["max", 1],
      ] as const) {
        const aggregate = call(kind, kind, [], true);
        check(await machine(name, aggregate), extreme(sign), aggregate, sampleValues({ kind }, 20), true);
      }
    }
  });

  it("mean, variance and stddev", async () => {
    for (const kind of NUMBERS) {
      const aggregate = call(kind, "f64", [], true);
      const samples = moderate({ kind }).filter(
        (value) => typeof value !== "bigint" || (value < 10n ** 9n && value > -(10n ** 9n)),
      );
      check(
        await machine("mean", aggregate),
        (values) => (values.length ? average(values) : null),
        aggregate,
        samples,
        true,
      );
      check(await machine("variance", aggregate), variance, aggregate, samples, true);
      const deviation: Fold = (values, aggregateCall) => {
        const result = variance(values, aggregateCall);
        return result === null ? null : Math.sqrt(result as number);
      };
      check(await machine("stddev", aggregate), deviation, aggregate, samples, true);
    }
  });

  it("mean and variance of the reference's examples", async () => {
    const values = [50.7, 1.2];
    const spread = await machine("variance", call("f64", "f64", [], false));
    spread.reset(0);
    for (const value of values) spread.update(0, value);
    assert.strictEqual(spread.emit(0), 612.5625000000001);
    const total = await machine("sum", call("f64", "f64", [], false));
    total.reset(0);
    for (const value of values) total.update(0, value);
    assert.strictEqual(total.emit(0), 51.900000000000006);
  });

  it("ewm_mean weighs older values less", async () => {
    for (const alpha of [0.01, 0.5, 1]) {
      const aggregate = call("f64", "f64", [alpha], true);
      check(await machine("ewm_mean", aggregate), weightedMean(alpha), aggregate, moderate({ kind: "f64" }), true);
    }
  });

  it("first and last keep values with their validity", async () => {
    for (const kind of ANY) {
      const aggregate = call(kind, kind, [], true);
      const samples = kind === "string" ? [1, 2, 3] : sampleValues({ kind }, 10);
      check(await machine("first", aggregate), (values) => values[0] ?? null, aggregate, samples, true);
      check(await machine("last", aggregate), (values) => values.at(-1) ?? null, aggregate, samples, true);
    }
    for (const [name, expected] of [
      ["first", null],
      ["last", 7],
    ] as const) {
      const kept = await machine(name, call("i32", "i32", [], false));
      kept.reset(0);
      kept.update(0, 5, false);
      assert.strictEqual(kept.emit(0), null, "a null field of the first record");
      kept.update(0, 7);
      assert.strictEqual(kept.emit(0), expected);
    }
  });

  it("lag gives the value n before", async () => {
    for (const n of [0, 1, 2, 5]) {
      const aggregate = call("i64", "i64", [BigInt(n)], false);
      const samples = sampleValues({ kind: "i64" }, 10);
      check(
        await machine("lag", aggregate),
        (values) => values[values.length - 1 - n] ?? null,
        aggregate,
        samples,
        false,
      );
    }
    const fields = await machine("lag", call("f64", "f64", [1n], false));
    fields.reset(0);
    fields.update(0, 1.5);
    fields.update(0, 2.5, false);
    assert.strictEqual(fields.emit(0), 1.5);
    fields.update(0, 3.5);
    assert.strictEqual(fields.emit(0), null, "a null field of the record before");
  });

  it("count_distinct, median and percentile", () => {
    for (const kind of ["i64", "f64", "bool", "u8"] as const) {
      const samples = sampleValues({ kind }, 5);
      const distinct: Fold = (values) => new Set(values.map((value) => equalityKey({ kind }, value))).size;
      const counting = call(kind, "u32", [], true);
      check(hostMachine("count_distinct", counting), distinct, counting, samples, true);
      if (kind === "bool") continue;
      const middle = call(kind, "f64", [], true);
      check(hostMachine("median", middle), quantile(0.5), middle, moderate({ kind }), true);
      const high = call(kind, "f64", [0.9], true);
      check(hostMachine("percentile", high), quantile(0.9), high, moderate({ kind }), true);
    }
  });
});

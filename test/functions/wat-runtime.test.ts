import assert from "node:assert";
import { hostMath, watRuntime } from "../../src/functions/wat-runtime.ts";
import { civilFromDays, daysFromCivil, daysInMonth, floorDivide } from "../../src/values/calendar.ts";
import { hashValue } from "../../src/values/key-hash.ts";
import { half, sampleValues } from "./sample-values.ts";
import { instantiate } from "./wat-module.ts";

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

const wides = sampleValues({ kind: "i64" }, 300) as readonly bigint[];
const narrows = sampleValues({ kind: "i32" }, 200) as readonly number[];
const times: readonly bigint[] = [
  ...wides,
  ...[
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z",
    "2000-02-29T12:00:00Z",
    "1900-03-01T00:00:00Z",
    "2100-02-28T23:59:59Z",
  ].map((text) => BigInt(Date.parse(text)) * 1_000_000n),
  ...Array.from({ length: 60 }, (_, month) => BigInt(Date.UTC(1968, month, 1)) * 1_000_000n),
  ...Array.from({ length: 60 }, (_, month) => BigInt(Date.UTC(1968, month, 1)) * 1_000_000n - 1n),
];

/** A few pairs for each value, so that two lists are not multiplied out. */
function pairs<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  return first.flatMap((a, index): [A, B][] =>
    [7, 31, 101].map((step) => [a, second[(index * step + step) % second.length]!]),
  );
}

function fields(t: bigint) {
  const day = floorDivide(t, DAY);
  return { day: Number(day), rest: t - day * DAY, ...civilFields(Number(day)) };
}

function civilFields(day: number) {
  const { year, month, day: dayOfMonth } = civilFromDays(day);
  return { year, month, dayOfMonth };
}

describe("runtime of compiled queries", () => {
  let runtime: Awaited<ReturnType<typeof instantiate>>;
  before(async () => {
    runtime = await instantiate([], true);
  });

  it("names each function as its text does, and nothing traps for any bits", () => {
    assert.ok(Object.keys(watRuntime).length > 40);
    for (const [name, text] of Object.entries(watRuntime)) {
      const kinds = [...text.slice(0, text.indexOf("(result")).matchAll(/\(param \$\w+ (\w+)\)/g)].map(
        (match) => match[1],
      );
      const samples = { i32: narrows, i64: times, f32: [0, NaN, Infinity, 1e30], f64: [0, NaN, -Infinity, 1e300] };
      for (let index = 0; index < 400; index++) {
        const values = kinds.map((kind, place) => {
          const list = samples[kind as keyof typeof samples] as readonly (number | bigint)[];
          return list[(index * (place * 13 + 7)) % list.length]!;
        });
        assert.doesNotThrow(() => runtime[name.slice(1)]!(...values), `${name}(${values.join(", ")})`);
      }
    }
  });

  it("divides 64-bit integers", () => {
    for (const [a, b] of [...pairs(wides, wides), [LEAST, -1n] as const, [LEAST, 0n] as const]) {
      const quotient = b === 0n ? 0n : a / b;
      assert.strictEqual(runtime.div_i64!(a, b), BigInt.asIntN(64, quotient), `${a} / ${b}`);
      assert.strictEqual(runtime.rem_i64!(a, b), b === 0n ? 0n : a % b);
      const [ua, ub] = [BigInt.asUintN(64, a), BigInt.asUintN(64, b)];
      assert.strictEqual(runtime.div_u64!(a, b), BigInt.asIntN(64, ub === 0n ? 0n : ua / ub));
      assert.strictEqual(runtime.rem_u64!(a, b), BigInt.asIntN(64, ub === 0n ? 0n : ua % ub));
      if (b > 0n) assert.strictEqual(runtime.floor_div_i64!(a, b), floorDivide(a, b));
    }
  });

  it("divides 32-bit integers", () => {
    for (const [a, b] of [...pairs(narrows, narrows), [-(2 ** 31), -1] as const, [5, 0] as const]) {
      assert.strictEqual(runtime.div_i32!(a, b), b === 0 ? 0 : Math.trunc(a / b) | 0, `${a} / ${b}`);
      assert.strictEqual(runtime.rem_i32!(a, b), b === 0 ? 0 : (a % b) | 0);
      assert.strictEqual(runtime.div_u32!(a, b), b === 0 ? 0 : Math.trunc((a >>> 0) / (b >>> 0)) | 0);
      assert.strictEqual(runtime.rem_u32!(a, b), b === 0 ? 0 : ((a >>> 0) % (b >>> 0)) | 0);
    }
  });

  it("adds with saturation", () => {
    for (const [a, b] of pairs(wides, wides)) {
      const sum = a + b;
      const limited = sum < LEAST ? LEAST : sum > GREATEST ? GREATEST : sum;
      assert.strictEqual(runtime.add_sat_i64!(a, b), limited);
      assert.strictEqual(runtime.add_fits_i64!(a, b), Number(limited === sum));
      const unsigned = BigInt.asUintN(64, a) + BigInt.asUintN(64, b);
      const most = 2n ** 64n - 1n;
      assert.strictEqual(BigInt.asUintN(64, runtime.add_sat_u64!(a, b) as bigint), unsigned > most ? most : unsigned);
    }
  });

  it("rounds floats", () => {
    for (const x of sampleValues({ kind: "f64" }, 2000) as readonly number[]) {
      const whole = Math.trunc(x);
      const rounded = Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
      assert.strictEqual(runtime.round_f64!(x), Number.isFinite(x) ? rounded : x, `round(${x})`);
    }
    for (const x of sampleValues({ kind: "f32" }, 2000) as readonly number[]) {
      const whole = Math.trunc(x);
      const rounded = Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
      assert.strictEqual(runtime.round_f32!(x), Number.isFinite(x) ? rounded : x, `round(${x})`);
      assert.strictEqual(runtime.round_f16!(x), half(x), `half(${x})`);
    }
  });

  it("takes powers as IEEE 754 defines them", () => {
    assert.strictEqual(runtime.pow_f64!(1, NaN), 1);
    assert.strictEqual(runtime.pow_f64!(-1, Infinity), 1);
    assert.strictEqual(runtime.pow_f64!(5.7, 1.2), 8.073276500106656);
    assert.strictEqual(runtime.exp_f64!(5.7), 298.8674009670603);
    assert.strictEqual(runtime.log_f64!(1), 0);
    assert.strictEqual(runtime.mod_f64!(-7, 2.5), -2);
    assert.deepStrictEqual(Object.keys(hostMath).sort(), ["exp", "log", "mod", "pow"]);
  });

  it("hashes as the keys of tables are hashed", () => {
    for (const value of wides) {
      assert.strictEqual(BigInt.asUintN(64, runtime.hash_word!(value) as bigint), hashValue({ kind: "i64" }, value));
    }
  });

  it("reads the fields of times", () => {
    for (const t of times) {
      const { day, rest, year, month, dayOfMonth } = fields(t);
      const date = new Date(day * 86_400_000);
      assert.deepStrictEqual(
        [year, month, dayOfMonth],
        [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
      );
      assert.strictEqual(runtime.year!(t), year, `${t}`);
      assert.strictEqual(runtime.month_of_year!(t), month);
      assert.strictEqual(runtime.day_of_month!(t), dayOfMonth);
      assert.strictEqual(runtime.day_of_year!(t), day - daysFromCivil(year, 1, 1) + 1);
      assert.strictEqual(runtime.day_of_week!(t), date.getUTCDay() || 7);
      assert.strictEqual(runtime.hour!(t), Number(rest / (3600n * SECOND)));
      assert.strictEqual(runtime.minute!(t), Number((rest / (60n * SECOND)) % 60n));
      assert.strictEqual(runtime.second!(t), Number((rest / SECOND) % 60n));
    }
  });

  it("measures from one time to another", () => {
    for (const [a, b] of pairs(times, times)) {
      for (const unit of [SECOND, DAY])
        assert.strictEqual(runtime.whole_between!(a, b, unit), (b - a) / unit, `${a} to ${b}`);
      const months = (t: bigint) => fields(t).year * 12 + fields(t).month;
      assert.strictEqual(runtime.months_between!(a, b), months(b) - months(a));
    }
  });

  it("adds months on the calendar", () => {
    for (const [t, months] of pairs(times, [...narrows, 1, -1, 12, 13, -11, 2400, 3500, -3500])) {
      const { year, month, dayOfMonth, rest } = fields(t);
      const target = year * 12 + month - 1 + months;
      const [newYear, newMonth] = [Math.floor(target / 12), (((target % 12) + 12) % 12) + 1];
      const day = Math.min(dayOfMonth, daysInMonth(newYear, newMonth));
      const moved = BigInt(daysFromCivil(newYear, newMonth, day)) * DAY + rest;
      const fits = moved >= LEAST && moved <= GREATEST;
      assert.strictEqual(runtime.add_months_fits!(t, months), Number(fits), `${t} + ${months} months`);
      if (fits) assert.strictEqual(runtime.add_months!(t, months), moved, `${t} + ${months} months`);
    }
  });

  it("finds the boundaries of ticks", () => {
    const steps = { minutely: 60n, hourly: 3600n, daily: 86_400n, weekly: 7n * 86_400n };
    const monday = 4n * DAY;
    for (const t of times) {
      for (const [unit, seconds] of Object.entries(steps)) {
        const step = seconds * SECOND;
        const offset = unit === "weekly" ? monday : 0n;
        const boundary = -floorDivide(-(t - offset), step) * step + offset;
        const limited = boundary > GREATEST ? GREATEST : boundary;
        assert.strictEqual(runtime[`tick_ceil_${unit}`]!(t), limited, `${unit} ${t}`);
        const next = boundary + step > GREATEST ? GREATEST : boundary + step;
        if (boundary <= GREATEST) assert.strictEqual(runtime[`tick_next_${unit}`]!(boundary), next);
      }
      for (const [unit, months] of [
        ["monthly", 1],
        ["yearly", 12],
      ] as const) {
        const { year, month } = fields(t);
        const start = (index: number) => BigInt(daysFromCivil(Math.floor(index / 12), (index % 12) + 1, 1)) * DAY;
        const first = unit === "monthly" ? year * 12 + month - 1 : year * 12;
        const boundary = start(first) === t ? t : start(first + months);
        const limited = boundary > GREATEST ? GREATEST : boundary;
        assert.strictEqual(runtime[`tick_ceil_${unit}`]!(t), limited, `${unit} ${t}`);
        const following = start((start(first) === t ? first : first + months) + months);
        const next = following > GREATEST ? GREATEST : following;
        if (boundary <= GREATEST)
          assert.strictEqual(runtime[`tick_next_${unit}`]!(boundary), next, `${unit} ${boundary}`);
      }
    }
  });
});

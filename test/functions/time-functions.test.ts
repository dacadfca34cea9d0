import assert from "node:assert";
import { findFunction } from "../../src/functions/catalog.ts";
import { castValue } from "../../src/functions/value-cast.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import { representationOf } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { formatTimestamp, parseTimestamp } from "../../src/values/timestamp.ts";
import { fromRaw, sampleValues, toRaw } from "./sample-values.ts";
import { instantiate, watFunction } from "./wat-module.ts";

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

/** A row function as a TypeScript function: null where it is not valid. */
async function compiled(name: string, parameters: readonly ScalarKind[], result: ScalarKind) {
  const evaluation = findFunction(name)!.evaluation;
  assert.ok(typeof evaluation !== "function" && evaluation.kind === "row");
  const types = parameters.map((kind): FenlType => ({ kind }));
  const operands = types.map((type, index) => ({ value: `(local.get $p${index})`, valid: "(i32.const 1)", type }));
  const wat = evaluation.wat(operands, { result: { kind: result }, variables: { D: types[0]! } });
  const { value, valid } = typeof wat === "string" ? { value: wat, valid: "(i32.const 1)" } : wat;
  const representations = types.map(representationOf);
  const module = await instantiate([
    watFunction("value", representations, representationOf({ kind: result }), value),
    watFunction("valid", representations, "i32", valid),
  ]);
  return (...values: HostValue[]): HostValue => {
    const raw = values.map(toRaw);
    return module.valid!(...raw) === 1 ? fromRaw({ kind: result }, module.value!(...raw)) : null;
  };
}

function time(text: string): bigint {
  const parsed = parseTimestamp(text);
  assert.ok(parsed !== null, text);
  return parsed;
}

describe("functions of time", () => {
  it("make lengths of time, or null where they do not fit", async () => {
    const cases: [string, ScalarKind, bigint, bigint, bigint][] = [
      ["seconds", "duration_s", 1n, LEAST, GREATEST],
      ["minutes", "duration_s", 60n, LEAST, GREATEST],
      ["hours", "duration_s", 3600n, LEAST, GREATEST],
      ["days", "interval_days", 1n, 0n, 2n ** 31n - 1n],
      ["weeks", "interval_days", 7n, 0n, 2n ** 31n - 1n],
      ["months", "interval_months", 1n, -(2n ** 31n), 2n ** 31n - 1n],
    ];
    for (const [name, result, factor, least, greatest] of cases) {
      const length = await compiled(name, ["i64"], result);
      const edges = [least / factor, greatest / factor, greatest / factor + 1n].filter(
        (n) => n >= LEAST && n <= GREATEST,
      );
      for (const count of [...(sampleValues({ kind: "i64" }, 200) as readonly bigint[]), ...edges]) {
        const product = count * factor;
        const fits = product >= least && product <= greatest;
        const actual = length(count);
        assert.strictEqual(
          actual === null ? null : BigInt(actual as number),
          fits ? product : null,
          `${name}(${count})`,
        );
      }
    }
  });

  it("add durations and days to times, or give null outside of the range of times", async () => {
    const units: [ScalarKind, bigint][] = [
      ["duration_s", 1_000_000_000n],
      ["duration_ms", 1_000_000n],
      ["duration_us", 1000n],
      ["duration_ns", 1n],
      ["interval_days", 86_400_000_000_000n],
    ];
    const times = sampleValues({ kind: "timestamp_ns" }, 60, 3) as readonly bigint[];
    for (const [kind, unit] of units) {
      const add = await compiled("add_time", [kind, "timestamp_ns"], "timestamp_ns");
      for (const delta of sampleValues({ kind }, 60, 5) as readonly (bigint | number)[]) {
        for (const t of times) {
          const moved = t + BigInt(delta) * unit;
          assert.strictEqual(
            add(delta, t),
            moved < LEAST || moved > GREATEST ? null : moved,
            `${t} + ${delta} ${kind}`,
          );
        }
      }
    }
  });

  it("add months on the calendar", async () => {
    const add = await compiled("add_time", ["interval_months", "timestamp_ns"], "timestamp_ns");
    const cases: [string, number, string][] = [
      ["2021-01-31T08:00:00", 1, "2021-02-28T08:00:00"],
      ["2020-01-31T08:00:00", 1, "2020-02-29T08:00:00"],
      ["2021-03-31T23:59:59.999999999", -1, "2021-02-28T23:59:59.999999999"],
      ["1969-12-31T00:00:00", 2, "1970-02-28T00:00:00"],
      ["1970-01-15T12:00:00", -25, "1967-12-15T12:00:00"],
      ["2000-02-29T00:00:00", 1200, "2100-02-28T00:00:00"],
    ];
    for (const [from, months, to] of cases) {
      const moved = add(months, time(from));
      assert.ok(typeof moved === "bigint");
      assert.strictEqual(formatTimestamp(moved), formatTimestamp(time(to)), `${from} + ${months} months`);
    }
    assert.strictEqual(add(12 * 300, time("2000-01-01")), null);
    assert.strictEqual(add(2 ** 31 - 1, time("2000-01-01")), null);
    assert.strictEqual(add(-(2 ** 31), time("2000-01-01")), null);
  });

  it("measure as the reference's table says", async () => {
    const table: [string, string, bigint, number, number][] = [
      ["1996-03-21", "1996-08-19", 13046400n, 151, 5],
      ["1996-05-21T23:00:00", "1996-05-22T00:00:00", 3600n, 0, 0],
      ["1996-06-21", "1996-06-19T05:00:00", -154800n, -1, 0],
      ["1996-04-21", "1995-07-20", -23846400n, -276, -9],
    ];
    const seconds = await compiled("seconds_between", ["timestamp_ns", "timestamp_ns"], "duration_s");
    const days = await compiled("days_between", ["timestamp_ns", "timestamp_ns"], "interval_days");
    const months = await compiled("months_between", ["timestamp_ns", "timestamp_ns"], "interval_months");
    for (const [t1, t2, ...expected] of table) {
      const measured = [seconds, days, months].map((measure) => measure(time(t1), time(t2)));
      assert.deepStrictEqual(measured, expected, `${t1} to ${t2}`);
    }
    assert.strictEqual(seconds(LEAST, GREATEST), (GREATEST - LEAST) / 1_000_000_000n);
    assert.strictEqual(days(GREATEST, LEAST), Number((LEAST - GREATEST) / 86_400_000_000_000n));
  });

  it("read calendar fields of the reference's example", async () => {
    const day = time("1996-08-21");
    const fields: [string, ScalarKind, number][] = [
      ["day_of_month", "u32", 21],
      ["day_of_month0", "u32", 20],
      ["day_of_year", "u32", 234],
      ["day_of_year0", "u32", 233],
      ["month_of_year", "u32", 8],
      ["month_of_year0", "u32", 7],
      ["year", "i32", 1996],
      ["day_of_week", "u32", 3],
      ["hour", "u32", 0],
    ];
    for (const [name, result, expected] of fields) {
      const field = await compiled(name, ["timestamp_ns"], result);
      assert.strictEqual(field(day), expected, name);
    }
    const hour = await compiled("hour", ["timestamp_ns"], "u32");
    assert.strictEqual(hour(-1n), 23);
    assert.strictEqual(castValue({ kind: "timestamp_ns" }, { kind: "date32" }, -1n), -1);
  });
});

import fc from "fast-check";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { OracleEvent, OracleTable } from "../oracle/tables.ts";
import type { Value } from "../oracle/value.ts";

const MINUTE = 60_000_000_000n;

/** Shortly before a new year, before 1970, and before a leap day, so that every calendar boundary can fall among the events. */
const STARTS = [1640984400000000000n, -5400000000000n, 1582920000000000000n];

const NAMES = ["a", "b", "Ünï☃", ""];
const NUMBERS = [1n, 2n, -(2n ** 63n)];

interface ColumnSource {
  readonly name: string;
  readonly type: FenlType;
  readonly value: fc.Arbitrary<Value>;
}

function orNull(value: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) });
}

function oneOf(...values: Value[]): fc.Arbitrary<Value> {
  return fc.constantFrom<Value>(...values);
}

function column(name: string, kind: string, value: fc.Arbitrary<Value>): ColumnSource {
  return { name, type: { kind } as FenlType, value: orNull(value) };
}

const small = fc.bigInt({ min: -4n, max: 12n }) as fc.Arbitrary<Value>;
const integers = fc.oneof(
  { weight: 8, arbitrary: small },
  { weight: 1, arbitrary: oneOf(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 4294967296n) },
);
const floats = oneOf(0, 0.5, 1.5, -2.25, 3, 4.75, 10, -7.5, 2);
const texts = oneOf("", "a", "b", "Zoë", "Ünï☃", "𝄞x", "10", "true", " hi ", "2022-01-01");
const times = fc.tuple(fc.constantFrom(...STARTS), fc.integer({ min: -3, max: 50 })).map(([start, steps]): Value => {
  return start + BigInt(steps) * 10n * MINUTE;
});
const documents = oneOf('{"a": 1, "b": "x"}', '{"a": 2.50}', '{"b": {"c": [1, 2]}}', "{a: 1}", "null", '{"a":null}');

/** The columns of the tables that queries are written for: A and B share a grouping, C is of another. */
const COLUMNS: Readonly<Record<string, readonly ColumnSource[]>> = {
  A: [
    column("i", "i64", integers),
    column("x", "f64", floats),
    column("b", "bool", fc.boolean()),
    column("s", "string", texts),
    column("t", "timestamp_ns", times),
    column("f", "i64", oneOf(...NUMBERS, 7n)),
    column("j", "string", documents),
    {
      name: "l",
      type: { kind: "list", item: { kind: "i64" } },
      value: orNull(fc.array(orNull(small), { maxLength: 3 })),
    },
    {
      name: "d",
      type: { kind: "map", key: { kind: "string" }, value: { kind: "i64" } },
      value: orNull(
        fc.uniqueArray(fc.tuple(oneOf("a", "b"), orNull(small)), {
          maxLength: 2,
          selector: ([key]) => key,
        }) as fc.Arbitrary<Value>,
      ),
    },
  ],
  B: [
    column("i", "i64", integers),
    column("x", "f64", floats),
    column("b", "bool", fc.boolean()),
    column("s", "string", texts),
    column("m", "i32", oneOf(0n, 1n, -5n, 7n, 2147483647n, -2147483648n)),
    column("u", "u64", oneOf(0n, 1n, 9n, 2n ** 64n - 1n, 2n ** 63n)),
    column("w", "u8", oneOf(0n, 1n, 200n, 255n)),
    column(
      "z",
      "f64",
      oneOf(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 5e-324, 0.1),
    ),
    column("q", "f32", oneOf(0, 0.5, Math.fround(0.1), 16777216, Number.NaN)),
  ],
  C: [
    column("i", "i64", integers),
    column("x", "f64", floats),
    column("b", "bool", fc.boolean()),
    column("s", "string", texts),
    column("k", "string", oneOf(...NAMES, "nobody")),
  ],
};

function event(name: string, start: bigint): fc.Arbitrary<OracleEvent> {
  const keys = name === "C" ? NUMBERS : NAMES;
  return fc
    .record({
      steps: fc.integer({ min: 0, max: 40 }),
      odd: fc.oneof({ weight: 9, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: fc.constant(1n) }),
      subsort: fc.bigInt({ min: 0n, max: 3n }),
      key: fc.oneof({ weight: 2, arbitrary: fc.constant(keys[0]!) }, fc.constantFrom<Value>(...keys)),
      values: fc.tuple(...COLUMNS[name]!.map(({ value }) => value)),
    })
    .map(({ steps, odd, subsort, key, values }): OracleEvent => {
      const time = start + BigInt(steps) * 10n * MINUTE + odd;
      return { time, subsort, key, values: [time, key, ...values] };
    });
}

function table(name: string, start: bigint, least: number, most: number): fc.Arbitrary<OracleTable> {
  const number = name === "C";
  const keyType: FenlType = { kind: number ? "i64" : "string" };
  const columns = [
    { name: "time", type: { kind: "timestamp_ns" } as FenlType },
    { name: "key", type: keyType },
    ...COLUMNS[name]!.map(({ name, type }) => ({ name, type })),
  ];
  return fc.array(event(name, start), { minLength: least, maxLength: most, size: "max" }).map((rows) => ({
    name,
    grouping: number ? "h" : "g",
    keyType,
    timeColumn: "time",
    keyColumn: "key",
    columns,
    rows,
  }));
}

/** Random rows for the tables A, B and C. */
export const randomTables = tablesOf(0, 8);

/** So many that some things are done for all of them at once. */
export const longTables = tablesOf(150, 200);

/** The same where no two rows of a table are at one place, as those of two tables often are, and with more entities. */
export const distinctTables = tablesOf(60, 120).map((tables) => tables.map(distinctRows));

function distinctRows(table: OracleTable): OracleTable {
  const rows = table.rows.map((row) => {
    if (typeof row.key !== "string") return row;
    const [time, , ...values] = row.values;
    const key = `${row.key}${(row.time / MINUTE) % 7n}`;
    return { ...row, key, values: [time!, key, ...values] };
  });
  return { ...table, rows: [...new Map(rows.map((row) => [`${row.key} ${row.time} ${row.subsort}`, row])).values()] };
}

function tablesOf(least: number, most: number): fc.Arbitrary<readonly OracleTable[]> {
  return fc
    .constantFrom(...STARTS)
    .chain((start) => fc.tuple(...["A", "B", "C"].map((name) => table(name, start, least, most))));
}

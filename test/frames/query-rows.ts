import type { QueryRows, RowSetColumn } from "../../src/execute/rows/row-set.ts";
import { type FenlType, representationOf } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

/** A column as the engine hands it over: typed values with a validity byte, codes for what is kept outside. */
export function column(name: string, type: FenlType, values: readonly HostValue[]): RowSetColumn {
  const valid = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  if (["string", "large_string", "json", "list", "map", "record"].includes(type.kind)) {
    const dictionary: HostValue[] = ["never used", ...values.filter((value) => value !== null)];
    let next = 1;
    return { name, type, values: Int32Array.from(values, (value) => (value === null ? 0 : next++)), valid, dictionary };
  }
  const numbers = values.map((value) => (typeof value === "boolean" ? Number(value) : value));
  switch (representationOf(type)) {
    case "i64":
      return {
        name,
        type,
        values: BigInt64Array.from(numbers, (value) => BigInt.asIntN(64, (value ?? 99n) as bigint)),
        valid,
      };
    case "f64":
      return { name, type, values: Float64Array.from(numbers, (value) => (value ?? 99) as number), valid };
    case "f32":
      return { name, type, values: Float32Array.from(numbers, (value) => (value ?? 99) as number), valid };
    case "i32":
      return { name, type, values: Int32Array.from(numbers, (value) => (value ?? 99) as number), valid };
  }
}

/** An answer with the given fields; entities `e0`, `e1` ... a second apart unless `time` says otherwise. */
export function queryRows(rows: number, columns: readonly RowSetColumn[], time?: readonly bigint[]): QueryRows {
  const indexes = Array.from({ length: rows }, (_, row) => row);
  return {
    rows: {
      rows,
      keyHash: BigUint64Array.from(indexes, (row) => 0xffff_ffff_ffff_fff0n + BigInt(row)),
      time: BigInt64Array.from(
        indexes,
        (row) => time?.[row] ?? 1_640_995_200_000_000_000n + BigInt(row) * 1_000_000_000n,
      ),
      subsort: BigUint64Array.from(indexes, (row) => 0xffff_ffff_0000_0000n + BigInt(row)),
      columns,
    },
    key: column(
      "_key",
      { kind: "string" },
      indexes.map((row) => `e${row}`),
    ),
  };
}

const stringType: FenlType = { kind: "string" };

/** One column of every type that a result can have, three rows each: extremes, ordinary values, nulls. */
export function everyType(): RowSetColumn[] {
  const list: FenlType = { kind: "list", item: { kind: "i64" } };
  const map: FenlType = { kind: "map", key: stringType, value: { kind: "f64" } };
  const record: FenlType = {
    kind: "record",
    fields: [
      { name: "n", type: { kind: "i64" } },
      { name: "s", type: stringType },
      { name: "tags", type: { kind: "list", item: stringType } },
    ],
  };
  return [
    column("b", { kind: "bool" }, [true, false, null]),
    column("i8", { kind: "i8" }, [-128, 127, null]),
    column("i16", { kind: "i16" }, [-32768, 32767, null]),
    column("i32", { kind: "i32" }, [-2147483648, 2147483647, null]),
    column("i64", { kind: "i64" }, [-9223372036854775808n, 9223372036854775807n, null]),
    column("small", { kind: "i64" }, [1n, -2n, null]),
    column("u8", { kind: "u8" }, [0, 255, null]),
    column("u16", { kind: "u16" }, [0, 65535, null]),
    column("u32", { kind: "u32" }, [0, 4294967295, null]),
    column("u64", { kind: "u64" }, [0n, 18446744073709551615n, null]),
    column("f16", { kind: "f16" }, [1.5, -0.25, null]),
    column("f32", { kind: "f32" }, [Math.fround(0.1), Number.NEGATIVE_INFINITY, null]),
    column("f64", { kind: "f64" }, [0.1, Number.NaN, null]),
    column("s", stringType, ["", 'a "b", <c>\u0000é😀', null]),
    column("large", { kind: "large_string" }, ["x", "x", null]),
    column("ts_s", { kind: "timestamp_s" }, [-1n, 1_640_995_200n, null]),
    column("ts_ms", { kind: "timestamp_ms" }, [-1n, 1_640_995_200_123n, null]),
    column("ts_us", { kind: "timestamp_us" }, [-1n, 1_640_995_200_123_456n, null]),
    column("ts_ns", { kind: "timestamp_ns" }, [-1n, 1_640_995_200_123_456_789n, null]),
    column("day", { kind: "date32" }, [-1, 18993, null]),
    column("date64", { kind: "date64" }, [-86_400_000n, 1_640_995_200_000n, null]),
    column("list", list, [[], [1n, null, -3n], null]),
    column("map", map, [
      [],
      [
        ["a", 1.5],
        ["b", null],
      ],
      null,
    ]),
    column("record", record, [[1n, "x", ["t", null]], [null, null, null], null]),
    column("nothing", { kind: "null" }, [null, null, null]),
  ];
}

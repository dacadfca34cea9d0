import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { columnOf, valueAt } from "../../src/tables/column-data.ts";
import { prepareCsvText, prepareTable } from "../../src/tables/load/ad-hoc-table.ts";
import type { PreparedRows } from "../../src/tables/prepared/prepare.ts";
import { prepareRows } from "../../src/tables/prepared/prepare.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";
import { sortedOrder } from "../../src/tables/prepared/sort-rows.ts";
import type { SourceTable } from "../../src/tables/read/source-table.ts";
import type { TableDefinition } from "../../src/tables/table-definition.ts";
import type { TableError } from "../../src/tables/table-error.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { defaultSubsort, hashString, hashValue } from "../../src/values/key-hash.ts";

const DEFINITION: TableDefinition = { name: "T", timeColumn: "at", keyColumn: "k" };
const I64: FenlType = { kind: "i64" };

function sourceOf(
  columns: Readonly<Record<string, readonly [FenlType, readonly HostValue[]]>>,
  subsort = 0n,
): SourceTable {
  const entries = Object.entries(columns);
  return {
    label: "t",
    rows: entries[0]![1][1].length,
    columns: entries.map(([name, [type, values]]) => ({ name, ...columnOf(type, values) })),
    contentHash: "",
    subsort,
    warnings: [],
    placeOf: (row, column) => ({ file: "t", row: row + 1, column }),
  };
}

async function prepared(definition: TableDefinition, source: SourceTable): Promise<PreparedRows> {
  for await (const part of prepareRows(definition, source)) return part.rows;
  throw new Error("no rows");
}

const fails = async (action: Promise<unknown>, message: RegExp, place: Partial<TableError> = {}) => {
  await assert.rejects(action, (error: unknown) => {
    assert.ok(isTableError(error), String(error));
    assert.match(error.message, message);
    for (const [key, value] of Object.entries(place)) assert.equal(error[key as keyof TableError], value, key);
    return true;
  });
};

const isTableError = (error: unknown): error is TableError => error instanceof Error && error.name === "TableError";

describe("preparing rows", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "fenl-prepare-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  const csv = (text: string, definition: Partial<TableDefinition> = {}) =>
    prepareCsvText({ ...DEFINITION, ...definition }, text, directory);

  it("sorts by entity, time and place, and numbers rows from the file's hash", async () => {
    const text = "at,k,n\n2022-01-02,b,1\n2022-01-01,a,2\n2022-01-01,b,3\n2022-01-01,a,4\n";
    const snapshot = await csv(text, { grouping: "G" });
    assert.deepEqual(
      { ...snapshot, files: snapshot.files.length },
      {
        name: "T",
        grouping: "G",
        timeColumn: "at",
        keyColumn: "k",
        keyType: { kind: "string" },
        columns: [
          { name: "at", type: { kind: "date32" } },
          { name: "k", type: { kind: "string" } },
          { name: "n", type: { kind: "i64" } },
        ],
        files: 1,
      },
    );
    const file = snapshot.files[0]!;
    const read = readPrepared(file, ["k", "n"]);
    const first = defaultSubsort(new TextEncoder().encode(text));
    const keys = ["a", "b"].sort((x, y) => (hashString(x) < hashString(y) ? -1 : 1));
    const rows = Array.from({ length: 4 }, (_, row) => [
      valueAt(read.columns.get("k")!, row),
      valueAt(read.columns.get("n")!, row),
    ]);
    const expected: Record<string, [string, bigint][]> = {
      a: [
        ["a", 2n],
        ["a", 4n],
      ],
      b: [
        ["b", 3n],
        ["b", 1n],
      ],
    };
    assert.deepEqual(
      rows,
      keys.flatMap((key) => expected[key]!),
    );
    assert.deepEqual(
      [...read.subsort],
      rows.map(([, n]) => BigInt.asUintN(64, first + (n as bigint) - 1n)),
    );
    assert.deepEqual(
      [...read.keyHash],
      rows.map(([key]) => hashString(key as string)),
    );
    assert.equal(file.firstKeyHash, String(read.keyHash[0]));
    assert.equal(file.lastKeyHash, String(read.keyHash[3]));
    assert.equal(file.firstTime, "1640995200000000000");
    assert.equal(file.lastTime, "1641081600000000000");
    assert.equal(file.rows, 4);
    assert.equal(file.distinct, true);
  });

  it("names the grouping after the table by default", async () => {
    assert.equal((await csv("at,k\n1,7\n")).grouping, DEFINITION.name);
    assert.equal((await csv("at,k\n1,7\n", { grouping: "User" })).grouping, "User");
  });

  it("orders and divides rows as a plain sort does", async () => {
    const least = -(2n ** 63n);
    const time = fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: least, max: -least - 1n }));
    const row = fc.record({
      at: time,
      k: fc.bigInt({ min: -4n, max: 4n }),
      s: fc.constantFrom(0n, 1n, least, -least - 1n),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 200 }), async (rows) => {
        const source = sourceOf({
          at: [{ kind: "timestamp_ns" }, rows.map(({ at }) => at)],
          k: [I64, rows.map(({ k }) => k)],
          s: [I64, rows.map(({ s }) => s)],
        });
        const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
        const sorted = rows
          .map((each, place) => ({ ...each, place, hash: hashValue(I64, each.k), subsort: each.s + 2n ** 63n }))
          .sort(
            (a, b) =>
              compare(a.hash, b.hash) || compare(a.at, b.at) || compare(a.subsort, b.subsort) || a.place - b.place,
          );
        const parts = [];
        for await (const part of prepareRows({ ...DEFINITION, subsortColumn: "s" }, source, 20)) parts.push(part);
        assert.deepEqual(
          parts.flatMap((part) => [...part.rows.keyHash]),
          sorted.map(({ hash }) => hash),
        );
        assert.deepEqual(
          parts.flatMap((part) => [...part.rows.time]),
          sorted.map(({ at }) => at),
        );
        assert.deepEqual(
          parts.flatMap((part) => [...part.rows.subsort]),
          sorted.map(({ subsort }) => subsort),
        );
        assert.deepEqual(
          parts.flatMap(({ rows: { columns, time: times } }) =>
            Array.from(times, (_, index) => valueAt(columns[1]!, index)),
          ),
          sorted.map(({ k }) => k),
        );
        for (const [
          index,
          {
            description,
            rows: { keyHash, time: times, subsort },
          },
        ] of parts.entries()) {
          assert.equal(description.firstKeyHash, String(keyHash[0]));
          assert.equal(description.lastKeyHash, String(keyHash.at(-1)));
          if (index > 0) assert.ok(parts[index - 1]!.rows.keyHash.at(-1)! < keyHash[0]!);
          const ordered = [...times].sort(compare);
          assert.equal(description.firstTime, String(ordered[0]));
          assert.equal(description.lastTime, String(ordered.at(-1)));
          const identities = new Set(Array.from(times, (at, place) => `${keyHash[place]} ${at} ${subsort[place]}`));
          assert.equal(description.distinct, identities.size === times.length);
        }
      }),
    );
  });

  it("orders many rows as well as few", () => {
    const rows = 40_000;
    const keys = BigUint64Array.from({ length: rows }, (_, row) => (BigInt(row) * 0x9e3779b97f4a7c15n) % 977n);
    const times = BigInt64Array.from({ length: rows }, (_, row) => BigInt((row * 7919) % 101) - 50n);
    const order = sortedOrder([keys, times], rows);
    for (let index = 1; index < rows; index++) {
      const [a, b] = [order[index - 1]!, order[index]!];
      const inOrder =
        keys[a]! < keys[b]! || (keys[a] === keys[b] && (times[a]! < times[b]! || (times[a] === times[b] && a < b)));
      assert.ok(inOrder, `rows ${a} and ${b}`);
    }
  });

  it("lets generated subsorts wrap around", async () => {
    const source = sourceOf({ at: [I64, [1n, 1n, 1n]], k: [I64, [1n, 1n, 1n]] }, 2n ** 64n - 2n);
    assert.deepEqual([...(await prepared(DEFINITION, source)).subsort], [0n, 2n ** 64n - 2n, 2n ** 64n - 1n]);
  });

  it("takes times of every type", async () => {
    const day = 86_400_000_000_000n;
    const cases: [ScalarKind, HostValue[], bigint[]][] = [
      ["timestamp_s", [-1n, 9223372036n], [-1_000_000_000n, 9223372036000000000n]],
      ["timestamp_ms", [-1n, 1n], [-1_000_000n, 1_000_000n]],
      [
        "timestamp_us",
        [-9223372036854775n, -1n, 9223372036854775n],
        [-9223372036854775000n, -1000n, 9223372036854775000n],
      ],
      ["timestamp_ns", [-(2n ** 63n), 2n ** 63n - 1n], [-(2n ** 63n), 2n ** 63n - 1n]],
      ["date32", [-1, 106751], [-day, 106751n * day]],
      ["date64", [-86400000n], [-day]],
      ["i64", [-5n], [-5n]],
      ["u64", [2n ** 63n - 1n], [2n ** 63n - 1n]],
      ["i32", [-5], [-5n]],
      ["u32", [4294967295], [4294967295n]],
      ["u8", [255], [255n]],
      ["string", ["1970-01-01T00:00:00.000000001Z", "1970-01-02"], [1n, day]],
    ];
    for (const [kind, values, expected] of cases) {
      const source = sourceOf({ at: [{ kind }, values], k: [I64, values.map(() => 1n)] });
      assert.deepEqual([...(await prepared(DEFINITION, source)).time], expected, kind);
    }
  });

  it("names times that nanoseconds cannot hold", async () => {
    const cases: [ScalarKind, HostValue][] = [
      ["timestamp_s", 9223372037n],
      ["timestamp_ms", -9223372036855n],
      ["timestamp_us", 9223372036854776n],
      ["timestamp_us", 2n ** 62n],
      ["date32", 106752],
      ["u64", 2n ** 63n],
      ["string", "2263-01-01"],
    ];
    for (const [kind, value] of cases) {
      const ok = kind === "string" ? "2020-01-01" : typeof value === "bigint" ? 0n : 0;
      const source = sourceOf({ at: [{ kind }, [ok, value]], k: [I64, [1n, 1n]] });
      await fails(prepared(DEFINITION, source), /is not a time; expected a time from 1677-09-21 to 2262-04-11/, {
        row: 2,
      });
    }
  });

  it("moves signed subsorts so that their order is kept, and takes unsigned ones as they are", async () => {
    const cases: [ScalarKind, HostValue[], bigint[]][] = [
      ["i64", [-(2n ** 63n), -1n, 0n], [0n, 2n ** 63n - 1n, 2n ** 63n]],
      ["i32", [-(2 ** 31), 0, 2 ** 31 - 1], [0n, 2n ** 31n, 2n ** 32n - 1n]],
      ["i16", [-1, 0], [32767n, 32768n]],
      ["i8", [-128, 127], [0n, 255n]],
      ["u64", [0n, 2n ** 64n - 1n], [0n, 2n ** 64n - 1n]],
      ["u32", [0, 4294967295], [0n, 4294967295n]],
      ["u8", [0, 255], [0n, 255n]],
    ];
    for (const [kind, values, expected] of cases) {
      const same = values.map(() => 1n);
      const source = sourceOf({ at: [I64, same], k: [I64, same], s: [{ kind }, values] });
      assert.deepEqual([...(await prepared({ ...DEFINITION, subsortColumn: "s" }, source)).subsort], expected, kind);
    }
  });

  it("hashes keys of every type that can be one", async () => {
    const record: FenlType = {
      kind: "record",
      fields: [
        { name: "x", type: I64 },
        { name: "y", type: { kind: "string" } },
      ],
    };
    const cases: [FenlType, HostValue][] = [
      [{ kind: "bool" }, true],
      [{ kind: "u8" }, 7],
      [{ kind: "f64" }, -0],
      [{ kind: "f32" }, Number.NaN],
      [{ kind: "timestamp_us" }, 5n],
      [{ kind: "date32" }, -3],
      [record, [1n, "a"]],
      [record, [null, "a"]],
    ];
    for (const [type, value] of cases) {
      const rows = await prepared(DEFINITION, sourceOf({ at: [I64, [1n]], k: [type, [value]] }));
      assert.equal(rows.keyHash[0], hashValue(type, value));
    }
  });

  it("refuses two keys of one hash", async () => {
    const record: FenlType = {
      kind: "record",
      fields: [
        { name: "x", type: I64 },
        { name: "y", type: I64 },
      ],
    };
    const source = sourceOf({
      at: [I64, [1n, 2n]],
      k: [
        record,
        [
          [1n, null],
          [null, 1n],
        ],
      ],
    });
    await fails(
      prepared(DEFINITION, source),
      /column 'k': the keys '.*' and '.*' have the same hash \d+, so they cannot be told apart/,
    );
  });

  it("writes no file for no rows", async () => {
    const before = readdirSync(directory).length;
    const snapshot = await csv("at,k\n");
    assert.deepEqual(snapshot.files, []);
    assert.equal(readdirSync(directory).length, before);
  });

  it("writes no file when a row is wrong", async () => {
    const before = readdirSync(directory).length;
    await fails(csv("at,k\n2022-01-01,a\nsoon,b\n"), /'soon' is not a time/);
    assert.equal(readdirSync(directory).length, before);
  });

  it("names a value that is not a time, and what was expected", async () => {
    const message =
      /^T\.csv, row 2 \(line 4\), column 'at': 'soon' is not a time; expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS/;
    await fails(csv("at,k\n2022-01-01,a\n\nsoon,b\n"), message, { kind: "value", row: 2, line: 4, column: "at" });
    await fails(
      csv("at,k\n1,a\n2,b\n1x,c\n"),
      /row 3 \(line 4\).*'1x' is not a time; expected an integer that fits 64 bits/,
    );
    await fails(csv("at,k\n1.5,a\n"), /column 'at' is of type f64 and cannot be the time column/, { kind: "column" });
    await fails(csv("at,k\ntrue,a\n"), /column 'at' is of type bool and cannot be the time column/);
  });

  it("names rows without a time, key or subsort", async () => {
    const subsortColumn = "s";
    await fails(csv("at,k\n2022-01-01,a\n,b\n"), /row 2 \(line 3\), column 'at': the cell is empty; expected a time/);
    await fails(csv("at,k\n,b\n"), /row 1 \(line 2\), column 'at': the cell is empty/);
    await fails(csv("at,k\n1,1\n2,\n"), /row 2 \(line 3\), column 'k': the cell is empty; expected an entity key/);
    await fails(csv("at,k\n1,\n"), /column 'k': the cell is empty/);
    await fails(csv("at,k,s\n1,1,1\n1,1,\n", { subsortColumn }), /column 's': the cell is empty; expected a subsort/);
    await fails(csv("at,k,s\n1,1,1\n1,1,x\n", { subsortColumn }), /row 2 \(line 3\), column 's': 'x' is not a subsort/);
    await fails(
      csv("at,k,s\n1,1,1.5\n", { subsortColumn }),
      /column 's' is of type f64 and cannot be the subsort column/,
    );
    const nulls = sourceOf({ at: [I64, [1n]], k: [{ kind: "string" }, [null]] });
    await fails(prepared(DEFINITION, nulls), /row 1, column 'k': the cell is empty/);
  });

  it("names a missing column with the nearest and all there are", async () => {
    await fails(csv("when,k\n1,1\n"), /^T\.csv has no time column 'at'; nearest: .*; its columns are 'when', 'k'$/, {
      kind: "column",
      column: "at",
    });
    await fails(csv("at,key\n1,1\n"), /no entity key column 'k'; nearest: 'at', 'key'/);
    await fails(csv("at,k\n1,1\n", { subsortColumn: "seq" }), /no subsort column 'seq'/);
  });

  it("refuses keys of types that cannot be one", async () => {
    const list: FenlType = { kind: "list", item: I64 };
    await fails(
      prepared(DEFINITION, sourceOf({ at: [I64, [1n]], k: [list, [[1n]]] })),
      /type list<i64> and cannot be the entity key/,
    );
  });

  it("refuses names that are not identifiers", async () => {
    for (const name of ["", "../x", "a b", "1a", "let", "$input", "a\0", "é", "x".repeat(256)]) {
      await fails(csv("at,k\n1,1\n", { name }), /cannot be the name of a table/, { kind: "name" });
    }
    for (const name of ["__proto__", "constructor", "_", "sum"]) {
      assert.equal((await csv("at,k\n1,1\n", { name })).name, name);
    }
  });

  it("keeps list, map and record columns", async () => {
    const list: FenlType = { kind: "list", item: { kind: "string" } };
    const record: FenlType = { kind: "record", fields: [{ name: "x", type: list }] };
    const source = sourceOf({
      at: [I64, [2n, 1n]],
      k: [I64, [1n, 1n]],
      l: [list, [["b"], null]],
      r: [record, [[["c"]], [null]]],
    });
    const { snapshot } = await prepareTable(DEFINITION, source, directory);
    const read = readPrepared(snapshot.files[0]!, ["l", "r"]);
    const values = (name: string) => [0, 1].map((row) => valueAt(read.columns.get(name)!, row));
    assert.deepEqual(values("l"), [null, ["b"]]);
    assert.deepEqual(values("r"), [[null], [["c"]]]);
  });
});

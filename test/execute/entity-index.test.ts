import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparedLayout } from "../../src/execute/rows/prepared-layout.ts";
import type { FenlOptions } from "../../src/run-fenl.ts";
import { columnOf } from "../../src/tables/column-data.ts";
import { describeRows } from "../../src/tables/prepared/prepare.ts";
import { readPrepared } from "../../src/tables/prepared/read-prepared.ts";
import { storedIdentity } from "../../src/tables/prepared/stored-identity.ts";
import { preparedBytes } from "../../src/tables/prepared/write-prepared.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import type { FenlType, ScalarKind } from "../../src/values/fenl-type.ts";
import type { OracleTable } from "../oracle/tables.ts";
import type { Value } from "../oracle/value.ts";
import { prepareTable, runProduct } from "../property/product.ts";

const scalar = (kind: ScalarKind): FenlType => ({ kind });
const RECORD: FenlType = { kind: "record", fields: [{ name: "x", type: scalar("i64") }] };

/** Keys of each type, some of which are equal without being the same. */
const KEYS: readonly (readonly [FenlType, readonly Value[]])[] = [
  [scalar("string"), ["a", "", "Ünï☃", "__proto__", "b", "c", "d"]],
  [scalar("i64"), [1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 5n, 6n, 7n]],
  [scalar("u64"), [2n ** 64n - 1n, 0n, 1n, 2n, 3n]],
  [scalar("i32"), [1n, -1n, 2n ** 31n - 1n, 4n]],
  [scalar("u8"), [255n, 0n, 7n]],
  [scalar("bool"), [true, false]],
  [scalar("f64"), [0, -0, 1.5, Number.NaN, -2.5]],
  [scalar("timestamp_ms"), [1n, -1n, 1000n]],
  [RECORD, [[1n], [2n], [null]]],
];

function tableOf(keyType: FenlType, keys: readonly Value[], subsort: (row: number) => bigint): OracleTable {
  const columns = [
    { name: "k", type: keyType },
    { name: "v", type: scalar("i64") },
  ];
  const rows = Array.from({ length: 97 }, (_, row) => {
    const key = keys[(row * row + 3 * row) % keys.length]!;
    // Some rows of an entity have one time.
    return { time: BigInt(row >> 2) * 1_000_000_000n, subsort: subsort(row), key, values: [key, BigInt(row)] };
  });
  return { name: "T", grouping: "T", keyType, timeColumn: "t", keyColumn: "k", columns, rows };
}

const QUERIES = [
  "{ k: T.k, n: count(T), s: sum(T.v), v: T.v }",
  "{ n: count(T, window=since(T.v > 40)), l: last(T.v) } | shift_by(seconds(2))",
  "let big = T | when(T.v > 50) in { n: count(big), v: T.v, first: first(T.v) }",
];

const WAYS: Readonly<Record<string, Partial<FenlOptions>>> = {
  "all rows at once": {},
  "the last rows only": { resultBehavior: "final-results" },
  "a window of a few rows": { memory: { windowRows: 3, sinkRows: 2 } },
  "many ranges": { memoryLimit: 2000 },
};

describe("files with an index of entities", () => {
  const folder = mkdtempSync(join(tmpdir(), "fenl-index-"));
  after(() => rmSync(folder, { recursive: true }));
  let folders = 0;
  const prepare = (table: OracleTable, rowsPerFile: number, former: boolean): TableSnapshot => {
    const own = join(folder, String(folders++));
    mkdirSync(own);
    return prepareTable(own, table, rowsPerFile, 0, former);
  };
  const answerOf = async (query: string, table: TableSnapshot, options: Partial<FenlOptions>) => {
    const outcome = await runProduct(query, [table], { resultBehavior: "all-results", ...options });
    assert.equal(outcome.kind, "rows");
    return outcome.kind === "rows" ? outcome.answer : null;
  };

  for (const [keyType, keys] of KEYS) {
    it(`answer as those of earlier versions do, for keys that are ${keyType.kind}`, async function () {
      this.timeout(60_000);
      const subsorts = [(row: number) => 2n ** 32n - 50n + BigInt(row), (row: number) => BigInt(row) << 40n];
      for (const subsort of subsorts) {
        const table = tableOf(keyType, keys, subsort);
        const former = prepare(table, Number.POSITIVE_INFINITY, true);
        const others = [Number.POSITIVE_INFINITY, 20].flatMap((rows) => [
          prepare(table, rows, false),
          prepare(table, rows, true),
        ]);
        for (const query of QUERIES) {
          for (const [way, options] of Object.entries(WAYS)) {
            const expected = await answerOf(query, former, options);
            assert.ok(expected!.rows.length > 0);
            for (const other of others) assert.deepEqual(await answerOf(query, other, options), expected, way);
          }
          if (keyType.kind !== "string") continue;
          const options: Partial<FenlOptions> = { slice: { kind: "keys", keys: ["c", "a", "none"] } };
          const expected = await answerOf(query, former, options);
          assert.deepEqual(new Set(expected!.rows.map(({ key }) => key)), new Set(["a", "c"]));
          for (const other of others) assert.deepEqual(await answerOf(query, other, options), expected);
        }
      }
    });
  }

  const rows = {
    key: "k",
    keyHash: BigUint64Array.of(1n, 1n, 2n, 5n, 5n, 5n),
    time: BigInt64Array.of(1n, 2n, 1n, 1n, 2n, 3n),
    subsort: BigUint64Array.of(10n, 11n, 12n, 13n, 14n, 15n),
    columns: [
      { name: "k", ...columnOf(scalar("string"), ["a", "a", "b", "c", "c", "c"]) },
      { name: "v", ...columnOf(scalar("i64"), [1n, 2n, 3n, 4n, 5n, 6n]) },
    ],
  };
  const snapshot = (path: string): TableSnapshot => ({
    name: "T",
    grouping: "T",
    timeColumn: "t",
    keyColumn: "k",
    keyType: scalar("string"),
    columns: rows.columns.map(({ name, type }) => ({ name, type })),
    files: [{ path, ...describeRows(storedIdentity(rows)) }],
  });

  for (const [what, ends] of Object.entries({
    "has an entity that ends beyond the rows": [2, 3, 7],
    "has an entity that ends far beyond the rows": [2, 0xffffffff, 6],
    "has an entity without rows": [2, 2, 6],
    "goes back": [3, 2, 6],
    "ends before the rows do": [2, 3, 5],
    "is of nothing": [0, 0, 0],
  })) {
    it(`are damaged where it ${what}, which a query says`, async () => {
      const path = join(folder, `damaged-${folders++}.arrow`);
      writeFileSync(path, preparedBytes(rows));
      const table = snapshot(path);
      const bytes = readFileSync(path);
      const { offset } = preparedLayout(table.files[0]!)!.entities!.ends;
      ends.forEach((end, index) => {
        bytes.writeUInt32LE(end, offset + 4 * index);
      });
      writeFileSync(path, bytes);
      const isNamed = /\.arrow is damaged: in its index of entities, /;
      for (const [way, options] of Object.entries(WAYS)) {
        await assert.rejects(answerOf("{ n: count(T) }", table, options), isNamed, way);
      }
      assert.throws(() => readPrepared(table.files[0]!, []), isNamed);
    });
  }

  it("are damaged where entities are not in the order of their hashes", () => {
    const path = join(folder, "order.arrow");
    writeFileSync(path, preparedBytes(rows));
    const table = snapshot(path);
    const bytes = readFileSync(path);
    bytes.writeBigUInt64LE(9n, preparedLayout(table.files[0]!)!.entities!.hashes.offset);
    writeFileSync(path, bytes);
    assert.throws(() => readPrepared(table.files[0]!, []), /index of entities, entity 1 is not in the order/);
  });
});

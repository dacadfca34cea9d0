import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { assemble } from "../../src/compile/assemble.ts";
import type { SourceSlots } from "../../src/compile/stage-layout.ts";
import { RangeDivision, rowsOfRanges } from "../../src/execute/order/range-division.ts";
import { TIME_SORT_WAT } from "../../src/execute/order/time-sort-wat.ts";
import { Interner } from "../../src/execute/rows/interner.ts";
import { memoryPlan } from "../../src/execute/rows/memory-plan.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";
import { spillPlace } from "../../src/execute/spill/place-rows.ts";
import { exchangeRows } from "../../src/execute/stage/exchange-rows.ts";
import { isInPlace, writeSent } from "../../src/execute/stage/sent-rows.ts";
import { type FenlOptions, runFenl } from "../../src/run-fenl.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { answerRowsOf, prepareTable } from "../property/product.ts";
import { divideRows } from "./divide-rows.ts";
import { SENT_ROW, sentPart } from "./sent-part.ts";

const column = (type: "f64" | "string" | "i32", at: number) => ({ type: { kind: type }, values: at, valid: at + 4 });

const SLOTS = {
  rows: 0,
  row: 4,
  identity: { keyHash: 8, time: 12, subsort: 16, ordinal: 20 },
  localKeyHash: 24,
  columns: [column("f64", 28), column("string", 36)],
  key: column("i32", 44),
} as SourceSlots;

/** What stands in memory for some rows. */
function standing(memory: StageMemory, interner: Interner): unknown[] {
  const { buffer } = memory.memory;
  const rows = memory.slot(SLOTS.rows);
  const at = (slot: number) => memory.slot(slot);
  const [keyHash, subsort, local] = [SLOTS.identity.keyHash!, SLOTS.identity.subsort, SLOTS.localKeyHash!].map(
    (slot) => new BigUint64Array(buffer, at(slot), rows),
  );
  const time = new BigInt64Array(buffer, at(SLOTS.identity.time), rows);
  const ordinal = new Int32Array(buffer, at(SLOTS.identity.ordinal!), rows);
  const [n, s] = SLOTS.columns;
  const valid = at(n!.valid) === 0 ? null : new Uint8Array(buffer, at(n!.valid), rows);
  const numbers = new Float64Array(buffer, at(n!.values), rows);
  const codes = new Int32Array(buffer, at(s!.values), rows);
  const keys = new Int32Array(buffer, at(SLOTS.key!.values), rows);
  return Array.from({ length: rows }, (_, row) => [
    keyHash![row],
    time[row],
    subsort![row],
    local![row],
    ordinal[row],
    keys[row],
    valid?.[row] === 0 ? null : numbers[row],
    interner.get(codes[row]!),
  ]);
}

const rowOf = fc.record(SENT_ROW);

describe("rows that a stage puts in order where it reads them", function () {
  this.timeout(120_000);

  const limits = memoryPlan(2 ** 30, 1);
  const spill = spillPlace(tmpdir());

  /** Compares what a stage finds in its memory with rows that were put in order on the way, the last of them without WebAssembly. */
  async function assertSame(sent: readonly StoredRows[], rekeyed: boolean, memory: StageMemory): Promise<void> {
    const sorter = await assemble(TIME_SORT_WAT);
    const keyBases = sent.map((_, index) => 100 * index);
    const source = { kind: "sent", parts: sent, keyBases, rekeyed, sorter } as const;
    assert.ok(isInPlace(source, limits));
    memory.start(64);
    const interner = new Interner(["é"]);
    const rows = writeSent(source, SLOTS, memory, interner);
    const found = standing(memory, interner);
    assert.equal(rows, found.length);
    if (rows > 0) {
      const [last, behind] = new BigUint64Array(memory.memory.buffer, memory.slot(SLOTS.identity.keyHash!), rows + 1)
        .slice(-2)
        .values();
      assert.notEqual(last, behind);
    }
    // Old entities are kept as a further column, which this order forgets.
    const withOld = sent.map((one): StoredRows => {
      const values = BigInt64Array.from(one.localKeyHash!, (hash) => BigInt.asIntN(64, hash));
      const old = { name: "", type: { kind: "i64" }, values } as const;
      return { ...one, key: { ...one.key!, values: one.key!.values.slice() }, columns: [...one.columns, old] };
    });
    const job = { parts: withOld, keyBases, memory: limits, spill } as const;
    const plain = exchangeRows({ ...job, rekeyed: rekeyed ? { slice: null } : null }, null) as StoredRows;
    const [n, s, old] = plain.columns;
    const expected = Array.from({ length: plain.rows }, (_, row) => [
      plain.keyHash[row],
      plain.time[row],
      plain.subsort[row],
      BigInt.asUintN(64, old!.values[row] as bigint),
      plain.ordinal?.[row] ?? 0,
      plain.key!.values[row],
      n!.valid?.[row] === 0 ? null : n!.values[row],
      (s!.dictionary as string[])[Number(s!.values[row])],
    ]);
    assert.deepEqual(found, expected);
  }

  it("are those that are put in order on their way", async () => {
    const [memory, dividing] = [new StageMemory(), new StageMemory()];
    const sorter = await assemble(TIME_SORT_WAT);
    const expected = fc.constantFrom(1, 3_000, 100_000);
    const parts = fc.array(fc.tuple(fc.array(rowOf, { maxLength: 200 }), expected), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(parts, fc.boolean(), fc.boolean(), async (made, rekeyed, isDivided) => {
        if (!isDivided)
          return assertSame(
            made.map(([rows]) => sentPart(rows)),
            rekeyed,
            memory,
          );
        const ranges: StoredRows[][] = [[], []];
        for (const [rows, all] of made) {
          dividing.start(0);
          const division = new RangeDivision(sorter, dividing, 1, all);
          for (const [range, own] of rowsOfRanges(divideRows(sentPart(rows), division, dividing), 1))
            ranges[range]!.push(own);
        }
        for (const sent of ranges) if (sent.length > 0) await assertSame(sent, rekeyed, memory);
      }),
      { numRuns: 150 },
    );
  });

  it("are so where many of one entity have one time, or nearly all have entities of their own", async () => {
    const memory = new StageMemory();
    for (const entities of [1, 7, 30_011]) {
      const halves = [0, 1].map((half) =>
        sentPart(
          Array.from({ length: 70_000 }, (_, at) => {
            const index = 2 * at + half;
            return {
              entity: (index * 7919) % entities,
              time: (index * 31) % (entities === 7 ? 100_003 : 3),
              subsort: (index * 17) % 4,
              old: (index >> 3) & 3,
              value: index % 41,
            };
          }),
        ),
      );
      await assertSame(halves, true, memory);
      await assertSame(halves, false, memory);
    }
  });
});

const FIRST = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
const ROWS = 12_000;

/** Events of two tables with many of one time, whose other keys are null at times, or the same for nearly all of them. */
function table(folder: string, name: string, step: number): TableSnapshot {
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const time = FIRST + BigInt(Math.floor((row * step) / 7)) * SECOND;
    const other = row % 11 === 0 ? null : row % 5 === 0 ? BigInt(row % 997) : 3n;
    const text = row % 13 === 0 ? null : `k${row % 2 === 0 ? row % 401 : 1}`;
    const key = BigInt((row * 31) % 257);
    // Rows of several entities share their subsorts as well.
    return {
      time,
      subsort: BigInt(row >> 2),
      key,
      values: [time, key, other, text, row % 3 ? row / 7 : null, row % 2 === 0],
    };
  });
  const columns = [
    { name: "time", type: { kind: "timestamp_ns" } },
    { name: "key", type: { kind: "i64" } },
    { name: "other", type: { kind: "i64" } },
    { name: "text", type: { kind: "string" } },
    { name: "x", type: { kind: "f64" } },
    { name: "b", type: { kind: "bool" } },
  ] as const;
  const form = { name, grouping: "g", keyType: { kind: "i64" }, timeColumn: "time", keyColumn: "key" } as const;
  return prepareTable(folder, { ...form, columns, rows });
}

const QUERIES: Readonly<Record<string, string>> = {
  "rows of a table": "let k = A | with_key($input.other) in { n: count(k), s: sum(k.x), l: last(k.x) }",
  "rows under texts": "let k = A | with_key($input.text, grouping = 'h') in { n: count(k), s: sum(k.x), b: last(k.b) }",
  "texts and lists":
    "let k = { t: A.text, l: collect(A.other, max=3) } | with_key(A.other) in { t: last(k.t), l: last(k.l) }",
  "rows under new keys twice":
    "let k = A | with_key($input.other) in { n: k | with_key($input.text, grouping = 'h') | count() }",
  "rows of two tables":
    "let k = { a: A.x, b: B.x, o: A.other } | with_key($input.o) in { a: sum(k.a), b: sum(k.b), n: count(k) }",
  "rows that moved": "let k = A | shift_by(seconds(60)) | with_key($input.other) in { n: count(k), s: sum(k.x) }",
  "rows that two stages read":
    "let k = A | with_key($input.other) in { n: lookup(B.other, count(k)), s: lookup(B.key, sum(k.x)) }",
  "requests of last rows": "{ n: lookup(A.other, count(B)), t: lookup(A.other, last(B.text)), own: last(A.x) }",
  "requests of last rows, by what is made of them":
    "{ n: lookup(if(A.b, A.other + 0), count(B)), m: lookup(A.other | else(3), max(B.x)) }",
  requests: "{ n: lookup(A.other, count(B)), x: lookup(A.other, last(B.x)), t: lookup(A.other, last(B.text)) }",
  "requests of rows of two tables": "{ n: lookup(last(A.other) + count(B), sum(B.x)), c: count(A) }",
  "requests and rows": "let k = B | with_key($input.other) in { m: lookup(A.other, mean(k.x)), n: count(A) }",
};

const WAYS: Readonly<Record<string, Partial<FenlOptions>>> = {
  "in windows": { memory: { windowRows: 1_500 } },
  "in temporary files": { memory: { heldBytes: 1 << 14, sinkRows: 600 } },
  "in windows and temporary files": { memory: { windowRows: 700, heldBytes: 0, sinkRows: 512 } },
  "over several ranges": { memoryLimit: 1 << 22 },
};

describe("rows for other entities, put in order where they are read,", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "fenl-sent-"));
  let tables: TableSnapshot[];
  before(() => {
    tables = [table(folder, "A", 1), table(folder, "B", 2)];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function rowsOf(query: string, options: Partial<FenlOptions>): Promise<unknown[]> {
    const { batches, diagnostics } = await runFenl(
      query,
      { tables, views: [] },
      { resultBehavior: "all-results", ...options },
    );
    assert.ok(batches !== undefined, JSON.stringify(diagnostics));
    const rows = [...batches.batches()].flatMap(answerRowsOf);
    batches.release();
    return rows;
  }

  for (const [name, query] of Object.entries(QUERIES)) {
    for (const final of [false, true]) {
      it(`give the same answer as those put in order on their way: ${name}${final ? ", final results" : ""}`, async () => {
        const behavior = { resultBehavior: final ? "final-results" : "all-results" } as const;
        const whole = await rowsOf(query, behavior);
        assert.ok(whole.length > 1);
        for (const [way, options] of Object.entries(WAYS)) {
          assert.deepEqual(await rowsOf(query, { ...behavior, ...options }), whole, way);
        }
      });
    }
  }
});

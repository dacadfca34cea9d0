import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { assemble } from "../../src/compile/assemble.ts";
import { RangeDivision, rowsOfRanges } from "../../src/execute/order/range-division.ts";
import { TIME_SORT_WAT } from "../../src/execute/order/time-sort-wat.ts";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import { mapArrays } from "../../src/execute/rows/gather.ts";
import { memoryPlan } from "../../src/execute/rows/memory-plan.ts";
import type { StoredRows } from "../../src/execute/rows/row-set.ts";
import type { HashSlice } from "../../src/execute/rows/slice.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";
import { spillPlace } from "../../src/execute/spill/place-rows.ts";
import { exchangeRows } from "../../src/execute/stage/exchange-rows.ts";
import { divideRows } from "./divide-rows.ts";
import { SENT_ROW, type SentRow, sentPart } from "./sent-part.ts";

type Row = SentRow & { readonly rank: number };

function part(rows: readonly Row[], isFull: boolean): StoredRows {
  return {
    ...sentPart(rows, !isFull),
    rank: Uint8Array.from(rows, ({ rank }) => rank),
    origin: Int32Array.from(rows, ({ rank, time }) => (rank + time) & 1),
    ordinal: Int32Array.from(rows, ({ old }) => old & 1),
  };
}

/** The rows' values, with texts in the place of codes. */
function shown(rows: StoredRows): unknown[] {
  const [n, s] = rows.columns;
  return Array.from({ length: rows.rows }, (_, row) => [
    rows.keyHash[row],
    rows.time[row],
    rows.subsort[row],
    rows.rank![row],
    rows.origin![row],
    rows.ordinal?.[row] ?? 0,
    rows.localKeyHash?.[row],
    rows.key!.values[row],
    n!.valid?.[row] === 0 ? null : n!.values[row],
    columnReader(s!)(row),
  ]);
}

const rowOf = fc.record({ ...SENT_ROW, rank: fc.nat({ max: 1 }) });

const parts = fc.array(fc.tuple(fc.array(rowOf, { maxLength: 200 }), fc.boolean()), { minLength: 1, maxLength: 5 });
const slices = fc.constantFrom<HashSlice | null>(
  null,
  { kind: "up to", last: 2n ** 63n },
  { kind: "these", hashes: [0n, 2n ** 63n] },
);

describe("rows that are brought to other entities", function () {
  this.timeout(60_000);

  it("come in one order, sorted by WebAssembly or without it", async () => {
    const sorter = await assemble(TIME_SORT_WAT);
    const memory = new StageMemory();
    const plan = memoryPlan(2 ** 30, 1);
    const copy = (rows: StoredRows) => mapArrays(rows, rows.rows, (values) => values.slice() as typeof values);
    fc.assert(
      fc.property(parts, fc.boolean(), slices, (made, isRekeyed, slice) => {
        const sent = made.map(([rows, isFull]) => part(rows, isFull));
        const job = () => ({
          parts: sent.map(copy),
          keyBases: sent.map((_, index) => 100 * index),
          rekeyed: isRekeyed ? { slice } : null,
          memory: plan,
          spill: spillPlace(tmpdir()),
        });
        const plain = exchangeRows(job(), null) as StoredRows;
        const sorted = exchangeRows(job(), { sorter, memory }) as StoredRows;
        assert.deepEqual(shown(sorted), shown(plain));
        assert.equal(sorted.localKeyHash === undefined, plain.localKeyHash === undefined);
      }),
      { numRuns: 150 },
    );
  });

  it("come in the same order where they are divided among more or fewer slots of key hashes", async () => {
    const sorter = await assemble(TIME_SORT_WAT);
    const [memory, dividing] = [new StageMemory(), new StageMemory()];
    const spill = spillPlace(tmpdir());
    const expected = fc.constantFrom(1, 3_000, 100_000, 10_000_000);
    const divided = fc.array(fc.tuple(fc.array(rowOf, { maxLength: 200 }), expected), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(divided, fc.boolean(), (made, isRekeyed) => {
        const keyBases = made.map(() => 7);
        const how = { keyBases, rekeyed: isRekeyed ? { slice: null } : null, memory: memoryPlan(2 ** 30, 1), spill };
        const whole = exchangeRows({ parts: made.map(([rows]) => part(rows, true)), ...how }, null);
        const ranges: StoredRows[][] = [[], []];
        for (const [rows, all] of made) {
          dividing.start(0);
          const division = new RangeDivision(sorter, dividing, 1, all);
          for (const [range, own] of rowsOfRanges(divideRows(part(rows, true), division, dividing), 1)) {
            ranges[range]!.push(own);
          }
        }
        const sorted = ranges.flatMap((parts) => {
          if (parts.length === 0) return [];
          return shown(exchangeRows({ parts, ...how }, { sorter, memory }) as StoredRows);
        });
        assert.deepEqual(sorted, shown(whole as StoredRows));
      }),
      { numRuns: 150 },
    );
  });

  it("come in order where many of one entity have one time, or nearly all have entities of their own", async () => {
    const sorter = await assemble(TIME_SORT_WAT);
    const memory = new StageMemory();
    const row = (index: number, entities: number): Row => ({
      entity: (index * 7919) % entities,
      time: (index * 31) % 3,
      subsort: (index * 17) % 4,
      rank: (index >> 2) & 1,
      old: (index >> 3) & 3,
      value: index % 41,
    });
    for (const entities of [1, 30_011]) {
      const sent = () =>
        [0, 1].map((half) =>
          part(
            Array.from({ length: 20_000 }, (_, at) => row(2 * at + half, entities)),
            false,
          ),
        );
      const job = () => ({
        parts: sent(),
        keyBases: [0, 100],
        rekeyed: { slice: null },
        memory: memoryPlan(2 ** 30, 1),
        spill: spillPlace(tmpdir()),
      });
      const sorted = exchangeRows(job(), { sorter, memory }) as StoredRows;
      assert.deepEqual(shown(sorted), shown(exchangeRows(job(), null) as StoredRows));
    }
  });
});

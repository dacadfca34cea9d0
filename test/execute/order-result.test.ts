import assert from "node:assert/strict";
import { assemble } from "../../src/compile/assemble.ts";
import { slotsBetween, TimeDivision } from "../../src/execute/order/time-slots.ts";
import { TIME_SORT_WAT } from "../../src/execute/order/time-sort-wat.ts";
import { orderResult } from "../../src/execute/order-result.ts";
import { type Allocate, owned, type RowArray, sharedForGood } from "../../src/execute/rows/allocate.ts";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import { mapArrays } from "../../src/execute/rows/gather.ts";
import type { StoredRows, TimeSlots } from "../../src/execute/rows/stage-job.ts";
import { StageMemory } from "../../src/execute/rows/stage-memory.ts";
import { selectTexts, type TextBytes, textBytes } from "../../src/execute/rows/text-bytes.ts";
import { uniteParts } from "../../src/execute/rows/united-parts.ts";

const SIZE = 40_000;
/** The column of texts that are nearly all different. */
const TEXTS = 2;

/** What identifies a row of a part, by its number. */
interface Identity {
  readonly time?: (row: number) => number;
  readonly subsort?: (row: number, index: number) => number;
  readonly rank?: (row: number) => number;
  /** Entities go on from part to part, or the other way round. */
  readonly isReversed?: boolean;
}

function inSharedMemory(numbers: readonly number[]): Int32Array {
  const values = sharedForGood(new Int32Array(0), numbers.length);
  values.set(numbers);
  return values;
}

/** Rows of some entities whose times go up and down, with nulls, texts and keys. */
function part(index: number, rows: number, identity: Identity): StoredRows {
  const { time = (row) => (row * 7919) % 10007, subsort = (row) => row % 3, rank = (row) => row & 1 } = identity;
  const first = (identity.isReversed ? 9 - index : index) * rows;
  const each = <T>(of: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => of(row));
  const dictionary = each((row) => `text ${index % 2} ${row % 5}`).slice(0, 5);
  return {
    rows,
    keyHash: BigUint64Array.from(each((row) => BigInt(first + Math.floor(row / 3)))),
    time: BigInt64Array.from(each((row) => BigInt(time(row) - 5000) * 1_000_003n)),
    subsort: BigUint64Array.from(each((row) => BigInt(subsort(row, index)))),
    rank: Uint8Array.from(each(rank)),
    columns: [
      {
        name: "n",
        type: { kind: "i64" },
        values: BigInt64Array.from(each((row) => BigInt(index * rows + row))),
        ...(index === 1 ? { valid: Uint8Array.from(each((row) => (row % 4 === 0 ? 0 : 1))) } : {}),
      },
      { name: "s", type: { kind: "string" }, values: Int32Array.from(each((row) => row % 5)), dictionary },
      {
        name: "t",
        type: { kind: "string" },
        values: Int32Array.from(each((row) => row)),
        ...(index !== 1 ? { valid: Uint8Array.from(each((row) => (row % 5 === 1 ? 0 : 1))) } : {}),
        dictionary: textBytes(
          each((row) => (row % 7 === 0 ? "" : `${index} ${"é☃😀".repeat(row % 23)}${row}`)),
          false,
        )!,
      },
      {
        name: "l",
        type: { kind: "list", item: { kind: "i32" } },
        values: Int32Array.from(each((row) => row % 3)),
        dictionary: {
          kind: "lists",
          starts: inSharedMemory([0, 1, 1]),
          ends: inSharedMemory([2, 1, 3]),
          items: { name: "", type: { kind: "i32" }, values: inSharedMemory([index, 10 * index, 100 * index]) },
        },
      },
    ],
    key: { name: "", type: { kind: "i32" }, values: Int32Array.from(each((row) => index * rows + row)) },
  };
}

const IDENTITIES: Record<string, Identity> = {
  "with times that go up and down": {},
  "with the same times in all entities, as ticks have": {
    time: (row) => 333 * (row % 30),
    subsort: () => 7,
    rank: () => 1,
  },
  "with the same times, and entities in another order than the parts": {
    time: (row) => 333 * (row % 30),
    subsort: () => 7,
    rank: () => 1,
    isReversed: true,
  },
  "with the same times and another subsort in one part": {
    time: (row) => 333 * (row % 30),
    subsort: (row, index) => (index === 1 && row === SIZE - 1 ? 6 : 7),
    rank: () => 1,
  },
  "with the same times and another rank": { time: (row) => 333 * (row % 30), subsort: () => 7, rank: (row) => row & 1 },
  "with some rows of one time in each entity, as released ones have": {
    time: (row) => 2 * (Math.floor(row / 3) % 5003),
    subsort: (row) => row % 3,
    rank: () => 0,
  },
  "with rows of one time in another order than theirs": {
    time: (row) => 2 * (Math.floor(row / 4) % 5003),
    subsort: (row) => 10 - (row % 4),
    rank: () => 0,
  },
};

/** The rows divided by time, as a stage gives those of a large result. */
async function divided(rows: StoredRows, slots: Omit<TimeSlots, "sorter">): Promise<StoredRows> {
  const memory = new StageMemory();
  memory.start(0);
  const division = new TimeDivision({ ...slots, sorter: await assemble(TIME_SORT_WAT) }, memory);
  const slotStarts = division.divide(memory.write(rows.time), rows.rows);
  const placed = <T extends RowArray>(values: T): T => {
    const width = values.BYTES_PER_ELEMENT;
    const at = division.placed(memory.write(values), rows.rows, width);
    const own = owned(values, rows.rows);
    new Uint8Array(own.buffer).set(memory.bytes.subarray(at, at + width * rows.rows));
    return own;
  };
  return { ...mapArrays(rows, rows.rows, placed), slotStarts };
}

/** The rows divided by time with their texts, as a stage gives those of texts that it has joined. */
async function dividedWithTexts(rows: StoredRows): Promise<StoredRows> {
  const own = await divided(rows, SLOTS);
  const columns = own.columns.map((column, index) => {
    if (index !== TEXTS) return column;
    const codes = (column.values as Int32Array).map((code, row) => (column.valid?.[row] === 0 ? 0 : code));
    const dictionary = selectTexts(column.dictionary as TextBytes, codes);
    return { ...column, values: Int32Array.from(codes.keys()), dictionary };
  });
  return { ...own, columns, rowTexts: [TEXTS] };
}

/** How the parts are divided by time, if they are. */
const DIVISIONS: Record<string, (rows: StoredRows, index: number) => StoredRows | Promise<StoredRows>> = {
  "": (rows) => rows,
  ", of parts that are divided by time": (rows) => divided(rows, SLOTS),
  ", of parts that are divided by time with their texts": dividedWithTexts,
  ", of parts of which some are divided by time with their texts": (rows, index) =>
    index === 1 ? divided(rows, SLOTS) : dividedWithTexts(rows),
  ", of parts with most rows in few slots": (rows) => divided(rows, { ...SLOTS, first: -(2n ** 40n), shift: 39 }),
  ", of parts that are not all divided": (rows, index) => (index === 1 ? rows : divided(rows, SLOTS)),
};

/** Some rows are before the first slot, and some after the last one. */
const SLOTS = slotsBetween(-4_900_000_000n, 4_900_000_000n, 3 * SIZE)!;

describe("a large result", () => {
  const cases = Object.entries(IDENTITIES).flatMap(([name, identity]) =>
    Object.entries(DIVISIONS).map(([how, divide]) => ({ name: `${name}${how}`, identity, divide })),
  );
  for (const { name, identity, divide } of cases) {
    it(`${name} is in order of time, rank, subsort and key hash, each row with its own values`, async () => {
      const parts = [0, 1, 2].map((index) => part(index, SIZE, identity));
      const rows = parts.flatMap((one, index) => {
        const read = columnReader(one.columns[1]!);
        const readText = columnReader(one.columns[TEXTS]!);
        const readList = columnReader(one.columns[3]!);
        return Array.from({ length: SIZE }, (_, row) => ({
          time: one.time[row]!,
          rank: one.rank![row]!,
          subsort: one.subsort[row]!,
          keyHash: one.keyHash[row]!,
          n: one.columns[0]!.valid?.[row] === 0 ? null : one.columns[0]!.values[row]!,
          s: read(row),
          t: readText(row),
          l: String(readList(row)),
          key: index * SIZE + row,
        }));
      });
      const order = (a: bigint | number, b: bigint | number) => (a < b ? -1 : a > b ? 1 : 0);
      rows.sort(
        (a, b) =>
          order(a.time, b.time) ||
          order(a.rank, b.rank) ||
          order(a.subsort, b.subsort) ||
          order(a.keyHash, b.keyHash) ||
          order(a.key, b.key),
      );
      const result = await orderResult(await Promise.all(parts.map(divide)));
      assert.equal(result.rows, 3 * SIZE);
      const [n, s, t, l] = result.columns;
      const read = columnReader(s!);
      const readText = columnReader(t!);
      const readList = columnReader(l!);
      const found = (row: number) => ({
        time: result.time[row]!,
        rank: result.rank![row]!,
        subsort: result.subsort[row]!,
        keyHash: result.keyHash[row]!,
        n: n!.valid?.[row] === 0 ? null : n!.values[row]!,
        s: read(row),
        t: readText(row),
        l: String(readList(row)),
        key: result.key!.values[row] as number,
      });
      const wrong = rows.findIndex((row, at) => {
        const other = found(at);
        return Object.entries(row).some(([column, value]) => other[column as "n"] !== value);
      });
      assert.equal(wrong, -1, `row ${wrong}`);
    });
  }

  it("has its keys' numbers joined, of which an entity has one also where it goes on in the next part", async () => {
    const parts = await Promise.all(
      [0, 1, 2].map(async (index) => {
        const whole = part(index, SIZE, {});
        const values = Int32Array.from({ length: SIZE }, (_, row) => Math.floor(row / 100));
        // The last entity of the first part is the first one of the second part.
        const entities = Array.from({ length: SIZE / 100 }, (_, number) => index * 399 + number);
        const numbered = {
          codes: Int32Array.from(entities, (entity) => 7 * (1000 - entity)),
          hashes: BigUint64Array.from(entities, (entity) => BigInt(entity) << 40n),
        };
        const rows = await divided({ ...whole, key: { name: "", type: { kind: "string" }, values } }, SLOTS);
        return { ...rows, keyHash: new BigUint64Array(0), key: { ...rows.key!, numbered } };
      }),
    );
    const codes = (rows: StoredRows) =>
      Array.from(rows.key!.values as Int32Array, (number) => rows.key!.numbered!.codes[number]!);
    const places = (rows: StoredRows) => rows.columns[0]!.values as BigInt64Array;
    const expected = new Map(
      parts.flatMap((rows) => codes(rows).map((code, row) => [places(rows)[row]!, code] as const)),
    );
    const result = await orderResult(parts);
    const listed = result.key!.numbered!;
    assert.equal(new Set(listed.codes).size, listed.codes.length);
    assert.deepEqual(listed.hashes, listed.hashes.slice().sort());
    assert.equal(result.keyHash.length, 0);
    const found = codes(result);
    assert.ok(places(result).every((place, row) => found[row] === expected.get(place)));
    // Where they are put in order otherwise, they are codes again.
    const plain = await orderResult(parts.map((rows) => ({ ...rows, slotStarts: undefined })));
    assert.equal(plain.key!.numbered, undefined);
    assert.ok(places(plain).every((place, row) => plain.key!.values[row] === expected.get(place)));
    assert.ok(plain.keyHash.every((hash, row) => plain.key!.values[row] === 7 * (1000 - Number(hash >> 40n))));
    assert.deepEqual(places(plain), places(result));
  });

  it("takes memory once for each of its columns, with nulls or without", () => {
    const taken = new Set<ArrayBufferLike>();
    const allocate: Allocate = (like, length) => {
      const values = owned(like, length);
      if (length > 0) taken.add(values.buffer);
      return values;
    };
    for (const indexes of [
      [0, 1],
      [1, 0],
    ]) {
      taken.clear();
      const { target } = uniteParts(
        indexes.map((index) => part(index, 100, {})),
        200,
        allocate,
      );
      mapArrays(target, 200, (values) => {
        taken.delete(values.buffer);
        return values;
      });
      assert.equal(taken.size, 0);
    }
  });

  it("is divided into no slots where there are few rows, or all have one time", () => {
    assert.equal(slotsBetween(0n, 1n << 40n, 1000), null);
    assert.equal(slotsBetween(5n, 5n, 1 << 20), null);
  });

  it("has slots for all times that there can be", () => {
    const { first, shift, count } = slotsBetween(-(2n ** 63n), 2n ** 63n - 1n, 1 << 24)!;
    assert.ok(count > 100 && count <= 1024);
    assert.equal((2n ** 63n - 1n - first) >> BigInt(shift), BigInt(count - 1));
  });
});

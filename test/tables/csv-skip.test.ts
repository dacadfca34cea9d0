import assert from "node:assert/strict";
import fc from "fast-check";
import { CsvScanner } from "../../src/tables/read/csv-scan.ts";

/** Lines that are each a row of three cells, or none. */
const GOOD = ["1,a,x", '2,"b, b",y', '3,"say ""b""",z', ",,", "4,Zoë,☃"].map((line) => Buffer.from(line));
const BAD = [
  Buffer.from("1,2"),
  Buffer.from("1,2,3,4"),
  Buffer.from('1,a"b,2'),
  Buffer.from('1,"a"b,2'),
  Buffer.from([0x31, 0x2c, 0xff, 0x2c, 0x32]),
  Buffer.from([0x31, 0x2c, 0x61, 0x2c, 0xc3]),
];

interface Scanned {
  readonly kept: string;
  readonly rejected: readonly unknown[];
  readonly places: readonly unknown[];
}

/** What is left of a file that comes in parts. */
function scanned(bytes: Buffer, sizes: readonly number[], kept: number): Scanned {
  const scanner = new CsvScanner("t.csv", 0, undefined, true);
  const parts: Buffer[] = [];
  let held = Buffer.alloc(0);
  let at = 0;
  let hasHeader = false;
  for (let index = 0; at < bytes.length || held.length > 0; index++) {
    const end = Math.min(bytes.length, at + (sizes[index % sizes.length] ?? 1));
    held = Buffer.concat([held, bytes.subarray(at, end)]);
    at = end;
    const used = scanner.scan(held, at === bytes.length);
    let from = 0;
    for (const [start, stop] of scanner.gaps) {
      parts.push(held.subarray(from, start));
      from = stop;
    }
    parts.push(held.subarray(from, used));
    held = held.subarray(used);
    if (!hasHeader && used > 0) {
      scanner.nameColumns(["a", "b", "c"]);
      hasHeader = true;
      continue;
    }
    if (at === bytes.length && used === 0) break;
  }
  const places = Array.from({ length: kept }, (_, row) => scanner.placeOf(row + 1));
  return { kept: Buffer.concat(parts).toString("utf8"), rejected: scanner.rejected, places };
}

describe("rows of CSV that are put aside", () => {
  it("are those that are wrong, whatever parts the file comes in, and leave the others their places", () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(...GOOD).map((line) => ({ line, isGood: true })),
        fc.constantFrom(...BAD).map((line) => ({ line, isGood: false })),
      ),
      { maxLength: 12 },
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lines, sizes, fc.constantFrom("\n", "\r\n", "\r"), fc.boolean(), (all, parts, end, isEnded) => {
        const header = Buffer.from(`a,b,c${end}`);
        const body = all.flatMap(({ line }, index) => [
          line,
          Buffer.from(index + 1 < all.length || isEnded ? end : ""),
        ]);
        const bytes = Buffer.concat([header, ...body]);
        const good = all.flatMap(({ isGood }, index) => (isGood ? [index] : []));
        const { kept, rejected, places } = scanned(bytes, [header.length, ...parts], good.length);
        const rows = kept
          .split(end)
          .slice(1)
          .filter((line) => line !== "");
        assert.deepEqual(
          rows,
          good.map((index) => all[index]!.line.toString("utf8")),
        );
        assert.deepEqual(
          rejected.map((one) => [(one as { row: number }).row, (one as { line: number }).line]),
          all.flatMap(({ isGood }, index) => (isGood ? [] : [[index + 1, index + 2]])),
        );
        assert.deepEqual(
          places,
          good.map((index) => ({ row: index + 1, line: index + 2 })),
        );
      }),
      { numRuns: 500 },
    );
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { csvPieces, toCsvPieces } from "../../src/frames/csv-export.ts";
import { type Output, toOutput } from "../../src/frames/output.ts";
import { csvCell, csvLine } from "../../src/values/csv-text.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { column, queryRows } from "./query-rows.ts";

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const near = (...values: readonly bigint[]) =>
  fc.constantFrom(...values.flatMap((value) => [value - 1n, value, value + 1n]));
const cents = fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((value) => value / 100);

/** Types whose cells are written without a text of each value, and values of theirs. */
const KINDS: readonly (readonly [FenlType["kind"], fc.Arbitrary<HostValue>])[] = [
  ["i64", fc.oneof(long, near(0n, 10n ** 9n, 10n ** 18n, 2n ** 32n, 2n ** 53n, 2n ** 62n))],
  [
    "u64",
    fc.oneof(
      long.map((value) => BigInt.asUintN(64, value)),
      near(2n ** 53n, 10n ** 18n, 10n ** 19n, 2n ** 63n),
    ),
  ],
  ["i32", fc.integer()],
  ["u32", fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  ["i8", fc.integer({ min: -128, max: 127 })],
  [
    "f64",
    fc.oneof(fc.double(), cents, fc.double({ min: -2, max: 2 }), fc.constantFrom(0, -0, 1e10, 1e-5, 1e-4, 9.99995)),
  ],
  ["timestamp_ns", fc.oneof(long, near(0n, -1_000_000_000n, 86_400_000_000_000n, -86_400_000_000_000n))],
  ["timestamp_s", fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n })],
  ["bool", fc.boolean()],
  ["string", fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", 'a "b", c', "naïve 😀".repeat(20)))],
];

describe("a result as CSV", () => {
  for (const [kind, value] of KINDS) {
    it(`has the cells of each value by itself: ${kind}`, () => {
      const type = { kind } as FenlType;
      fc.assert(
        fc.property(fc.array(fc.option(value), { maxLength: 40 }), (values) => {
          const output = toOutput(queryRows(values.length, [column("x", type, values)]));
          const lines = [...toCsvPieces(only(output, "x"))].join("");
          const expected = values.map((one) => `${csvLine([csvCell(type, one)])}\n`);
          assert.equal(lines, `x\n${expected.join("")}`);
        }),
      );
    });
  }

  it("is cut where lines end", () => {
    const rows = 5000;
    const texts = Array.from({ length: rows }, (_, row) => `${"ß".repeat(row % 50)}${row}`);
    const output = toOutput(queryRows(rows, [column("x", { kind: "string" }, texts)]));
    const pieces = [...csvPieces(output)];
    assert.ok(pieces.length > 2);
    for (const piece of pieces.slice(0, -1)) assert.equal(piece.at(-1), 10);
    const lines = Buffer.concat(pieces).toString().trimEnd().split("\n").slice(1);
    assert.deepEqual(
      lines.map((line) => line.split(",").at(-1)),
      texts,
    );
  });
});

function only(output: Output, name: string): Output {
  return { ...output, columns: output.columns.filter((one) => one.name === name) };
}

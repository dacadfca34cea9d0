import assert from "node:assert/strict";
import { schemaMismatch } from "../../src/tables/load/schema-mismatch.ts";
import type { TableColumn } from "../../src/tables/table-snapshot.ts";
import { sameType } from "../../src/values/fenl-type.ts";

const COLUMNS: TableColumn[] = [
  { name: "at", type: { kind: "timestamp_s" } },
  { name: "user", type: { kind: "string" } },
  { name: "amount", type: { kind: "i64" } },
];

/** What is told behind the columns of both sides. */
function told(columns: readonly TableColumn[], before = COLUMNS): string {
  const message = schemaMismatch({ label: "table 'Plays'", columns: before }, { label: "b.csv", columns }, (_, a, b) =>
    sameType(a, b),
  );
  const [, rest] = /^schema does not match previous schema: table 'Plays' has \{.*, and b\.csv has \{[^;]*; (.*)$/.exec(
    message,
  )!;
  return rest!;
}

describe("a message for columns that are not those of before", () => {
  it("names what is not known, with the nearest name that is missing", () => {
    assert.equal(
      told([...COLUMNS.slice(0, 2), { name: "amout", type: { kind: "i64" } }]),
      "column 'amout' is not in table 'Plays'; nearest: 'amount'; column 'amount' is missing in b.csv",
    );
  });

  it("names what is of another type", () => {
    assert.equal(
      told([...COLUMNS.slice(0, 2), { name: "amount", type: { kind: "string" } }]),
      "column 'amount' is of type string, expected i64",
    );
  });

  it("tells few of many differences, also among columns that are not shown", () => {
    const many = Array.from(
      { length: 5_000 },
      (_, index): TableColumn => ({ name: `c${index}`, type: { kind: "i64" } }),
    );
    assert.equal(
      told([...COLUMNS, ...many]),
      "column 'c0' is not in table 'Plays'; column 'c1' is not in table 'Plays'; column 'c2' is not in table 'Plays'; and 4997 more differences",
    );
    const one = many.map((column): TableColumn => (column.name === "c4321" ? { ...column, name: "c_4321" } : column));
    assert.match(
      told([...COLUMNS, ...one], [...COLUMNS, ...many]),
      /^column 'c_4321' is not .* nearest: 'c4321'; column 'c4321' is missing in b\.csv$/,
    );
  });
});

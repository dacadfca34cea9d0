import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as query from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import { LocalBuilder, type Session } from "../../src/index.ts";

const ENTITIES = 50;
const TIMES = 40;

/** Rows of each entity at each time; the subsorts say which table's row comes first, now the one's and now the other's. */
function csv(subsort: (time: number) => number): string {
  const lines = ["at,key,place,n"];
  for (let entity = 0; entity < ENTITIES; entity++) {
    for (let time = 0; time < TIMES; time++) lines.push(`${1_700_000_000 + time},u${entity},${subsort(time)},${time}`);
  }
  return `${lines.join("\n")}\n`;
}

describe("rows of two tables at one time", () => {
  let folder: string;
  let session: Session;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "fenl-one-time-"));
    session = await new LocalBuilder().inMemory(true).build();
    const tables = { A: csv(() => 5), B: csv((time) => (time % 3 === 0 ? 4 : time % 3 === 1 ? 6 : 5)) };
    for (const [tableName, text] of Object.entries(tables)) {
      const file = join(folder, `${tableName}.csv`);
      writeFileSync(file, text);
      const columns = {
        entityKeyColumnName: "key",
        timeColumnName: "at",
        subsortColumnName: "place",
        groupingId: "user",
      };
      await table.createTable({ tableName, ...columns });
      await table.load({ tableName, file });
    }
  });
  after(async () => {
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What was counted at each row of A and of B, in the order of the rows of an entity. */
  function counts(): string[] {
    const lines: string[] = [];
    let [a, b] = [0, 0];
    for (let time = 0; time < TIMES; time++) {
      const order = time % 3 === 0 ? ["B", "A"] : time % 3 === 1 ? ["A", "B"] : ["AB"];
      for (const rows of order) {
        if (rows.includes("A")) a++;
        if (rows.includes("B")) b++;
        lines.push(`${a},${b}`);
      }
    }
    return lines;
  }

  const expression = "{ a: count(A), b: count(B) } | shift_by(seconds(1000))";
  const ways = {
    "": expression,
    ", also where only one table's rows are handed out": `${expression} | when(is_valid($input.a))`,
  };
  for (const [name, text] of Object.entries(ways)) {
    it(`are told apart by their subsorts${name}`, async () => {
      const result = await query.createQuery({ expression: text });
      const byKey = new Map<string, string[]>();
      for (const line of result.toJsonLines().trim().split("\n")) {
        const { _key, a, b } = JSON.parse(line) as { _key: string; a: number | null; b: number | null };
        byKey.set(_key, [...(byKey.get(_key) ?? []), `${a ?? 0},${b ?? 0}`]);
      }
      assert.equal(byKey.size, ENTITIES);
      const expected = name === "" ? counts() : counts().filter((line) => !line.startsWith("0,"));
      for (const [key, lines] of byKey) assert.deepEqual(lines, expected, key);
    });
  }
});

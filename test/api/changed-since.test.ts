import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runQuery } from "../../src/api/run-query.ts";
import type { Store } from "../../src/tables/store/store.ts";
import { openStore } from "../../src/tables/store/store.ts";
import { randomOf } from "../crash/survive.ts";

const SECOND = 1_000_000_000n;

describe("results that changed since a time", function () {
  this.timeout(60_000);
  let folder: string;
  let store: Store;
  const random = randomOf(5);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-since-"));
    store = await openStore({ inMemory: true });
    for (const name of ["A", "B"]) {
      await store.createTable({ name, timeColumn: "at", keyColumn: "who", grouping: "who" });
      // The last file is small and late, but for one event that comes later than it was.
      for (const [file, rows] of [400, 300, 20].entries()) {
        const path = join(folder, `${name}${file}.csv`);
        const lines = Array.from({ length: rows }, (_, row) => {
          const at = file === 2 && row > 0 ? 1000 + row : Math.floor(random() * 1000);
          return `${BigInt(at) * SECOND},u${Math.floor(random() * 40)},${Math.floor(random() * 9)},u${Math.floor(random() * 40)}`;
        });
        writeFileSync(path, `at,who,n,other\n${lines.join("\n")}\n`);
        await store.loadFile(name, path);
      }
    }
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const lines = (csv: string) => csv.trimEnd().split("\n");
  const query = (expression: string, more: object = {}) => runQuery("test", store, { expression, ...more });

  for (const [what, expression, narrowed] of [
    ["of one table", "{ n: A.n, sum: sum(A.n), last: lag(1, A.n) }", true],
    ["of two tables", "{ a: sum(A.n), b: last(B.n), both: count(A) + count(B) }", true],
    ["that are chosen", "A | when(A.n > 3)", true],
    ["with values of other entities", "{ n: A.n, other: lookup(A.other, sum(B.n)) }", true],
    ["that waited", "A | shift_until(A.n > 5) | { n: $input.n, sum: sum($input.n) }", true],
    ["with ticks", "{ day: count(A, window=since(minutely())) }", false],
    ["that moved in time", "A | shift_by(seconds(50))", false],
    ["of other entities", "with_key(A.other, A)", false],
  ] as const) {
    it(`are those of a query over everything, for rows ${what}`, async () => {
      for (const seconds of [1019n, 1005n, 990n, 0n, 5000n]) {
        const since = seconds * SECOND;
        const { table } = await query(expression);
        const times = [...table.getChild("_time")!.data.flatMap(({ values }) => [...(values as BigInt64Array)])];
        const whole = lines((await query(expression)).toCsv());
        const expected = [whole[0], ...whole.slice(1).filter((_, row) => times[row]! >= since)];
        const changed = await query(expression, { changedSinceTime: since });
        assert.deepEqual(lines(changed.toCsv()), expected, `since ${seconds} s`);
        if (seconds === 1019n && narrowed) {
          const { processedInputRows, totalInputRows } = changed.metrics;
          assert.ok(
            processedInputRows < totalInputRows / 2,
            `${processedInputRows} of ${totalInputRows} rows were read`,
          );
        }
      }
      for (const slice of [{ entityKeys: ["u1", "u2"] }, { percent: 30 }]) {
        const options = { resultBehavior: "final-results", sliceFilter: slice } as const;
        const all = await query(expression, options);
        const late = await query(expression, { ...options, changedSinceTime: 0n });
        assert.equal(late.toCsv(), all.toCsv());
        const latest = await query(expression, { ...options, changedSinceTime: 1005n * SECOND });
        const known = new Set(lines(all.toCsv()));
        for (const line of lines(latest.toCsv())) assert.ok(known.has(line), line);
      }
    });
  }
});

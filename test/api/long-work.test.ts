import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LongWork, type WorkProgress, watchLongWork } from "../../src/api/long-work.ts";
import { createQuery } from "../../src/api/query.ts";
import { createTable, getTable, load } from "../../src/api/table.ts";
import { LocalBuilder, type Session } from "../../src/index.ts";

const ROWS = 60_000;

interface Watched {
  readonly work: LongWork;
  readonly steps: WorkProgress[];
  readonly ends: string[];
}

describe("long work", () => {
  let folder: string;
  let session: Session;
  const stop = { signal: new AbortController().signal, at: (_progress: WorkProgress) => {} };
  const watchedWork: Watched[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-work-test-"));
    const rows = Array.from(
      { length: ROWS },
      (_, row) => `2022-01-01T00:00:00.${String(row).padStart(9, "0")}Z,u${row % 7},${row}`,
    );
    writeFileSync(join(folder, "many.csv"), `at,who,n\n${rows.join("\n")}\n`);
    session = await new LocalBuilder().inMemory(true).build();
    watchLongWork((work) => {
      const watched: Watched = { work, steps: [], ends: [] };
      watchedWork.push(watched);
      return {
        signal: stop.signal,
        progress: (progress) => {
          watched.steps.push(progress);
          stop.at(progress);
        },
        ended: (how) => watched.ends.push(how),
      };
    });
  });

  beforeEach(() => {
    watchedWork.length = 0;
  });

  after(async () => {
    watchLongWork(null);
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const table = async (tableName: string) => {
    await createTable({ tableName, timeColumnName: "at", entityKeyColumnName: "who" });
    return tableName;
  };

  it("tells how many rows of a file are read and written, and how much of it that is", async () => {
    await load({ tableName: await table("Many"), file: join(folder, "many.csv") });
    const [{ work, steps, ends }] = watchedWork as [Watched];
    assert.deepEqual(work, { kind: "load", table: "Many" });
    assert.deepEqual(ends, ["done"]);
    const reading = steps.filter(({ step }) => step === "reading");
    assert.ok(reading.length > 0);
    assert.equal(reading.at(-1)!.rows, ROWS);
    assert.equal(reading.at(-1)!.fraction, 1);
    for (const [before, after] of reading.slice(1).map((step, at) => [reading[at]!, step] as const)) {
      assert.ok(after.rows >= before.rows && after.fraction! >= before.fraction!);
    }
    assert.deepEqual(steps.at(-1), { step: "writing", rows: ROWS, rowsTotal: ROWS, fraction: 1 });
  });

  it("tells how many rows of a query are computed", async () => {
    await createQuery({ expression: "Many" });
    const [{ work, steps, ends }] = watchedWork as [Watched];
    assert.deepEqual(work, { kind: "query", table: null });
    assert.deepEqual(ends, ["done"]);
    assert.deepEqual(steps.at(-1), { step: "computing", rows: ROWS, rowsTotal: ROWS, fraction: 1 });
  });

  it("tells that work has failed", async () => {
    await assert.rejects(createQuery({ expression: "Mayn.n" }));
    await assert.rejects(load({ tableName: "Many", file: join(folder, "none.csv") }));
    assert.deepEqual(
      watchedWork.map(({ ends }) => ends),
      [["failed"], ["failed"]].slice(0, watchedWork.length),
    );
    assert.ok(watchedWork.length > 0);
  });

  it("is stopped by its watcher, and leaves nothing behind", async () => {
    const abort = new AbortController();
    stop.signal = abort.signal;
    stop.at = () => abort.abort();
    await table("Stopped");
    await assert.rejects(load({ tableName: "Stopped", file: join(folder, "many.csv") }));
    assert.equal((await getTable("Stopped")).rowCount, 0);
    assert.deepEqual(watchedWork[0]!.ends, ["failed"]);
    // A caller's own signal does not keep the watcher's from stopping the work.
    await assert.rejects(createQuery({ expression: "Many", signal: new AbortController().signal }));
    stop.at = () => {};
    stop.signal = new AbortController().signal;
    assert.equal((await createQuery({ expression: "Many" })).metrics.producedOutputRows, ROWS);
  });
});

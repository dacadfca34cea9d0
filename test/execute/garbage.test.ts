import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { noteGarbage, unwatchResult, watchResult } from "../../src/execute/rows/garbage.ts";

const MEGABYTE = 1 << 20;

/** Something that nobody holds, seen as long as it is there. */
function dropped(use: (object: object) => void = () => {}): WeakRef<object> {
  const object = { a: 1 };
  use(object);
  return new WeakRef(object);
}

/** What is seen through a weak reference stays until the turn ends; collections begin in the next one. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await setImmediate();
}

describe("shared memory that nobody reads any more", () => {
  // What other tests have let go of waits no longer.
  beforeEach(async () => {
    noteGarbage(256 * MEGABYTE);
    await turns();
  });

  it("is collected soon where it is much", async () => {
    const object = dropped();
    noteGarbage(200 * MEGABYTE);
    await turns();
    noteGarbage(200 * MEGABYTE);
    await turns();
    assert.equal(object.deref(), undefined);
  });

  it("is collected where results were dropped that nobody gave back, those that are held aside", async () => {
    const held = { a: 1 };
    watchResult(held, 200 * MEGABYTE);
    await turns();
    const object = dropped((result) => watchResult(result, 200 * MEGABYTE));
    await turns();
    assert.equal(object.deref(), undefined);
    unwatchResult(held, 200 * MEGABYTE);
  });
});

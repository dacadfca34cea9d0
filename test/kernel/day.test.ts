import assert from "node:assert/strict";
import { beginDay, held, work } from "./day.ts";
import { WireClient } from "./wire-client.ts";

describe("a day of work", () => {
  let client: WireClient;
  before(async () => {
    client = await WireClient.start();
  });
  after(() => client.stop());

  it("leaves no file, socket or thread open, a hundredth of it", async () => {
    await beginDay(client);
    await work(client, 20);
    const before = await held(client);
    await work(client, 40);
    const after = await held(client);
    assert.deepEqual(after.resources, before.resources);
    // A thread that a busy machine has started late has a file of its own; a leak shows in each of the two turns.
    assert.ok(after.files <= before.files + 1, `${before.files} open files became ${after.files}`);
  });
});

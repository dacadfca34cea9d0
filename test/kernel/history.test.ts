import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WireClient } from "./wire-client.ts";

describe("history", () => {
  let data: string;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), "fenl-history-"));
  });

  after(() => rm(data, { recursive: true, force: true }));

  const start = () => WireClient.start({ env: { JUPYTER_DATA_DIR: data } });

  async function history(client: WireClient, content: object): Promise<unknown[]> {
    const answer = await client.ask("history_request", { output: false, raw: true, ...content });
    assert.equal(answer.status, "ok");
    return answer.history;
  }

  it("keeps cells over restarts, by session and line", async () => {
    const first = await start();
    await first.execute("1 + 1");
    await first.execute("let multi = `\n😀`");
    await first.execute("hidden", { store_history: false });
    await first.execute("throw new Error('kept as well')");
    await first.stop();

    // A killed process may leave half a line.
    await appendFile(join(data, "fenl/history.jsonl"), '{"of": "x", "n": 1, "in": "ha\n');

    const second = await start();
    await second.execute("2 + 2");
    await second.execute("1 + 1");
    assert.deepEqual(await history(second, { hist_access_type: "tail", n: 3 }), [
      [1, 3, "throw new Error('kept as well')"],
      [2, 1, "2 + 2"],
      [2, 2, "1 + 1"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "tail", n: 2, output: true }), [
      [2, 1, ["2 + 2", "4"]],
      [2, 2, ["1 + 1", "2"]],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "range", session: 1, start: 2, stop: 3 }), [
      [1, 2, "let multi = `\n😀`"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "range", session: 0, start: 1, stop: 2 }), [
      [2, 1, "2 + 2"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "range", session: -1, start: 1, stop: 2 }), [
      [1, 1, "1 + 1"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "search", pattern: "1*" }), [
      [1, 1, "1 + 1"],
      [2, 2, "1 + 1"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "search", pattern: "? + ?", unique: true }), [
      [2, 1, "2 + 2"],
      [2, 2, "1 + 1"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "search", pattern: "*[!a-z]😀*", n: 1 }), [
      [1, 2, "let multi = `\n😀`"],
    ]);
    assert.deepEqual(await history(second, { hist_access_type: "search", pattern: "[" }), []);
    await second.stop();
  });

  it("does not keep a cell from running when it cannot be written", async () => {
    const client = await WireClient.start({ env: { JUPYTER_DATA_DIR: "/dev/null/nowhere" } });
    assert.equal(await client.value("40 + 2"), "42");
    assert.deepEqual(await history(client, { hist_access_type: "tail", n: 5 }), [[1, 1, "40 + 2"]]);
    assert.match(client.log, /the history cannot be kept/);
    await client.stop();
  });
});

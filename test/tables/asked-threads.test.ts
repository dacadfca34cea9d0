import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { askThread } from "../../src/tables/idle-threads.ts";

const ECHO = `const { parentPort } = require("node:worker_threads");
parentPort.on("message", (request) => {
  if (request === "end") process.exit(3);
  parentPort.postMessage(request);
});`;

describe("threads that are asked", () => {
  it("answer in the order of the requests, of which several may wait", async () => {
    const worker = new Worker(ECHO, { eval: true });
    try {
      const requests = Array.from({ length: 20 }, (_, index) => index);
      assert.deepEqual(await Promise.all(requests.map((request) => askThread(worker, request))), requests);
      // What comes when nothing was asked is not theirs.
      assert.equal(worker.listenerCount("message"), 0);
      assert.equal(await askThread(worker, "again"), "again");
    } finally {
      await worker.terminate();
    }
  });

  it("reject all requests that wait when they end", async () => {
    const worker = new Worker(ECHO, { eval: true });
    const asked = ["first", "end", "never", "nor this"].map((request) => askThread(worker, request));
    const ended = { status: "rejected", reason: new Error("a thread ended with exit code 3") };
    assert.deepEqual(await Promise.allSettled(asked), [{ status: "fulfilled", value: "first" }, ended, ended, ended]);
  });
});

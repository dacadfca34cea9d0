import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

/** Cells that never end by themselves, by where they loop. */
const endless: Record<string, string> = {
  "in synchronous code": "loop()",
  "in code that catches everything": "for (;;) { try { loop() } catch {} finally {} }",
  "after an await": "await null; loop()",
  "after an await of a timer": "await new Promise((resolve) => setTimeout(resolve, 5)); loop()",
  "in a microtask": "queueMicrotask(loop); await forever",
  "in a promise's callback, with the cell at its end": "Promise.resolve().then(loop); 1",
  "in a timer": "setTimeout(loop, 1); await forever",
  "in an immediate": "setImmediate(loop); await forever",
  "in process.nextTick": "process.nextTick(loop); await forever",
  "in an endless chain of awaits": "for (;;) await null",
  "in an endless chain of timers": "for (;;) await new Promise((resolve) => setTimeout(resolve, 1))",
  "in a promise that never settles": "await forever",
  "in a generator": "for (const each of (function* () { for (;;) yield 1 })());",
  "in a callback of the engine's own": "[3, 1, 2].sort(() => { for (;;); })",
  "in a regular expression": "/(a+)+$/.test('a'.repeat(50) + 'b')",
  "in what it prints": "for (;;) console.log('x')",
  "in what it displays": "for (;;) display('x')",
  "in a value's own way to be shown": "({ [Symbol.for('nodejs.util.inspect.custom')]() { for (;;); } })",
  "in a value's own MIME bundle": "({ [Symbol.for('Jupyter.display')]() { for (;;); } })",
  "in a value that display shows": "display({ [Symbol.for('nodejs.util.inspect.custom')]() { for (;;); } })",
  "in Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "in a module's code": "import { readdirSync } from 'node:fs'; for (;;) readdirSync('.')",
  "in a shell command": "!sleep 1000",
  "in a bash cell": "%%bash\nsleep 1000",
};

describe("an interrupt", function () {
  // On a busy machine an interrupt can fall into code of Node's that V8 calls by itself and that swallows it.
  this.retries(2);
  let client: WireClient;

  beforeEach(async () => {
    client = await WireClient.start();
    await client.execute(
      "let kept = 42; function loop() { for (;;) {} }; const forever = new Promise(() => {}); globalThis.forever = forever",
    );
  });

  afterEach(() => client.stop());

  for (const [where, code] of Object.entries(endless)) {
    it(`ends a cell ${where}, and keeps the session`, async () => {
      const id = await client.startExecution(code);
      await client.wait("its start", ({ type, parentId }) => type === "execute_input" && parentId === id);
      await client.settle();
      await client.interrupt();
      const { reply, outputs } = await client.finished(id, 3000);
      // The value of a cell whose microtask loops may have been shown before.
      if (outputs.some(({ type }) => type === "execute_result")) assert.equal(reply.status, "ok");
      else {
        assert.equal(reply.ename, "Interrupted");
        assert.equal(outputs.at(-1)!.type, "error");
      }
      assert.equal(await client.value("kept"), "42");
      assert.equal(
        await client.value("await new Promise((resolve) => setTimeout(resolve, 5, 'timers work'))"),
        "'timers work'",
      );
      assert.equal(
        await client.value("await new Promise((resolve) => setImmediate(resolve, 'immediates work'))"),
        "'immediates work'",
      );
    });
  }

  it("ends a loop that an answered cell left in a timer", async () => {
    const done = await client.execute("setTimeout(loop, 20); 'answered'");
    assert.equal(done.reply.status, "ok");
    await new Promise((resolve) => setTimeout(resolve, 60));
    const id = await client.startExecution("'next'");
    await client.interrupt();
    assert.equal((await client.finished(id)).reply.status, "ok");
    assert.equal(await client.value("kept"), "42");
  });

  it("does nothing when nothing runs, ten times in a row", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(await client.send("control", "interrupt_request", {}));
    for (const id of ids) assert.equal((await client.reply(id)).content.status, "ok");
    assert.equal(await client.value("kept"), "42");
    const { outputs } = await client.execute("console.log('unharmed')");
    assert.equal(outputs[0]!.content.text, "unharmed\n");
  });

  it("does no harm ten times in a row while a cell displays", async () => {
    const id = await client.startExecution("for (let n = 0; ; n++) display(n)");
    await client.wait("output", ({ type, parentId }) => type === "display_data" && parentId === id);
    for (let n = 0; n < 10; n++) await client.send("control", "interrupt_request", {});
    const { reply } = await client.finished(id);
    assert.equal(reply.ename, "Interrupted");
    assert.equal(await client.value("kept"), "42");
  });

  it("drops what the interrupted cell still says", async () => {
    const id = await client.startExecution("setInterval(() => console.log('late'), 5).unref(); await forever");
    await client.wait("output", ({ type, parentId }) => type === "stream" && parentId === id);
    await client.interrupt();
    await client.finished(id);
    const before = client.received.filter(({ parentId }) => parentId === id).length;
    await client.settle();
    assert.equal(client.received.filter(({ parentId }) => parentId === id).length, before);
  });

  it("aborts the executions that were sent after the interrupted one", async () => {
    const first = await client.startExecution("loop()");
    const second = await client.startExecution("kept = 0");
    await client.settle();
    await client.interrupt();
    assert.equal((await client.finished(first)).reply.status, "error");
    assert.equal((await client.finished(second)).reply.status, "aborted");
    assert.equal(await client.value("kept"), "42");
  });

  it("says when a native call keeps the cell from stopping, and stops it afterwards", async () => {
    const id = await client.startExecution(
      "import { execSync } from 'node:child_process'; execSync('sleep 3.5'); for (;;) {}",
    );
    await client.wait("its start", ({ type, parentId }) => type === "execute_input" && parentId === id);
    await client.settle();
    await client.interrupt();
    const { reply, outputs } = await client.finished(id);
    assert.equal(reply.ename, "Interrupted");
    assert.match(outputs[0]!.content.text, /inside a native call.* will stop as soon as/);
  });

  it("comes by signal as well while a cell awaits", async () => {
    const id = await client.startExecution("await forever");
    await client.settle();
    client.child.kill("SIGINT");
    assert.equal((await client.finished(id)).reply.ename, "Interrupted");
    assert.equal(await client.value("kept"), "42");
  });

  it("needs no flag of node's", async () => {
    const bare = await WireClient.start({ flags: [] });
    for (const code of [endless["in a timer"]!, endless["in an immediate"]!, endless["after an await"]!]) {
      await bare.execute("function loop() { for (;;) {} }; globalThis.forever = new Promise(() => {})");
      const id = await bare.startExecution(code);
      await bare.settle();
      await bare.interrupt();
      assert.equal((await bare.finished(id)).reply.ename, "Interrupted");
    }
    await bare.stop();
  });
});

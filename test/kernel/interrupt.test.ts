import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
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
  "in what it makes promises of": "for (;;) Promise.resolve(1)",
  "in what it makes rejected promises of": "for (;;) Promise.reject(1).catch(() => {})",
  "in an endless chain of callbacks": "(function again() { Promise.resolve().then(again) })(); await forever",
  "in stack traces": "for (;;) new Error('x').stack",
  "in timers that it makes": "for (;;) clearTimeout(setTimeout(() => {}, 1000))",
  "in what it writes": "for (;;) process.stdout.write('x')",
  "in a recursion that uses up the stack": "(function again() { try { again() } catch { again() } })()",
  "in an endless chain of awaits with a context of the user's":
    "import { AsyncLocalStorage } from 'node:async_hooks'; await new AsyncLocalStorage().run(1, async () => { for (;;) await null })",
  "in a shell command": "!sleep 1000",
  "in a bash cell": "%%bash\nsleep 1000",
};

describe("an interrupt", () => {
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
      const { reply, outputs } = await client.finished(id);
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
      const { outputs: printed } = await client.execute("console.log('printing works')");
      assert.equal(printed[0]?.content.text, "printing works\n");
    });
  }

  it("ends what goes on after an await, in the cell and in the functions of other cells", async () => {
    await client.execute(
      "globalThis.steps = 0; const step = () => new Promise((resolve) => setTimeout(resolve, 1)); " +
        "async function walk() { for (;;) { await step(); globalThis.steps++ } }",
    );
    const cells = [
      "for (;;) { await step(); globalThis.steps++ }",
      "await walk()",
      "for await (const each of (async function* () { for (;;) yield await step() })()) globalThis.steps++",
      "await Promise.all([walk(), walk()])",
    ];
    for (const code of cells) {
      const id = await client.startExecution(code);
      await client.settle();
      await client.interrupt();
      assert.equal((await client.finished(id)).reply.ename, "Interrupted");
      const steps = await client.value("globalThis.steps");
      await client.settle();
      assert.equal(await client.value("globalThis.steps"), steps, code);
    }
    // What was stopped is only what ran then.
    assert.equal(await client.value("await Promise.race([walk(), step().then(() => 'walks')])"), "'walks'");
  });

  it("never ends the cell that comes next", async () => {
    for (let n = 0; n < 30; n++) {
      const id = await client.startExecution("for (const end = Date.now() + 5; Date.now() < end; );");
      const wish = client.send("control", "interrupt_request", {});
      await client.finished(id);
      const next = await client.startExecution(`let sum${n} = 0; for (let n = 0; n < 1e6; n++) sum${n} += n; sum${n}`);
      const { reply } = await client.finished(next);
      assert.equal(reply.status, "ok", `${reply.ename} in the cell after the interrupted one`);
      await client.reply(await wish);
    }
  });

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
      "import { execSync } from 'node:child_process'; execSync('touch called; sleep 3.5'); for (;;) {}",
    );
    while (!existsSync(join(client.folder, "called"))) await client.settle();
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

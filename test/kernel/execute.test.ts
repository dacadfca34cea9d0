import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

describe("execute", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  const typesOf = (outputs: readonly { type: string }[]) => outputs.map(({ type }) => type);

  it("counts cells that are kept, and only those", async () => {
    const first = (await client.execute("1")).reply.execution_count;
    assert.equal((await client.execute("2", { store_history: false })).reply.execution_count, first);
    assert.equal((await client.execute("3", { silent: true })).reply.execution_count, first);
    assert.equal((await client.execute("  \n")).reply.execution_count, first);
    assert.equal((await client.execute("4")).reply.execution_count, first + 1);
  });

  it("says nothing on iopub of a silent execution, and runs it", async () => {
    const { all, reply } = await client.execute("globalThis.silently = 1; console.log('x'); display(1); 5", {
      silent: true,
    });
    assert.equal(reply.status, "ok");
    const said = all.filter(({ channel, type }) => channel === "iopub" && type !== "status");
    assert.deepEqual(said, []);
    const failing = await client.execute("throw new Error('silent')", { silent: true });
    assert.equal(failing.reply.evalue, "silent");
    assert.deepEqual(failing.outputs, []);
    assert.equal(await client.value("globalThis.silently"), "1");
  });

  it("shows the last expression unless it is undefined or ends in a semicolon", async () => {
    assert.equal(await client.value("const a = 1; a + 1"), "2");
    assert.equal(await client.value("({ a: 1 })"), "{ a: 1 }");
    assert.equal(await client.value("'use strict'"), "'use strict'");
    assert.equal(await client.value("null // a comment;"), "null");
    assert.equal(await client.value("1;"), undefined);
    assert.equal(await client.value("undefined"), undefined);
    assert.equal(await client.value("const b = 1"), undefined);
    assert.equal(await client.value("if (true) { 1 }"), undefined);
    assert.equal(await client.value(""), undefined);
    assert.equal(await client.value("// nothing"), undefined);
  });

  it("shows promises as they are, without notes of the kernel's", async () => {
    assert.equal(
      await client.value("Promise.resolve({ nested: Promise.resolve(1) })"),
      "Promise { { nested: Promise { 1 } } }",
    );
    const { outputs } = await client.execute("console.log([new Promise(() => {})])");
    assert.equal(outputs[0]!.content.text, "[ Promise { <pending> } ]\n");
  });

  it("evaluates user expressions after the cell", async () => {
    const { reply } = await client.execute("let u = 20", {
      user_expressions: { good: "u + 1", bad: "noSuchName", worse: "1 +", nothing: "undefined", ["__proto__"]: "1" },
    });
    assert.equal(reply.status, "ok");
    assert.equal(reply.user_expressions.good.data["text/plain"], "21");
    assert.equal(reply.user_expressions.bad.ename, "ReferenceError");
    assert.equal(reply.user_expressions.worse.ename, "SyntaxError");
    assert.equal(reply.user_expressions.nothing.status, "ok");
  });

  it("aborts the executions that were sent before an error was known, unless told otherwise", async () => {
    const ids: string[] = [];
    for (const code of ["throw new Error('first')", "globalThis.ran = 1", "globalThis.ran = 2"]) {
      ids.push(await client.startExecution(code));
    }
    const info = await client.send("shell", "kernel_info_request", {});
    const statuses = [];
    for (const id of ids) statuses.push((await client.finished(id)).reply.status);
    assert.deepEqual(statuses, ["error", "aborted", "aborted"]);
    assert.equal((await client.reply(info)).content.status, "ok");
    assert.equal(await client.value("typeof globalThis.ran"), "'undefined'");

    const tolerant = await client.startExecution("throw new Error('first')", { stop_on_error: false });
    const next = await client.startExecution("'ran'");
    assert.equal((await client.finished(tolerant)).reply.status, "error");
    assert.equal((await client.finished(next)).reply.status, "ok");
  });

  it("runs what is sent right after the reply to a failed cell", async () => {
    for (let n = 0; n < 20; n++) {
      const failing = await client.startExecution("throw 1");
      await client.reply(failing);
      assert.equal((await client.execute("1")).reply.status, "ok");
    }
  });

  it("sends what is written to its streams in order, errors apart", async () => {
    const { outputs } = await client.execute(
      "console.log('a'); process.stdout.write('b\\n'); console.error('c'); process.stdout.write(Buffer.from('é')); console.log('%d %s', 1, 'x')",
    );
    // How the text is divided among messages is free: the first words go at once, later ones are gathered.
    const streams: [string, string][] = [];
    for (const { content } of outputs) {
      const last = streams.at(-1);
      if (last !== undefined && last[0] === content.name) last[1] += content.text;
      else streams.push([content.name, content.text]);
    }
    assert.deepEqual(streams, [
      ["stdout", "a\nb\n"],
      ["stderr", "c\n"],
      ["stdout", "é1 x\n"],
    ]);
  });

  it("keeps written text, displays and values in their order", async () => {
    const { outputs } = await client.execute(
      "console.log(1); display(2); console.log(3); await null; display(4); console.log(5); 6",
    );
    const seen = outputs.map(({ content }) => content.text?.trim() ?? content.data["text/plain"]);
    assert.deepEqual(seen, ["1", "2", "3", "4", "5", "6"]);
  });

  it("sends text while a cell still runs", async () => {
    const id = await client.startExecution(
      "console.log('early'); await new Promise((resolve) => setTimeout(resolve, 1500))",
    );
    await client.wait("text", ({ type, parentId }) => type === "stream" && parentId === id, 1000);
    const loop = await client.startExecution(
      "const until = Date.now() + 1500; console.log('first'); while (Date.now() < until) console.log('more')",
    );
    await client.finished(id);
    await client.wait("text", ({ type, parentId }) => type === "stream" && parentId === loop, 1000);
    await client.finished(loop);
  });

  it("gives output of timers, promises and callbacks to the cell that started them", async () => {
    const first = await client.execute(`
      import { readFile } from "node:fs";
      setTimeout(() => console.log("timer"), 60);
      setTimeout(async () => { await null; display("displayed") }, 70);
      (async () => { await new Promise((resolve) => setTimeout(resolve, 80)); console.error("promise") })();
      setTimeout(() => readFile("/dev/null", () => console.log("callback")), 90);
      setTimeout(() => { throw new Error("uncaught") }, 100);
      setTimeout(() => Promise.reject(new Error("unhandled")), 110);
      1;
    `);
    assert.equal(first.reply.status, "ok");
    const second = await client.execute(
      "console.log('second'); await new Promise((resolve) => setTimeout(resolve, 250)); console.log('still second')",
    );
    assert.deepEqual(
      second.outputs.map(({ content }) => content.text),
      ["second\n", "still second\n"],
    );
    const parent = first.all[0]!.parentId;
    const late = client.received.filter(({ parentId, channel }) => parentId === parent && channel === "iopub");
    const text = late.map(({ content }) => content.text ?? content.data?.["text/plain"] ?? "").join("");
    for (const said of ["timer", "displayed", "promise", "callback", "uncaught", "unhandled"])
      assert.match(text, new RegExp(said));
  });

  it("displays, updates and clears", async () => {
    const { outputs } = await client.execute(`
      const handle = display("one");
      handle.update("two");
      display("three", { displayId: "named" });
      display("four", { displayId: "named", update: true });
      display({ "text/html": "<b>bold</b>", "text/plain": "bold" }, { raw: true });
      display.clear(true);
    `);
    assert.deepEqual(typesOf(outputs), [
      "display_data",
      "update_display_data",
      "display_data",
      "update_display_data",
      "display_data",
      "clear_output",
    ]);
    const [one, two, three, four, html, clear] = outputs.map(({ content }) => content);
    assert.equal(one.transient.display_id, two.transient.display_id);
    assert.equal(two.data["text/plain"], "'two'");
    assert.equal(three.transient.display_id, "named");
    assert.equal(four.transient.display_id, "named");
    assert.deepEqual(html.data, { "text/html": "<b>bold</b>", "text/plain": "bold" });
    assert.deepEqual(clear, { wait: true });
  });

  it("shows what cannot be shown as such, and goes on", async () => {
    for (const code of [
      "({ get [Symbol.for('Jupyter.display')]() { throw new Error('no') } })",
      "new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })",
      "const cyclic: any = {}; cyclic.self = cyclic; cyclic",
      "10n ** 40n",
      "Symbol('s')",
      "'\\ud800'",
      "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 1n }) })",
    ]) {
      const { reply } = await client.execute(code);
      assert(["ok", "error"].includes(reply.status), code);
      assert.equal(await client.value("1"), "1");
    }
  });

  it("answers a question about a name with a page", async () => {
    await client.execute("function documented(a: number, b: string) { return a + b }");
    const { reply, outputs } = await client.execute("documented?");
    assert.deepEqual(outputs, []);
    assert.equal(reply.payload.length, 1);
    assert.equal(reply.payload[0].source, "page");
    assert.match(reply.payload[0].data["text/plain"], /documented: function, 2 required parameters/);
    assert.match((await client.execute("?noSuchThing")).reply.payload[0].data["text/plain"], /no "noSuchThing"/);
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { WireClient } from "./wire-client.ts";

describe("the life of a kernel", () => {
  it("answers a shutdown, tells everybody, and ends", async () => {
    const client = await WireClient.start();
    const answer = await client.ask("shutdown_request", { restart: false }, "control");
    assert.deepEqual(answer, { status: "ok", restart: false });
    assert.deepEqual(await client.exited, { code: 0, signal: null });
    assert(client.received.some(({ channel, type }) => channel === "iopub" && type === "shutdown_reply"));
    assert.equal(client.log, "");
    await client.stop();
  });

  it("says in its reply that it ends for a restart", async () => {
    const client = await WireClient.start();
    const answer = await client.ask("shutdown_request", { restart: true }, "control");
    assert.deepEqual(answer, { status: "ok", restart: true });
    assert.deepEqual(await client.exited, { code: 0, signal: null });
    await client.stop();
  });

  it("shuts down while a cell loops", async () => {
    const client = await WireClient.start();
    const id = await client.startExecution("console.log('looping'); for (;;) {}");
    await client.wait("output", ({ type, parentId }) => type === "stream" && parentId === id);
    await client.send("control", "shutdown_request", { restart: false });
    assert.deepEqual(await client.exited, { code: 0, signal: null });
    await client.stop();
  });

  it("ends a shell command of a cell with itself", async () => {
    const client = await WireClient.start();
    const id = await client.startExecution("!echo pid $$; sleep 1000");
    const { content } = await client.wait("output", ({ type, parentId }) => type === "stream" && parentId === id);
    const pid = Number(/pid (\d+)/.exec(content.text)![1]);
    assert(isAlive(pid));
    await client.send("control", "shutdown_request", { restart: false });
    await client.exited;
    for (let tries = 0; isAlive(pid) && tries < 50; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert(!isAlive(pid));
    await client.stop();
  });

  it("ends when the process that started it has ended", async () => {
    const sleeper = spawn("sleep", ["1000"], { stdio: "ignore" });
    const client = await WireClient.start({ env: { JPY_PARENT_PID: String(sleeper.pid) } });
    assert.equal(await client.value("1"), "1");
    sleeper.kill("SIGKILL");
    const { code } = await client.exited;
    assert.equal(code, 0);
    await client.stop();
  });

  it("ends as an orphan even while a cell loops", async () => {
    const sleeper = spawn("sleep", ["1000"], { stdio: "ignore" });
    const client = await WireClient.start({ env: { JPY_PARENT_PID: String(sleeper.pid) } });
    await client.startExecution("Promise.resolve().then(() => { for (;;) {} }); for (;;) {}");
    await client.settle();
    sleeper.kill("SIGKILL");
    await client.exited;
    await client.stop();
  });

  it("lets a cell end the kernel with process.exit", async () => {
    const client = await WireClient.start();
    await client.startExecution("process.exit(3)");
    assert.deepEqual(await client.exited, { code: 3, signal: null });
    assert.equal(client.log, "");
    await client.stop();
  });

  it("says what is wrong with a connection file", async () => {
    const main = fileURLToPath(new URL("../../dist/kernel/main.js", import.meta.url));
    const cases: [string[], RegExp][] = [
      [["/nowhere/connection.json"], /The connection file \/nowhere\/connection\.json cannot be read/],
      [[main], /is not JSON/],
      [[fileURLToPath(new URL("../../package.json", import.meta.url))], /must give shell_port as a port number/],
      [[], /Usage/],
    ];
    for (const [parameters, message] of cases) {
      const child = spawn(process.execPath, [main, ...parameters], { stdio: ["ignore", "ignore", "pipe"] });
      let log = "";
      child.stderr.on("data", (data) => {
        log += data;
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      assert.match(log, message);
      assert(!log.includes("    at "), "no stack trace");
      assert.notEqual(code, 0);
    }
  });

  it("opens its sockets and loads no heavy package before the first cell", async () => {
    const client = await WireClient.start();
    const maps = readFileSync(`/proc/${client.child.pid}/maps`, "utf8");
    assert.match(maps, /zeromq/);
    assert(!/duckdb/.test(maps));
    await client.stop();
  });
});

/** Whether a process runs; one that has ended but was not waited for does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

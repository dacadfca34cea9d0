import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

describe("input", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  async function asked(id: string) {
    return client.wait("a question", ({ channel, parentId }) => channel === "stdin" && parentId === id);
  }

  it("asks the front end and gets the answer", async () => {
    const id = await client.startExecution(
      "console.log('before'); const name = await input('Name: '); name.toUpperCase()",
      { allow_stdin: true },
    );
    const question = await asked(id);
    assert.equal(question.type, "input_request");
    assert.deepEqual(question.content, { prompt: "Name: ", password: false });
    assert(
      client.received.some(({ type, parentId }) => type === "stream" && parentId === id),
      "text comes before the question",
    );
    await client.send("stdin", "input_reply", { status: "ok", value: "ada 😀" }, question.header);
    const { outputs } = await client.finished(id);
    assert.equal(outputs.at(-1)!.content.data["text/plain"], "'ADA 😀'");
  });

  it("asks for passwords, and several times", async () => {
    const id = await client.startExecution("[await input('a', { password: true }), await input()]", {
      allow_stdin: true,
    });
    const first = await asked(id);
    assert.deepEqual(first.content, { prompt: "a", password: true });
    await client.send("stdin", "input_reply", { value: "1" }, first.header);
    await client.wait("the second question", ({ channel, content }) => channel === "stdin" && content.prompt === "");
    await client.send("stdin", "input_reply", { value: "2" });
    assert.equal((await client.finished(id)).outputs[0]!.content.data["text/plain"], "[ '1', '2' ]");
  });

  it("does not keep heartbeats and control waiting", async () => {
    const id = await client.startExecution("await input('?')", { allow_stdin: true });
    await asked(id);
    assert.equal(await client.heartbeat("beat"), "beat");
    assert.equal((await client.ask("kernel_info_request", {}, "control")).status, "ok");
    await client.interrupt();
    assert.equal((await client.finished(id)).reply.ename, "Interrupted");
  });

  it("drops an answer that comes too late", async () => {
    const id = await client.startExecution("await input('first')", { allow_stdin: true });
    const first = await asked(id);
    await client.interrupt();
    await client.finished(id);
    await client.send("stdin", "input_reply", { value: "late" }, first.header);
    await client.settle();
    const next = await client.startExecution("await input('second')", { allow_stdin: true });
    const second = await asked(next);
    await client.send("stdin", "input_reply", { value: "right" }, second.header);
    assert.equal((await client.finished(next)).outputs[0]!.content.data["text/plain"], "'right'");
  });

  it("is an error where the front end does not take input, or when the cell has ended", async () => {
    const { reply } = await client.execute("await input('x')");
    assert.match(reply.evalue, /this front end does not take input/);
    const { outputs } = await client.execute(
      "setTimeout(() => input('late').catch((error) => console.log(error.message)), 10); 1;",
    );
    await client.execute("await new Promise((resolve) => setTimeout(resolve, 30))");
    assert.deepEqual(outputs, []);
    await client.wait(
      "the error",
      ({ type, content }) => type === "stream" && /only ask while its cell/.test(content.text),
    );
  });
});

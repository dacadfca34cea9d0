import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

describe("the wire", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  it("echoes heartbeats", async () => {
    assert.equal(await client.heartbeat("ping 1"), "ping 1");
    assert.equal(await client.heartbeat("ping 2"), "ping 2");
  });

  it("describes the kernel on shell and on control", async () => {
    for (const channel of ["shell", "control"] as const) {
      const info = await client.ask("kernel_info_request", {}, channel);
      assert.equal(info.status, "ok");
      assert.match(info.protocol_version, /^5\.\d+$/);
      assert.equal(info.language_info.name, "typescript");
      assert.equal(info.language_info.file_extension, ".ts");
    }
  });

  it("puts every execution between busy and idle, with its input and its request as the parent", async () => {
    const { all, reply } = await client.execute("6 * 7");
    assert.deepEqual(
      all.filter(({ channel }) => channel === "iopub").map(({ type, content }) => content.execution_state ?? type),
      ["busy", "execute_input", "execute_result", "idle"],
    );
    const [input, result] = ["execute_input", "execute_result"].map((type) =>
      all.find((message) => message.type === type),
    );
    assert.equal(input!.content.code, "6 * 7");
    assert.equal(input!.content.execution_count, reply.execution_count);
    assert.equal(result!.content.execution_count, reply.execution_count);
    assert.equal(result!.content.data["text/plain"], "42");
  });

  it("gives every message an id of its own and the kernel's session", async () => {
    await client.execute("1");
    const ids = client.received.map(({ header }) => header.msg_id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(client.received.map(({ header }) => header.session)).size, 1);
  });

  it("welcomes a subscriber to iopub", () => {
    const welcome = client.received.find(({ type }) => type === "iopub_welcome");
    assert.deepEqual(welcome?.content, { subscription: "" });
  });

  it("refuses a message whose signature is wrong", async () => {
    const { id, frames } = client.pack("execute_request", { code: "globalThis.forged = 1" });
    const forged = [...frames];
    forged[1] = client.sign(["something else"]);
    await client.sendFrames("shell", forged);
    await client.sendFrames("shell", [forged[0]!, "", ...forged.slice(2)]);
    assert.equal(await client.value("typeof globalThis.forged"), "'undefined'");
    assert(!client.received.some(({ parentId }) => parentId === id));
    assert.match(client.log, /refused: its signature is wrong/);
  });

  it("refuses a message that was sent before", async () => {
    await client.execute("globalThis.times = 0");
    const { id, frames } = client.pack("execute_request", { code: "globalThis.times++" });
    await client.sendFrames("shell", frames);
    await client.finished(id);
    await client.sendFrames("shell", frames);
    assert.equal(await client.value("globalThis.times"), "1");
    assert.match(client.log, /refused: it was sent before/);
  });

  it("survives malformed JSON, missing frames and unknown types", async () => {
    const bad = ["{", "[]", "null", "3"];
    for (const channel of ["shell", "control", "stdin"] as const) {
      for (const text of bad) {
        const signed = [text, "{}", "{}", "{}"];
        await client.sendFrames(channel, ["<IDS|MSG>", client.sign(signed), ...signed]);
      }
      const headerless = ["{}", "{}", "{}", "{}"];
      await client.sendFrames(channel, ["<IDS|MSG>", client.sign(headerless), ...headerless]);
      await client.sendFrames(channel, ["<IDS|MSG>"]);
      await client.sendFrames(channel, ["<IDS|MSG>", "signature", "{}"]);
      await client.sendFrames(channel, ["no delimiter"]);
      await client.sendFrames(channel, [""]);
    }
    const unknown = await client.ask("no_such_request", {});
    assert.equal(unknown.status, "error");
    await client.send("shell", "no_such_message", {});
    assert.equal(await client.value("'still here'"), "'still here'");
    assert.equal(await client.heartbeat("x"), "x");
  });

  it("survives requests whose content lacks everything", async () => {
    for (const type of ["execute", "complete", "inspect", "is_complete", "history", "comm_info"]) {
      const answer = await client.ask(`${type}_request`, {});
      assert.equal(typeof answer.status, "string", type);
    }
    assert.equal(await client.value("1"), "1");
  });

  it("answers heartbeats, kernel_info and comm_info on control while a cell loops", async () => {
    const id = await client.startExecution("for (;;) {}");
    await client.wait("busy", ({ type, parentId }) => type === "execute_input" && parentId === id);
    assert.equal(await client.heartbeat("alive"), "alive");
    assert.equal((await client.ask("kernel_info_request", {}, "control")).status, "ok");
    await client.interrupt();
    assert.equal((await client.finished(id)).reply.status, "error");
  });

  it("answers 10,000 requests in order", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 10_000; n++) {
      const { id, frames } = client.pack("is_complete_request", { code: "1" });
      ids.push(id);
      await client.sendFrames("shell", frames);
    }
    await client.reply(ids.at(-1)!, 60_000);
    const wanted = new Set(ids);
    const answered = client.received.filter(({ channel, parentId }) => channel === "shell" && wanted.has(parentId!));
    assert.deepEqual(
      answered.map(({ parentId }) => parentId),
      ids,
    );
  }).timeout(90_000);

  it("sends an output of 20 MB whole", async () => {
    const { outputs, reply } = await client.execute("console.log('x'.repeat(20_000_000)); console.log('end')");
    assert.equal(reply.status, "ok");
    const text = outputs.map(({ content }) => content.text).join("");
    assert.equal(text.length, 20_000_000 + 1 + 4);
    assert(text.endsWith("x\nend\n"));
  });
});

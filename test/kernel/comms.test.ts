import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

describe("comms", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  const comms = async (content: object = {}) => (await client.ask("comm_info_request", content)).comms;

  it("are opened by the front end, carry messages both ways, and are closed", async () => {
    await client.execute(`
      const log: unknown[] = [];
      comms.registerTarget("echo", (comm, data) => {
        log.push(["open", data]);
        comm.send({ hello: data });
        return {
          message: (data, buffers) => { log.push(["message", data]); comm.send({ echo: data }, [new Uint8Array([1, 2])]) },
          close: (data) => log.push(["close", data]),
        };
      });
    `);
    assert.deepEqual(await comms(), {});
    const opened = await client.send("shell", "comm_open", { comm_id: "c1", target_name: "echo", data: { a: 1 } });
    await client.idle(opened);
    const hello = await client.wait(
      "a message",
      ({ type, content }) => type === "comm_msg" && content.data.hello !== undefined,
    );
    assert.deepEqual(hello.content, { comm_id: "c1", data: { hello: { a: 1 } } });
    assert.deepEqual(await comms(), { c1: { target_name: "echo" } });
    assert.deepEqual(await comms({ target_name: "other" }), {});
    await client.idle(await client.send("shell", "comm_msg", { comm_id: "c1", data: "x" }));
    await client.wait("the echo", ({ type, content }) => type === "comm_msg" && content.data.echo === "x");
    await client.idle(await client.send("shell", "comm_close", { comm_id: "c1", data: { bye: 1 } }));
    assert.deepEqual(await comms(), {});
    assert.equal(await client.value("JSON.stringify(log)"), `'[["open",{"a":1}],["message","x"],["close",{"bye":1}]]'`);
  });

  it("of a target that is not known are closed at once", async () => {
    await client.send("shell", "comm_open", { comm_id: "c2", target_name: "nobody", data: {} });
    await client.wait("the close", ({ type, content }) => type === "comm_close" && content.comm_id === "c2");
    await client.idle(await client.send("shell", "comm_msg", { comm_id: "never opened", data: {} }));
    await client.idle(await client.send("shell", "comm_close", { comm_id: "never opened", data: {} }));
    assert.deepEqual(await comms(), {});
  });

  it("are opened by cells", async () => {
    const { outputs } = await client.execute("const line = comms.open('front', { n: 1 }); line.send(2); line.close()");
    assert.deepEqual(
      outputs.map(({ type }) => type),
      ["comm_open", "comm_msg", "comm_close"],
    );
    assert.equal(outputs[0]!.content.target_name, "front");
    assert.equal(new Set(outputs.map(({ content }) => content.comm_id)).size, 1);
  });

  it("survive handlers that throw", async () => {
    await client.execute("comms.registerTarget('bad', () => ({ message() { throw new Error('from the handler') } }))");
    await client.send("shell", "comm_open", { comm_id: "c3", target_name: "bad" });
    await client.idle(await client.send("shell", "comm_msg", { comm_id: "c3", data: {} }));
    assert.equal(await client.value("1"), "1");
    assert(client.received.some(({ type, content }) => type === "stream" && /from the handler/.test(content.text)));
  });
});

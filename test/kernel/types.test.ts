import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Execution, WireClient } from "./wire-client.ts";

const DEADLINE_MS = 90_000;

describe("types in cells", function () {
  this.timeout(3 * DEADLINE_MS);

  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
    await writeFile(join(client.folder, "shapes.ts"), "/** A square. */\nexport interface Square { side: number }\n");
    await writeFile(
      join(client.folder, "purchases.csv"),
      "time,user,amount\n2020-01-01T00:00:00Z,ann,1.5\n2020-01-02T00:00:00Z,ben,2.5\n",
    );
  });

  after(() => client.stop());

  async function complete(text: string) {
    const cursor = [...text.slice(0, text.includes("|") ? text.indexOf("|") : text.length)].length;
    const code = text.replace("|", "");
    const answer = await client.ask("complete_request", { code, cursor_pos: cursor });
    assert.equal(answer.status, "ok");
    return { ...answer, replaced: [...code].slice(answer.cursor_start, answer.cursor_end).join("") };
  }

  /** Asks until the answer is there: while the types are not ready, live values answer alone. */
  async function completeTo(text: string, label: string) {
    return await until(
      `${text} completes to ${label}`,
      () => complete(text),
      ({ matches }) => matches.includes(label),
    );
  }

  async function inspectTo(code: string, expected: RegExp): Promise<string> {
    const ask = () => client.ask("inspect_request", { code, cursor_pos: code.length, detail_level: 0 });
    const answer = await until(`inspecting ${code}`, ask, ({ data }) => expected.test(data["text/plain"] ?? ""));
    return answer.data["text/plain"];
  }

  async function until<T>(what: string, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
    for (const deadline = Date.now() + DEADLINE_MS; ; ) {
      const answer = await ask();
      if (holds(answer)) return answer;
      assert(Date.now() < deadline, `${what}: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  const idOf = ({ all }: Execution) => all[0]!.parentId;

  /** What a cell wrote to its standard error, during its execution and after it. */
  function stderrOf(id: string | undefined): string {
    const texts = client.received.filter(({ type, parentId, content }) => {
      return type === "stream" && parentId === id && content.name === "stderr";
    });
    return texts.map(({ content }) => content.text).join("");
  }

  async function warningsOf(execution: Execution, expected: RegExp): Promise<string> {
    return await until(
      `warnings of the cell (${expected})`,
      async () => stderrOf(idOf(execution)),
      (text) => expected.test(text),
    );
  }

  /** The warnings of cells come in the order of the cells, so those of an earlier cell are there with a later one's. */
  async function noWarnings(code: string): Promise<void> {
    const execution = await client.execute(code);
    assert.equal(execution.reply.status, "ok", code);
    await warningsOf(await client.execute(`"after".nothingOfThisName`), /nothingOfThisName/);
    assert.equal(stderrOf(idOf(execution)), "", code);
  }

  it("completes what only types know, in earlier cells and in the one being typed", async () => {
    await client.execute("interface Point { left: number; top: number }\nconst point = { left: 1, top: 2 };");
    assert((await completeTo("'text'.toUpp", "toUpperCase")).matches.every((name: string) => name.startsWith("toUpp")));
    const typed = "const inner: Point = point; function f(p: Point) { return p.le| }";
    assert.equal((await completeTo(typed, "left")).replaced, "le");
    assert.deepEqual((await completeTo("point.", "left")).matches, ["left", "top"]);
    await completeTo("[point].map((each) => each.", "top");
    await completeTo("let p: Poi", "Point");
    await completeTo("displ", "display");
    await completeTo("%pwd\n'😀'; 'text'.toUpp", "toUpperCase");
    await completeTo("%%time\n'text'.toUpp", "toUpperCase");
    await completeTo(`import type { Square } from "./shapes.ts";\nfunction g(s: Square) { return s.si| }`, "side");
  });

  it("lets later declarations shadow earlier ones", async () => {
    await client.execute("let shape = { round: true };");
    await completeTo("(() => shape)().", "round");
    await client.execute("let shape = { corners: 4 };");
    assert.deepEqual((await completeTo("(() => shape)().", "corners")).matches, ["corners"]);
  });

  it("shows types, documentation and signatures", async () => {
    await client.execute(
      "/**\n * Scales a number.\n * @param by how much\n */\nfunction scale(x: number, by = 2) { return x * by }",
    );
    assert.match(
      await inspectTo("scale", /x: number/),
      /scale\(x: number, by\?: number\): number[\s\S]*Scales a number/,
    );
    assert.match(await inspectTo("scale(1, ", /by\?: number/), /by: how much/);
    await inspectTo("'x'.padStart(", /maxLength: number/);
    await inspectTo("await input", /Promise<string>/);
  });

  it("warns of problems with their place, and runs the cell", async () => {
    const execution = await client.execute(`const width: number = 3;\nconsole.log(width.widht ?? "ran");`);
    assert.equal(execution.reply.status, "ok");
    const text = await warningsOf(execution, /TS2339/);
    assert.match(text, /type warning: Property 'widht' does not exist on type 'number'/);
    assert.match(text, /In \[\d+\], line 2, column 19/);
    assert.match(text, /> 2 \| console\.log\(width\.widht.*\n +\| {19}\^/);
  });

  it("is silent about what it cannot know", async () => {
    await writeFile(join(client.folder, "untyped.cjs"), "exports.answer = 42;\n");
    await noWarnings("let count = 1; let later; const list = [];");
    await noWarnings("count++; count = 7; later = 'x'; list.push(1); list.push('two');");
    await noWarnings("assigned = 5; globalThis.hidden = 6;");
    await noWarnings("assigned + hidden; (x) => x; function f(a, b) { return a + b + this?.c }");
    await noWarnings(`import { answer } from "./untyped.cjs"; import fs, { readFileSync } from "node:fs"; answer.x;`);
    await noWarnings("const URL = { mine: 1 }; URL.mine; const name = 'n'; name.length; await Promise.resolve(1);");
    await noWarnings("%time count + 1\nconst after = await Promise.resolve(count);\nafter.toFixed();");
    await noWarnings(`try { throw new Error("x") } catch (error) { error.message }`);
  });

  it("types the result of a query", async () => {
    const loaded = await client.execute(`
      import { LocalBuilder, createTable, load } from "fenl";
      await new LocalBuilder().inMemory(true).build();
      await createTable({ tableName: "Purchases", timeColumnName: "time", entityKeyColumnName: "user" });
      await load({ tableName: "Purchases", file: "purchases.csv" });
    `);
    assert.equal(loaded.reply.status, "ok", JSON.stringify(loaded.reply));
    const query = await client.execute("%%fenl --var spent\n{ loss_total: Purchases.amount | sum() }");
    assert.equal(query.reply.status, "ok", JSON.stringify(query.reply));
    const completion = await completeTo('spent.dataframe["loss_', "loss_total");
    assert.deepEqual(completion.matches, ["loss_total"]);
    assert.equal(completion.replaced, "loss_");
    await completeTo('spent.dataframe["loss_total"].me', "mean");
    const wrong = await client.execute(`spent.dataframe["loss_count"];`);
    assert.equal(wrong.reply.status, "ok");
    assert.match(await warningsOf(wrong, /loss_count/), /Property 'loss_count' does not exist/);
    await noWarnings(`import * as dfd from "danfojs-node"; dfd.toCSV(spent.dataframe); spent.table.numRows;`);
  });

  it("has a cell wait for its problems where that is wanted, for runners that stop listening when it is done", async () => {
    await client.execute("%typecheck wait");
    const { reply, outputs } = await client.execute(`const awaited: number = "no number"; awaited`);
    await client.execute("%typecheck on");
    assert.equal(reply.status, "ok");
    const warning = outputs.find(({ type, content }) => type === "stream" && content.name === "stderr");
    assert.match(warning?.content.text ?? "", /Type 'string' is not assignable to type 'number'/);
  });

  it("keeps cells with problems from running where that is wanted", async () => {
    await client.execute("const kept: string = 'kept';\n%typecheck error");
    const refused = await client.execute(`console.log("ran"); const kept: number = "no number";`);
    assert.equal(refused.reply.status, "error");
    assert.equal(refused.reply.ename, "TypeCheckError");
    assert.match(refused.reply.traceback.join("\n"), /Type 'string' is not assignable to type 'number'[\s\S]*line 1/);
    assert(!refused.outputs.some(({ type }) => type === "stream"));
    const right = await client.execute("kept.toUpperCase()");
    assert.equal(right.reply.status, "ok", JSON.stringify(right.reply));
    const shown = await client.execute("%typecheck");
    assert.match(JSON.stringify(shown.outputs.map(({ content }) => content)), /%typecheck is error/);
    assert.equal((await client.execute("%typecheck never")).reply.ename, "UsageError");
    await client.execute("%typecheck off");
    const quiet = await client.execute("'x'.quietlyWrong;");
    await client.execute("%typecheck on");
    await noWarnings("1 + 1;");
    assert.equal(stderrOf(idOf(quiet)), "");
  });
});

describe("the process of the types", function () {
  this.timeout(3 * DEADLINE_MS);

  /** The processes that a kernel has started, by what runs in them. */
  function serviceOf(client: WireClient): number | null {
    const { pid } = client.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    return children.find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("types-process")) ?? null;
  }

  async function started(client: WireClient): Promise<number> {
    for (const deadline = Date.now() + DEADLINE_MS; ; ) {
      const service = serviceOf(client);
      if (service !== null) return service;
      assert(Date.now() < deadline, "the type service did not start by itself");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function gone(pid: number): Promise<void> {
    for (const deadline = Date.now() + DEADLINE_MS; existsSync(`/proc/${pid}`); ) {
      assert(Date.now() < deadline, "the type service outlived its kernel");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it("starts when the kernel has nothing to do, and ends with it", async () => {
    const client = await WireClient.start();
    const service = await started(client);
    const memory = await client.execute(
      `console.log(Object.keys(require.cache).some((file) => file.includes("/typescript/lib/")))`,
    );
    assert.match(JSON.stringify(memory.outputs.map(({ content }) => content)), /false/);
    await client.stop();
    await gone(service);
  });

  it("ends with a kernel that is killed", async () => {
    const client = await WireClient.start();
    const service = await started(client);
    client.child.kill("SIGKILL");
    await client.exited;
    await gone(service);
    await client.stop();
  });

  it("is started again when it was killed, and knows the session", async () => {
    const client = await WireClient.start();
    try {
      await client.execute("interface Crate { weight: number }");
      const service = await started(client);
      process.kill(service, "SIGKILL");
      await gone(service);
      const code = "function f(crate: Crate) { return crate.wei";
      for (const deadline = Date.now() + DEADLINE_MS; ; ) {
        const { matches } = await client.ask("complete_request", { code, cursor_pos: code.length });
        if (matches.includes("weight")) break;
        assert(Date.now() < deadline, "no types after the service was killed");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.notEqual(serviceOf(client), service);
    } finally {
      await client.stop();
    }
  });
});

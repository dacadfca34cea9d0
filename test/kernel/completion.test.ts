import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

describe("completion, inspection and completeness", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
    await client.execute(`
      const training = { loss_duration: [1], loss_count: 2, other: 3, "not a name": 4 };
      const trap = { get danger() { throw new Error("a getter ran") } };
      let größe = 1; const 名前 = { 漢字: 1 };
      const URL = { mine: 1 };
    `);
  });

  after(() => client.stop());

  async function complete(text: string) {
    const cursor = [...text.slice(0, text.includes("|") ? text.indexOf("|") : text.length)].length;
    const code = text.replace("|", "");
    const answer = await client.ask("complete_request", { code, cursor_pos: cursor });
    assert.equal(answer.status, "ok");
    const points = [...code];
    return { ...answer, replaced: points.slice(answer.cursor_start, answer.cursor_end).join("") };
  }

  it("completes members from what the variables hold", async () => {
    assert.deepEqual((await complete("training.loss_")).matches, ["loss_count", "loss_duration"]);
    assert.deepEqual((await complete("training.")).matches, ["loss_count", "loss_duration", "other"]);
    assert.deepEqual((await complete("training?.oth")).matches, ["other"]);
    assert.deepEqual((await complete("training.loss_duration.findL")).matches, ["findLast", "findLastIndex"]);
    assert.deepEqual((await complete("f(1) + training.oth| + 2")).matches, ["other"]);
    assert.deepEqual((await complete("URL.mi")).matches, ["mine"]);
    assert.deepEqual((await complete("noSuch.thing.x")).matches, []);
  });

  it("completes names of the session, globals and keywords", async () => {
    assert.deepEqual((await complete("train")).matches, ["training"]);
    assert.deepEqual((await complete("structuredCl")).matches, ["structuredClone"]);
    assert.deepEqual((await complete("interfac")).matches, ["interface"]);
    assert((await complete("displ")).matches.includes("display"));
    assert(!(await complete("")).matches.some((name: string) => name.startsWith("__fenl")));
  });

  it("counts in code points", async () => {
    const answer = await complete("'😀😀'; training.oth|; '😀'");
    assert.deepEqual(answer.matches, ["other"]);
    assert.equal(answer.replaced, "oth");
    assert.deepEqual([answer.cursor_start, answer.cursor_end], [15, 18]);
    assert.equal((await complete("'é漢'; grö")).matches[0], "größe");
    assert.equal((await complete("名前.漢")).matches[0], "漢字");
  });

  it("never runs getters and never fails", async () => {
    assert.deepEqual((await complete("trap.dang")).matches, ["danger"]);
    assert.deepEqual((await complete("trap.danger.x")).matches, []);
    for (const code of ["", ".", "..", "a.b.", "((((", "`${", "😀", "\ud800", "x".repeat(100_000), "%", "%%fenl\nFo"]) {
      for (const cursor_pos of [0, 1, code.length, code.length + 10, -5]) {
        assert.equal((await client.ask("complete_request", { code, cursor_pos })).status, "ok");
        assert.equal((await client.ask("inspect_request", { code, cursor_pos, detail_level: 0 })).status, "ok");
      }
    }
  });

  it("inspects what the name at the cursor holds", async () => {
    const inspect = (code: string, cursor_pos: number) =>
      client.ask("inspect_request", { code, cursor_pos, detail_level: 0 });
    assert.match((await inspect("training.loss_count", 12)).data["text/plain"], /^training\.loss_count: number\n\n2$/);
    assert.match((await inspect("'😀'; training", 8)).data["text/plain"], /^training: Object/);
    assert.match((await inspect("Math.max(1, 2)", 6)).data["text/plain"], /^Math\.max: function/);
    assert.equal((await inspect("noSuchName", 3)).found, false);
    assert.equal((await inspect("trap.danger", 11)).found, false);
  });

  it("tells whether a cell is complete", async () => {
    const status = async (code: string) => (await client.ask("is_complete_request", { code })).status;
    for (const code of [
      "1 + 1",
      "const a: number = 1",
      "for (;;) {}",
      "await x",
      "a\n",
      "",
      "// c",
      "%pwd",
      "%pwd\n1",
      "!ls -l\nlet a = 1",
      "%%bash\nfor i in",
      "enum A { B }",
      "@dec class A {}",
      "`a${1}b`",
      "f<number>(1)",
    ]) {
      assert.equal(await status(code), "complete", code);
    }
    for (const code of [
      "function f() {",
      "const pair = {",
      "f({",
      "import {",
      "[1,",
      "(",
      "`text",
      "`a${",
      "1 +",
      "/* comment",
      "if (x)",
      "class A {",
      "const x =",
      "f(1,",
      "let a: ",
      "interface A {",
      "type T = ",
      "%pwd\nf(",
    ]) {
      assert.equal(await status(code), "incomplete", code);
    }
    for (const code of ["1 +* 2", "const 5x = 1", "}", "'text", "a b c", "let let = 1", "const x = 1; const x = 2"]) {
      assert.equal(await status(code), "invalid", code);
    }
    assert.equal((await client.ask("is_complete_request", { code: "  if (x) {" })).indent, "    ");
  });
});

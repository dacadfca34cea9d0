import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WireClient } from "./wire-client.ts";

describe("completion and inspection of %%fenl cells", () => {
  let client: WireClient;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-assist-"));
    writeFileSync(
      join(folder, "p.csv"),
      "at,who,amount,note\n2022-01-01T00:00:00Z,ann,5,😀\n2022-01-02T00:00:00Z,bob,7,b\n",
    );
    client = await WireClient.start();
    const { reply } = await client.execute(`
      import { LocalBuilder, createTable, createView, load } from "fenl";
      await new LocalBuilder().inMemory(true).build();
      await createTable({ tableName: "Purchase", timeColumnName: "at", entityKeyColumnName: "who" });
      await load({ tableName: "Purchase", file: ${JSON.stringify(join(folder, "p.csv"))} });
      await createView({ viewName: "spending", expression: "{ total: sum(Purchase.amount) }" });
      const limit = 5; const half = 0.5; const list = [1];
    `);
    assert.equal(reply.status, "ok", JSON.stringify(reply));
  });

  after(async () => {
    await client.stop();
    rmSync(folder, { recursive: true });
  });

  const place = (marked: string) => ({
    code: marked.replace("¦", ""),
    cursor_pos: [...marked.slice(0, marked.indexOf("¦"))].length,
  });

  async function complete(marked: string) {
    const request = place(marked);
    const answer = await client.ask("complete_request", request);
    assert.equal(answer.status, "ok", JSON.stringify(answer));
    return { ...answer, replaced: [...request.code].slice(answer.cursor_start, answer.cursor_end).join("") };
  }

  async function inspect(marked: string) {
    const answer = await client.ask("inspect_request", { ...place(marked), detail_level: 0 });
    assert.equal(answer.status, "ok");
    return answer.found ? answer.data : null;
  }

  it("completes tables, views and fields of the living session", async () => {
    assert.deepEqual((await complete("%%fenl\n{ total: sum(Purch¦")).matches, ["Purchase"]);
    assert.deepEqual((await complete("%%fenl --var x\nspend¦")).matches, ["spending"]);
    assert.deepEqual((await complete("\n%%fenl\nPurchase | when($input.am¦ > 5)")).matches, ["amount"]);
    assert.deepEqual((await complete("%%fenl\nspending.¦")).matches, ["total"]);
  });

  it("counts in code points", async () => {
    const answer = await complete("%%fenl\n{ a: '😀😀', b: Purchase.am¦ } # 😀");
    assert.deepEqual(answer.matches, ["amount"]);
    assert.equal(answer.replaced, "am");
    const [{ text, type, signature, start, end }] = answer.metadata._jupyter_types_experimental;
    assert.deepEqual(
      { text, type, signature, start, end },
      {
        text: "amount",
        type: "property",
        signature: "i64",
        start: answer.cursor_start,
        end: answer.cursor_end,
      },
    );
  });

  it("completes options, their values, and the session's variables", async () => {
    assert.deepEqual((await complete("%%fenl --res¦")).matches, ["--result-behavior"]);
    assert.deepEqual((await complete("%%fenl --result-behavior ¦\n{}")).matches, ["all-results", "final-results"]);
    assert.deepEqual((await complete("%%fenl --row-order ¦\n{}")).matches, ["time", "entity"]);
    assert.deepEqual((await complete("%%fenl --result-behavior=fi¦")).matches, ["final-results"]);
    assert.deepEqual((await complete("%%fenl --param li¦")).matches, ["limit", "list"]);
    const all = (await complete("%%fenl --var x ¦")).matches;
    assert.ok(all.includes("--param") && all.includes("--explain") && !all.includes("--var"));
    assert.deepEqual((await complete("%%fenl --param limit --param half\n{ a: $¦ }")).matches, ["$limit", "$half"]);
    assert.deepEqual((await complete("%%fenl --param list\n{ a: $¦ }")).matches, []);
    assert.deepEqual((await complete("%%fe¦nl")).matches, []);
  });

  it("still completes TypeScript elsewhere", async () => {
    assert.deepEqual((await complete("limi¦")).matches, ["limit"]);
  });

  it("explains functions, names, calls and options", async () => {
    const help = await inspect("%%fenl\n{ total: sum(¦");
    assert.match(help["text/plain"], /^sum<.*\n[\s\S]*> input/);
    assert.match(help["text/markdown"], /^```fenl\nsum</);
    assert.match((await inspect("%%fenl\n{ '😀': Purchase.am¦ount }"))["text/plain"], /^amount: i64/);
    assert.match((await inspect("%%fenl --param limit\n{ a: $li¦mit }"))["text/plain"], /^\$limit: i64/);
    assert.match((await inspect("%%fenl --final-ti¦me 2022"))["text/plain"], /^--final-time TIME\n/);
    assert.equal(await inspect("%%fenl\n'te¦xt'"), null);
  });

  it("runs a query with parameters", async () => {
    const { reply, all } = await client.execute(
      "%%fenl --param limit --param half\nPurchase | when($input.amount > $limit + $half)",
    );
    assert.equal(reply.status, "ok", JSON.stringify(reply));
    const result = all.find(({ type }) => type === "execute_result");
    assert.match(result!.content.data["text/plain"], /bob[\s\S]*1 row/);
    const wrong = await client.execute("%%fenl --param list\nPurchase | when($input.amount > $list)");
    assert.match(wrong.reply.evalue, /list must be a boolean.*but is a list of 1/);
    const unknown = await client.execute("%%fenl --param limit\nPurchase | when($input.amount > $limti)");
    assert.match(unknown.reply.traceback.join("\n"), /Nearest parameters: '\$limit'/);
  });
});

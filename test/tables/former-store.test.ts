import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore, type Store } from "../../src/tables/store/store.ts";
import { STORE_FORMAT } from "../../src/tables/store/store-manifest.ts";
import { runProduct } from "../property/product.ts";

/** A store that an earlier version wrote: two loads of plays, of which the first was loaded in pieces. */
const FORMER = fileURLToPath(new URL("data/store-format-3", import.meta.url));

describe("a store of format 3", () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-former-"));
    cpSync(FORMER, join(folder, "store"), { recursive: true });
    store = await openStore({ directory: join(folder, "store") });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const totals = async (): Promise<Record<string, unknown>> => {
    const query = "{ n: count(Plays), s: sum(Plays.score), won: count(Plays | when(Plays.won)), at: last(Plays.at) }";
    const outcome = await runProduct(query, store.snapshot(), { resultBehavior: "final-results" });
    assert.equal(outcome.kind, "rows");
    if (outcome.kind !== "rows") return {};
    return Object.fromEntries(outcome.answer.rows.map(({ key, values }) => [key, values]));
  };
  const at = (text: string) => BigInt(Date.parse(text)) / 1000n;
  const EXPECTED = {
    ann: [6, 220n, 4, at("2024-02-03T00:00:02Z")],
    bob: [4, 22n, 2, at("2024-01-08T00:00:07Z")],
    Zoë: [4, 26n, 2, at("2024-01-09T00:00:08Z")],
    eve: [2, 204n, null, at("2024-02-04T00:00:03Z")],
  };

  it("is read", async () => {
    assert.deepEqual(await store.check(), []);
    assert.deepEqual(await totals(), EXPECTED);
  });

  it("takes further loads, and is of the present format then", async () => {
    const path = join(folder, "more.csv");
    writeFileSync(path, "at,who,score,won\n2024-03-01T00:00:00Z,ann,1000,true\n2024-03-01T00:00:00Z,joe,1,false\n");
    await store.loadFile("Plays", path);
    assert.deepEqual(await totals(), {
      ...EXPECTED,
      ann: [7, 1220n, 5, at("2024-03-01T00:00:00Z")],
      joe: [1, 1n, null, at("2024-03-01T00:00:00Z")],
    });
    assert.equal(JSON.parse(readFileSync(join(folder, "store", "manifest.json"), "utf8")).format, STORE_FORMAT);
    assert.deepEqual(await store.check(), []);
  });

  it("can be compacted", async () => {
    await store.compact("Plays", { forgetVersions: true });
    assert.equal(store.snapshot()[0]!.files.length, 1);
    assert.deepEqual(await totals(), EXPECTED);
    assert.deepEqual(await store.check(), []);
  });
});

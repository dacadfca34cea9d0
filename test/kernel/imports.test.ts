import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WireClient } from "./wire-client.ts";

describe("imports of cells", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  const file = (name: string, text: string) => writeFile(join(client.folder, name), text);

  it("take every form", async () => {
    await file(
      "forms.ts",
      "export default function def() { return 'd' }\nexport const a: number = 1, b = 2;\nexport type T = string;\nexport interface I { x: T }\nglobalThis.sideEffects = (globalThis.sideEffects ?? 0) + 1;\n",
    );
    const forms: [string, string][] = [
      ["import def from './forms.ts'; def()", "'d'"],
      ["import { a } from './forms.ts'; a", "1"],
      ["import { a as renamed, b } from './forms.ts'; renamed + b", "3"],
      ["import def2, { b as b2 } from './forms.ts'; def2() + b2", "'d2'"],
      ["import def3, * as all from './forms.ts'; Object.keys(all).join() + def3()", "'a,b,defaultd'"],
      ["import './forms.ts'; globalThis.sideEffects", "1"],
      [
        "import type { T } from './forms.ts'; import { type I, a as a2 } from './forms.ts'; const i: I = { x: 'y' }; i.x + a2",
        "'y1'",
      ],
      ["import { T, a as a3 } from './forms.ts'; const t: T = 't'; t + a3", "'t1'"],
      ["import { 'a' as quoted } from './forms.ts'; quoted", "1"],
      ["(await import('./forms.ts')).a", "1"],
      ["const later = () => import('./forms.ts'); (await later()).b", "2"],
      ["imported; import { a as imported } from './forms.ts'; imported", "1"],
      ["export { a as exported } from './forms.ts'; export * from './forms.ts'; 5", "5"],
    ];
    for (const [code, value] of forms) assert.equal(await client.value(code), value, code);
  });

  it("read JSON, CommonJS, and paths without extension", async () => {
    await file("data.json", '{"list": [1, 2], "default": 3}');
    await file("common.cjs", "module.exports = { f: () => 'f', ['computed' + 1]: 'c' };");
    await file("plain.js", "export const plain = 'js';");
    await mkdir(join(client.folder, "folder"));
    await file("folder/index.ts", "export { plain } from '../plain';");
    assert.equal(await client.value("import data from './data.json'; data.list"), "[ 1, 2 ]");
    assert.equal(await client.value("import data2 from './data.json' with { type: 'json' }; data2.list.length"), "2");
    assert.equal(await client.value("import { list } from './data.json'; list"), "[ 1, 2 ]");
    assert.equal(
      await client.value("import common, { f, computed1 } from './common.cjs'; common.f() + f() + computed1"),
      "'ffc'",
    );
    assert.equal(await client.value("import { plain } from './folder'; plain"), "'js'");
    assert.equal(await client.value("require('./common.cjs').f()"), "'f'");
    assert.equal(
      await client.value("[import.meta.dirname, __dirname].every((each) => each === process.cwd())"),
      "true",
    );
  });

  it("see edits of local files, of files that those import, and keep what did not change", async () => {
    await file("leaf.ts", "export const leaf = 1;");
    await file("branch.ts", "export { leaf } from './leaf.ts'; export const kept = {};");
    await file("other.ts", "export const state = { n: 0 };");
    await file("old.cjs", "exports.value = 1;");
    assert.equal(
      await client.value("import { leaf } from './branch.ts'; import { state } from './other.ts'; state.n = 7; leaf"),
      "1",
    );
    assert.equal(await client.value("(await import('./old.cjs')).value"), "1");
    await file("leaf.ts", "export const leaf = 22;");
    await file("old.cjs", "exports.value = 22;");
    assert.equal(
      await client.value("import { leaf } from './branch.ts'; import { state } from './other.ts'; [leaf, state.n]"),
      "[ 22, 7 ]",
    );
    assert.equal(await client.value("(await import('./old.cjs')).value"), "22");
  });

  it("can be corrected: a file that failed is loaded again", async () => {
    await file("uses.ts", "export { made } from './missing.ts';");
    assert.equal((await client.execute("import { made } from './uses.ts'")).reply.status, "error");
    await file("missing.ts", "export const made = 'made';");
    assert.equal(await client.value("import { made } from './uses.ts'; made"), "'made'");
    await file("broken.ts", "export const n: number = ;");
    const { reply } = await client.execute("import { n } from './broken.ts'");
    assert.match(reply.evalue, /Expression expected \(.*broken\.ts, line 1, column 26\)/);
    await file("broken.ts", "export const n: number = 1;");
    assert.equal(await client.value("import { n } from './broken.ts'; n"), "1");
  });

  it("resolve packages from the notebook's folder first, then from the kernel's", async () => {
    await mkdir(join(client.folder, "node_modules/mine"), { recursive: true });
    await file(
      "node_modules/mine/package.json",
      '{"name": "mine", "exports": {"import": "./esm.mjs", "require": "./cjs.cjs"}}',
    );
    await file("node_modules/mine/esm.mjs", "export default 'esm';");
    await file("node_modules/mine/cjs.cjs", "module.exports = 'cjs';");
    await mkdir(join(client.folder, "node_modules/csv-parse"));
    await file(
      "node_modules/csv-parse/package.json",
      '{"name": "csv-parse", "type": "module", "exports": "./index.js"}',
    );
    await file("node_modules/csv-parse/index.js", "export const parse = 'the notebook\\'s';");
    assert.equal(await client.value("import mine from 'mine'; mine"), "'esm'");
    assert.equal(await client.value("import { parse } from 'csv-parse'; parse"), '"the notebook\'s"');
    assert.equal(
      await client.value("import { parse as own } from 'csv-parse/sync'; typeof own").catch(() => "none"),
      "none",
    );
    assert.equal(await client.value("import * as arrow from 'apache-arrow'; typeof arrow.Table"), "'function'");
  });

  it("always find fenl, in cells and in local files, as the kernel's own modules", async () => {
    await mkdir(join(client.folder, "node_modules/fenl"), { recursive: true });
    await file("node_modules/fenl/package.json", '{"name": "fenl", "main": "index.js"}');
    await file("node_modules/fenl/index.js", "module.exports = 'an impostor';");
    await file("uses-fenl.ts", "export { LocalBuilder } from 'fenl';\nexport * as table from 'fenl/table';");
    assert.equal(
      await client.value(
        "import { LocalBuilder } from 'fenl'; import * as table from 'fenl/table'; import * as query from 'fenl/query'; import * as uses from './uses-fenl.ts'; [uses.LocalBuilder === LocalBuilder, uses.table === table, typeof query.createQuery]",
      ),
      "[ true, true, 'function' ]",
    );
  });

  it("give instances that are instances in cells", async () => {
    assert.equal(
      await client.value(
        "import { vectorFromArray } from 'apache-arrow'; const array = vectorFromArray([1.5], undefined as never).toArray(); [[] instanceof Array, array instanceof Float64Array, new Date() instanceof Date]",
      ),
      "[ true, true, true ]",
    );
  });
});

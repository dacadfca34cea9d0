import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WireClient } from "./wire-client.ts";

describe("an error in a cell", () => {
  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  /** The traceback of a cell as a reader sees it, with its number as N. */
  async function traceback(code: string): Promise<string[]> {
    const { reply, outputs } = await client.execute(code);
    assert.equal(reply.status, "error", code);
    const { ename, evalue, traceback: lines } = outputs.at(-1)!.content;
    assert.deepEqual([reply.ename, reply.evalue, reply.traceback], [ename, evalue, lines]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences.
    const plain = lines.map((line: string) => line.replace(/\u001b\[\d*m/g, ""));
    for (const line of plain) assert(!/__fenl|\$cell|dist\/|node:internal/.test(line), line);
    return plain.map((line: string) => line.replaceAll(`In [${reply.execution_count}]`, "In [N]"));
  }

  it("points at the line as it was typed", async () => {
    assert.deepEqual(await traceback("const typed: number = 1;\nconst text = (typed as any).x.y;\nlet after;"), [
      "TypeError: Cannot read properties of undefined (reading 'y')",
      "  In [N], line 2, column 31",
      "    1 | const typed: number = 1;",
      "  > 2 | const text = (typed as any).x.y;",
      "      |                               ^",
      "    3 | let after;",
    ]);
  });

  it("points at the line below magics, imports, functions and translated code", async () => {
    assert.equal(
      (await traceback("%pwd\nimport * as fs from 'node:fs';\nfunction f() {\n  return 1;\n}\n\nnope()"))[1],
      "  In [N], line 7, column 1",
    );
    assert.equal(
      (await traceback("enum E { A }\nclass P { constructor(private x = 1) {} }\nnope(E.A)"))[1],
      "  In [N], line 3, column 1",
    );
    assert.equal((await traceback("const URL = 1;\nURL.a.b"))[1], "  In [N], line 2, column 7");
    assert.equal((await traceback("1 + 1; const s = '😀'; nope"))[1], "  In [N], line 1, column 24");
    assert.equal((await traceback("await null;\r\nnope"))[1], "  In [N], line 2, column 1");
  });

  it("names the cells and the user's files on the way, and nothing of the kernel", async () => {
    await writeFile(
      join(client.folder, "lib.ts"),
      "export function fail(x: number): never {\n  throw new Error('in lib ' + x);\n}\n",
    );
    const { reply } = await client.execute(
      "import { fail } from './lib.ts';\nfunction outer() {\n  return [1].map(() => fail(1));\n}",
    );
    const lines = await traceback("outer()");
    assert.equal(lines[0], "Error: in lib 1");
    assert.equal(lines[1], `  In [${reply.execution_count}], line 3, column 24`);
    const calls = lines.filter((line) => line.includes("    at "));
    assert.match(calls[0]!, /at fail \(file:.*lib\.ts:2:9\)/);
    assert.match(calls.at(-1)!, /at In \[N\]:1:1$/);
  });

  it("shows a syntax error with its place", async () => {
    assert.deepEqual(await traceback("let ok = 1;\nlet bad = 1 +* 2;"), [
      "SyntaxError: Expression expected",
      "  In [N], line 2, column 14",
      "    1 | let ok = 1;",
      "  > 2 | let bad = 1 +* 2;",
      "      |              ^",
    ]);
    assert.equal(
      (await traceback("const c = 1; const c = 2"))[0],
      "SyntaxError: Identifier 'c' has already been declared",
    );
    assert.equal((await traceback("return 1"))[1], "  In [N], line 1, column 1");
    assert.match((await traceback("f("))[0]!, /^SyntaxError: /);
  });

  it("uses the user's names in V8's words", async () => {
    assert.equal((await traceback("const fetch = 1; fetch()"))[0], "TypeError: fetch is not a function");
    assert.equal((await traceback("Map; let Map = 1"))[0], "ReferenceError: Map is not defined");
  });

  it("shows causes, and what is thrown that is no error", async () => {
    const lines = await traceback("throw new Error('outer', { cause: new TypeError('inner') })");
    assert(lines.includes("Caused by: TypeError: inner"));
    assert.deepEqual(await traceback("throw { a: 1 }"), ["Thrown: { a: 1 }"]);
    assert.deepEqual(await traceback("throw undefined"), ["Thrown: undefined"]);
    assert.deepEqual(await traceback("throw -0"), ["Thrown: -0"]);
    assert.deepEqual(await traceback("throw 10n"), ["Thrown: 10n"]);
    assert.deepEqual(await traceback("throw Symbol('s')"), ["Thrown: Symbol(s)"]);
    assert.equal((await traceback("throw new Proxy({}, { get() { throw 1 } })"))[0]!.slice(0, 7), "Thrown:");
  });

  it("stays short for a deep stack", async () => {
    const lines = await traceback("function deep(): number { return deep() + 1 }\ndeep()");
    assert.equal(lines[0], "RangeError: Maximum call stack size exceeded");
    assert(lines.length < 25);
  });

  it("says where a package was looked for", async () => {
    const [headline] = await traceback("import x from 'no-such-package-here'");
    assert.match(headline!, /Cannot find the package "no-such-package-here" from .*npm install no-such-package-here/);
    assert.match(
      (await traceback("import x from './no-such-file'"))[0]!,
      /Cannot find the module "\.\/no-such-file" from /,
    );
    assert.match(
      (await traceback("import { readFil } from 'node:fs'; readFil()"))[0]!,
      /"node:fs" has no export named "readFil"; nearest: readFile/,
    );
  });

  it("has stacks that read as the cells do, wherever they are printed", async () => {
    const { outputs, reply } = await client.execute("console.error(new Error('printed'))");
    assert.equal(outputs[0]!.content.text, `Error: printed\n    at In [${reply.execution_count}]:1:15\n`);
  });
});

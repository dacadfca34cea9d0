import assert from "node:assert/strict";
import { WireClient } from "./wire-client.ts";

describe("the names of a session", () => {
  it("are gone after %reset, for code, completion and %who, and can be declared anew", async () => {
    const client = await WireClient.start();
    await client.execute(
      "const kept = [1]; class Kind {}; function make() { return kept }; let URL = 'mine'; var old = 1; sent = 2",
    );
    const { reply } = await client.execute("%reset");
    assert.equal(reply.status, "ok");
    for (const name of ["kept", "Kind", "make", "old", "sent"]) {
      const { reply: read } = await client.execute(`${name};`);
      assert.equal(`${read.ename}: ${read.evalue}`, `ReferenceError: ${name} is not defined`);
      assert.equal(await client.value(`typeof ${name}`), "'undefined'");
    }
    assert.equal(await client.value("new URL('http://a/b').pathname"), "'/b'");
    const { matches } = await client.ask("complete_request", { code: "kep", cursor_pos: 3 });
    assert.deepEqual(matches, []);
    const { outputs } = await client.execute("%who");
    assert.equal(outputs[0]!.content.text, "The session has no variables.\n");
    assert.equal(await client.value("const kept = 'new'; class Kind { at = kept }; new Kind().at"), "'new'");
    assert.equal(await client.value("sent = 5; sent"), "5");
    await client.stop();
  });

  let client: WireClient;

  before(async () => {
    client = await WireClient.start();
  });

  after(() => client.stop());

  it("can be declared again in every way", async () => {
    const ways: Record<string, (value: number) => string> = {
      const: (value) => `const NAME = ${value};`,
      let: (value) => `let NAME = ${value};`,
      var: (value) => `var NAME = ${value};`,
      function: (value) => `function NAME() { return ${value} }`,
      class: (value) => `class NAME { static value = ${value} }`,
      pattern: (value) => `const { NAME } = { NAME: ${value} };`,
      enum: (value) => `enum NAME { value = ${value} }`,
      assignment: (value) => `NAME2 = ${value}; var NAME = NAME2`,
      import: () => "import { sep as NAME } from 'node:path'",
    };
    let count = 0;
    for (const first of Object.values(ways)) {
      for (const [kind, second] of Object.entries(ways)) {
        const name = `n${count++}`;
        await client.execute(`${first(1)}; function of${name}() { return NAME }`.replaceAll("NAME", name));
        await client.execute(second(2).replaceAll("NAME", name));
        const shown = { function: `${name}()`, class: `${name}.value`, enum: `${name}.value` }[kind] ?? name;
        const wanted = kind === "import" ? "'/'" : "2";
        assert.equal(await client.value(shown), wanted, `${first(1)} then ${second(2)}`);
        // Functions of earlier cells see the new declaration.
        assert.equal(await client.value(`of${name}() === ${name}`), "true");
      }
    }
  }).timeout(60_000);

  it("keep constants constant, and only as long as they are", async () => {
    await client.execute("const fixed = 1; import { sep } from 'node:path'");
    const assignments = [
      "fixed = 2",
      "fixed++",
      "[fixed] = [2]",
      "({ fixed } = { fixed: 2 })",
      "({ a: fixed = 2 } = {})",
      "for (fixed of [2]) {}",
      "sep = 'x'",
      "(() => { fixed = 3 })()",
    ];
    for (const code of assignments) {
      const { reply } = await client.execute(code);
      assert.equal(reply.ename, "TypeError", code);
      assert.match(reply.evalue, /^Assignment to constant variable/, code);
    }
    assert.equal(await client.value("fixed"), "1");
    assert.equal(await client.value("{ let fixed = 5; fixed = 6; fixed }; fixed"), "1");
    await client.execute("let fixed = 3");
    assert.equal(await client.value("fixed = 4; fixed"), "4");
  });

  it("come from failed cells as far as those got", async () => {
    await client.execute("const before = 1; const failing = (() => { throw new Error('x') })(); const after = 2");
    assert.equal(await client.value("before"), "1");
    assert.equal((await client.execute("failing")).reply.ename, "ReferenceError");
    assert.equal(await client.value("const failing = 2, after = 3; failing + after"), "5");
  });

  it("are declared by plain assignment at the top of a cell", async () => {
    assert.equal(
      await client.value("x1 = 5; ({ p1, q1: [r1] } = { p1: 1, q1: [2] }); a1 = b1 = 7; [x1, p1, r1, a1, b1]"),
      "[ 5, 1, 2, 7, 7 ]",
    );
    assert.equal(await client.value("x1 + r1"), "7");
    assert.equal((await client.execute("function f1() { notDeclared = 1 } f1()")).reply.ename, "ReferenceError");
    assert.equal(await client.value("'x1' in globalThis"), "false");
    await client.execute("globalThis.shared1 = 1");
    await client.execute("shared1 = 2");
    assert.equal(await client.value("globalThis.shared1"), "2");
  });

  it("are hoisted as JavaScript hoists them", async () => {
    assert.equal(await client.value("early(); function early() { return later } var later = 1; early()"), "1");
    assert.equal(await client.value("for (var i = 0, j = 1; i < 3; i++) { var last = i } [i, j, last]"), "[ 3, 1, 2 ]");
    assert.equal(
      await client.value("for (var { k } of [{ k: 1 }, { k: 2 }]); var [m, { n = 4 }] = [3, {}]\n;[k, m, n]"),
      "[ 2, 3, 4 ]",
    );
    assert.equal(await client.value("const f = 1\nvar { g } = { g: 2 }\ng + f"), "3");
  });

  it("do not take the kernel's own: a cell redeclares globals, imports, displays, queries and shuts down", async () => {
    const own = await WireClient.start();
    const taken = await own.execute(`
      const URL = "data.csv";
      let Map = 1;
      var process = "p";
      const Buffer = [1];
      class Promise {}
      function setTimeout() { return "mine" }
      const console = { log: () => "logged" };
      const name = "n", performance = 0, Error2 = globalThis.Error;
      class Error extends Error2 {}
      const document = { title: "t" }, window = 1, module = 2, exports = 3, require = 4, self = 5, define = 6;
      const globalThis2 = 1, Symbol = 7, JSON = 8, Array = 9, Object = 10, Number = 11, String = 12, Date = 13;
      const queueMicrotask = 14, setImmediate = 15, clearTimeout = 16, AbortController = 17, display2 = display;
    `);
    assert.equal(taken.reply.status, "ok");
    assert.equal(
      await own.value(
        "[URL, Map, process, Buffer, Promise.name, setTimeout(), console.log(), name, document.title, JSON, Array].join()",
      ),
      "'data.csv,1,p,1,Promise,mine,logged,n,t,8,9'",
    );
    assert.equal(
      await own.value(
        "import * as arrow from 'apache-arrow'; import * as fs from 'node:fs'; typeof arrow.tableFromArrays + typeof fs.readFileSync",
      ),
      "'functionfunction'",
    );
    const { outputs } = await own.execute(
      "display2({ a: 1 }); globalThis.console.log('out'); await new globalThis.Promise((r) => globalThis.setTimeout(r, 5)); 1",
    );
    assert.deepEqual(
      outputs.map(({ type }) => type),
      ["display_data", "stream", "execute_result"],
    );
    assert.match((await own.execute("%%fenl\nnoSuchTable")).reply.traceback.join("\n"), /noSuchTable/);
    assert.equal((await own.execute("!echo shell")).outputs[0]!.content.text, "shell\n");
    assert.match((await own.execute("%who")).outputs[0]!.content.text, /^URL .*string$/m);
    assert.equal((await own.ask("complete_request", { code: "docu", cursor_pos: 4 })).matches[0], "document");
    await own.execute("Object.x.y.z");
    await own.send("control", "shutdown_request", { restart: false });
    assert.deepEqual(await own.exited, { code: 0, signal: null });
    assert.equal(own.log, "");
    await own.stop();
  });

  it("leave no trace on globalThis", async () => {
    const before = await client.value("Object.getOwnPropertyNames(globalThis).length");
    await client.execute("var v9 = 1; function f9() {} class C9 {} const c9 = 1; w9 = 2; enum E9 { A }");
    assert.equal(await client.value("Object.getOwnPropertyNames(globalThis).length"), before);
  });

  it("give functions and classes the names that the user wrote", async () => {
    assert.equal(
      await client.value(
        "const fetch = () => {}; const atob = function () {}; const Blob = class {}; class Event {} function btoa() {} [fetch, atob, Blob, Event, btoa].map((each) => each.name)",
      ),
      "[ 'fetch', 'atob', 'Blob', 'Event', 'btoa' ]",
    );
    assert.equal(await client.value("({ fetch }).fetch === fetch && ((fetch) => fetch)(1)"), "1");
  });

  it("are strict, like modules", async () => {
    assert.equal(await client.value("(function () { return this })()"), undefined);
    assert.equal((await client.execute("Object.freeze({ a: 1 }).a = 2")).reply.ename, "TypeError");
  });
});

import assert from "node:assert/strict";
import { type CellPart, splitCell } from "../../kernel/cell/split-cell.ts";

function parts(text: string): readonly CellPart[] {
  const cell = splitCell(text);
  assert.equal(cell.kind, "mixture");
  return cell.kind === "mixture" ? cell.parts : [];
}

/** The kinds of the parts, with the name or the command. */
function outline(text: string): string[] {
  return parts(text).map((part) =>
    part.kind === "typescript" ? "ts" : part.kind === "shell" ? `!${part.command}` : `%${part.name}`,
  );
}

describe("splitCell", () => {
  it("takes a cell magic with its argument and body", () => {
    assert.deepEqual(splitCell("%%fenl --var x\n{ n: 1 }\n"), {
      kind: "cell-magic",
      name: "fenl",
      argument: "--var x",
      line: 1,
      body: "{ n: 1 }\n",
      bodyLine: 2,
    });
  });

  it("takes a cell magic below blank lines, without a body, and with CRLF", () => {
    const cell = splitCell("\n  \n%%writefile a.csv\r\na,b\r\n");
    assert.equal(cell.kind === "cell-magic" && cell.body, "a,b\n");
    assert.equal(cell.kind === "cell-magic" && cell.bodyLine, 4);
    assert.deepEqual(splitCell("%%bash"), {
      kind: "cell-magic",
      name: "bash",
      argument: "",
      line: 1,
      body: "",
      bodyLine: 2,
    });
  });

  it("leaves the body of a cell magic alone", () => {
    const cell = splitCell("%%writefile a.txt\n%pwd\n!ls\n%%bash");
    assert.equal(cell.kind === "cell-magic" && cell.body, "%pwd\n!ls\n%%bash");
  });

  it("gives plain TypeScript as one part", () => {
    assert.deepEqual(parts("const a = 1;\na % 2"), [{ kind: "typescript", code: "const a = 1;\na % 2", line: 1 }]);
    assert.deepEqual(parts(" \n\n"), []);
    assert.deepEqual(parts(""), []);
  });

  it("mixes magics, shell lines and TypeScript, each with its line", () => {
    assert.deepEqual(parts("%load_ext fenlmagic\nconst a = 1;\nconst b = 2;\n!ls -l  \na + b"), [
      { kind: "line-magic", name: "load_ext", argument: "fenlmagic", line: 1 },
      { kind: "typescript", code: "const a = 1;\nconst b = 2;", line: 2 },
      { kind: "shell", command: "ls -l", line: 4 },
      { kind: "typescript", code: "a + b", line: 5 },
    ]);
  });

  it("does not need semicolons", () => {
    assert.deepEqual(outline("const a = 1\n%pwd\nconst b = f(a)\n!ls\nb"), ["ts", "%pwd", "ts", "!ls", "ts"]);
    assert.deepEqual(outline("type T = Array<number>\n!ls"), ["ts", "!ls"]);
    assert.deepEqual(outline("let i = 0\ni++\n!ls"), ["ts", "!ls"]);
    assert.deepEqual(outline("const x = y!\n!ls"), ["ts", "!ls"]);
    assert.deepEqual(outline("function f() {\n  return 1\n}\n%who"), ["ts", "%who"]);
  });

  it("joins lines that end in a backslash", () => {
    assert.deepEqual(parts("!echo a \\\n  b\n1"), [
      { kind: "shell", command: "echo a   b", line: 1 },
      { kind: "typescript", code: "1", line: 3 },
    ]);
  });

  it("sees what stands in a magic line as no TypeScript", () => {
    assert.deepEqual(outline("!echo it's `a\n%env A={\n%pwd"), ["!echo it's `a", "%env", "%pwd"]);
  });

  const typescript: Readonly<Record<string, string>> = {
    "an operator at the start of a line": "const a = b\n  % c\n  %d",
    "a modulo of a number": "const a = 17\n%5",
    "a template string": "const t = `\n%pwd\n!ls\n${1}\n%who\n`",
    "a hole in a template string": "const t = `${f({\n})}\n!ls ${`\n%pwd`}\n`",
    "a block comment": "/*\n%pwd\n!ls\n*/",
    "a negation after an operator": "const a = b &&\n!c",
    "a negation among arguments": "f(\n!a,\n!b\n)",
    "a negation in a block": "if (a) {\n!b && c()\n}",
    "a negation in a list": "const a = [\n!b\n]",
    "a negation after =>": "const f = (x) =>\n!x",
    "a negation after return": "await\n!x",
    "a double negation": "!!a",
    "a negated group": "!(a && b)",
    "an inequality": "a\n!= b",
    "an arrow after a ternary": "const a = b\n  ? c :\n  !d",
    "a string with an escaped line end": "const a = 'b\\\n%pwd'",
  };
  for (const [name, text] of Object.entries(typescript)) {
    it(`leaves ${name} to TypeScript`, () => assert.deepEqual(outline(text), ["ts"]));
  }

  it("finds the end of strings, comments and regular expressions", () => {
    assert.deepEqual(outline("const a = '`';\n%pwd"), ["ts", "%pwd"]);
    assert.deepEqual(outline("const a = /[`'\"/]/;\n%pwd"), ["ts", "%pwd"]);
    assert.deepEqual(outline("const a = b / c; // it's `\n%pwd"), ["ts", "%pwd"]);
    assert.deepEqual(outline('const a = "it\'s";\n%pwd'), ["ts", "%pwd"]);
    assert.deepEqual(outline("x.of\n%pwd"), ["ts", "%pwd"]);
    assert.deepEqual(outline("`a${1}b`;\n%pwd"), ["ts", "%pwd"]);
    assert.deepEqual(outline("1 / 2\n%pwd\n3 / 4"), ["ts", "%pwd", "ts"]);
  });

  it("survives brackets that do not match", () => {
    assert.deepEqual(outline(")]}\n%pwd"), ["ts", "%pwd"]);
    assert.deepEqual(outline("f(\n%pwd"), ["ts"]);
    assert.deepEqual(outline("const a = 'b\n%pwd"), ["ts", "%pwd"]);
  });

  it("tells a cell magic that is not on the first line", () => {
    assert.deepEqual(parts("const a = 1;\n%%bash\nls").at(1), { kind: "misplaced-cell-magic", name: "bash", line: 2 });
  });

  it("reads a long cell in time linear in its length", () => {
    const start = performance.now();
    parts(`/*\n${"* a comment line\n".repeat(50_000)}*/\n%pwd`);
    parts("const a = [1, 'x', `y`];\n".repeat(20_000));
    assert.ok(performance.now() - start < 3000);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { assemble } from "../../src/compile/assemble.ts";
import { branchless } from "../../src/compile/branchless-wat.ts";
import { Known, simplifyStatements } from "../../src/compile/simplify-wat.ts";
import { type Part, partText, readParts } from "../../src/compile/wat-tree.ts";
import { Wasm } from "../../src/values/web-assembly.ts";

const TYPES = { $p0: "i32", $p1: "i32", $x: "i32", $y: "i32", $u: "i64", $w: "i64", $f: "f64" } as const;
const isBoolean = (local: string) => /^\$(p\d|b\d+_holds)$/.test(local);

function simplified(text: string): string {
  return simplifyStatements(readParts(text), new Known(isBoolean)).map(partText).join("\n");
}

/** Code without branches, and the locals that it needs. */
function withoutBranches(parts: readonly Part[]): { text: string; locals: string } {
  let locals = "";
  let count = 0;
  const made = new Map<string, "i32" | "i64">();
  const text = branchless(parts, {
    sources: new Set([0]),
    isBoolean,
    typeOf: (local) => made.get(local) ?? TYPES[local as keyof typeof TYPES],
    newLocal: (type) => {
      const name = `$made${count++}`;
      locals += `(local ${name} ${type}) `;
      made.set(name, type as "i32" | "i64");
      return name;
    },
  });
  return { text: text.map(partText).join("\n"), locals };
}

/** Random statements that set some locals; `$p0` and `$p1` are 0 or 1. */
const { statements } = fc.letrec<{
  truth: string;
  small: string;
  large: string;
  statement: string;
  statements: string;
}>((tie) => ({
  truth: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("(local.get $p0)", "(local.get $p1)", "(i32.const 0)", "(i32.const 1)"),
    tie("truth").map((a) => `(i32.eqz ${a})`),
    fc.tuple(fc.constantFrom("and", "or"), tie("truth"), tie("truth")).map(([op, a, b]) => `(i32.${op} ${a} ${b})`),
    fc
      .tuple(tie("truth"), tie("truth"))
      .map(([a, b]) => `(i32.or (i32.and ${a} ${b}) (i32.or (i32.eqz ${a}) (i32.eqz ${b})))`),
    fc.tuple(fc.constantFrom("eq", "lt_s"), tie("small"), tie("small")).map(([op, a, b]) => `(i32.${op} ${a} ${b})`),
    fc.tuple(tie("large"), tie("large")).map(([a, b]) => `(i64.lt_s ${a} ${b})`),
  ),
  small: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("(local.get $x)", "(local.get $y)", "(i32.const 0)", "(i32.const 1)", "(i32.const 7)"),
    fc
      .tuple(fc.constantFrom("add", "and", "or", "xor"), tie("small"), tie("small"))
      .map(([op, a, b]) => `(i32.${op} ${a} ${b})`),
    fc.tuple(tie("small"), tie("small"), tie("truth")).map((all) => `(select ${all.join(" ")})`),
    fc
      .tuple(tie("truth"), tie("small"), tie("small"))
      .map(([a, b, c]) => `(if (result i32) ${a} (then ${b}) (else ${c}))`),
    tie("small").map((a) => `(local.tee $y ${a})`),
  ),
  large: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("(local.get $u)", "(local.get $w)", "(i64.const 0)", "(i64.const -5)"),
    fc.constant("(i64.load (i32.add (local.get $s0_c0) (i32.shl (local.get $s0_row) (i32.const 3))))"),
    fc.tuple(tie("large"), tie("large")).map(([a, b]) => `(i64.add ${a} ${b})`),
    fc.tuple(tie("large"), tie("large"), tie("truth")).map((all) => `(select ${all.join(" ")})`),
    tie("small").map((a) => `(i64.extend_i32_u ${a})`),
  ),
  statement: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(fc.constantFrom("$p0", "$p1"), tie("truth")).map(([local, a]) => `(local.set ${local} ${a})`),
    fc.tuple(fc.constantFrom("$x", "$y"), tie("small")).map(([local, a]) => `(local.set ${local} ${a})`),
    fc.tuple(fc.constantFrom("$u", "$w"), tie("large")).map(([local, a]) => `(local.set ${local} ${a})`),
    tie("large").map((a) => `(local.set $u (i64.add (local.get $u) ${a}))`),
    fc
      .tuple(tie("truth"), fc.constantFrom("$p0", "$x", "$y"), fc.constantFrom(0, 1))
      .map(([a, local, value]) => `(if ${a} (then (local.set ${local} (i32.const ${value}))))`),
    tie("truth").map((a) => `(local.set $f (f64.add (local.get $f) (f64.convert_i32_u ${a})))`),
    fc.tuple(tie("truth"), tie("statements")).map(([a, then]) => `(if ${a} (then ${then}))`),
    fc
      .tuple(tie("truth"), tie("statements"), tie("statements"))
      .map(([a, b, c]) => `(if ${a} (then ${b}) (else ${c}))`),
    fc
      .tuple(tie("statements"), tie("truth"), tie("statements"))
      .map(([a, b, c]) => `(block $out ${a} (br_if $out ${b}) ${c})`),
    fc
      .tuple(tie("truth"), tie("statements"), tie("statements"))
      .map(([a, b, c]) => `(block $out (if ${a} (then ${b} (br $out))) ${c})`),
  ),
  statements: fc
    .array(tie("statement"), { minLength: 1, maxLength: 4, depthIdentifier: "s", size: "small" })
    .map((list) => list.join(" ")),
}));

/** What a function leaves in the locals, for inputs. */
function func(name: string, locals: string, text: string): string {
  const sum = "(i64.add (i64.mul (local.get $h) (i64.const 31))";
  return `(func (export "${name}")
    (param $p0 i32) (param $p1 i32) (param $x i32) (param $y i32) (param $u i64) (param $w i64) (result i64)
    (local $f f64) (local $h i64) (local $s0_c0 i32) (local $s0_row i32) ${locals}
    (local.set $s0_c0 (i32.const 64)) (local.set $s0_row (i32.const 2))
    ${text}
    ${["$p0", "$p1", "$x", "$y"].map((local) => `(local.set $h ${sum} (i64.extend_i32_u (local.get ${local}))))`).join(" ")}
    ${["(local.get $u)", "(local.get $w)", "(i64.reinterpret_f64 (local.get $f))"].map((value) => `(local.set $h ${sum} ${value}))`).join(" ")}
    (local.get $h))`;
}

type Run = (p0: number, p1: number, x: number, y: number, u: bigint, w: bigint) => bigint;

describe("code for the rows of one source", () => {
  it("does what the code did that it was made of, for 60 random pieces of code", async () => {
    await fc.assert(
      fc.asyncProperty(statements, async (text) => {
        const simple = simplified(text);
        const { text: plain, locals } = withoutBranches(readParts(text));
        const { text: both, locals: more } = withoutBranches(readParts(simple));
        const functions = [
          func("as written", "", text),
          func("simple", "", simple),
          func("plain", locals, plain),
          func("both", more, both),
        ];
        const module = await assemble(
          `(module (memory 1) (data (i32.const 80) "\\01\\02\\03\\00\\00\\00\\00\\80") ${functions.join("\n")})`,
        );
        const { exports } = new Wasm.Instance(module, {}) as unknown as { exports: Record<string, Run> };
        for (let input = 0; input < 16; input++) {
          const [p0, p1] = [input & 1, (input >> 1) & 1];
          const arguments_ = [p0, p1, input & 4 ? 7 : 0, input & 8 ? -3 : 1, BigInt(input) - 5n, 9n] as const;
          const expected = exports["as written"]!(...arguments_);
          for (const name of ["simple", "plain", "both"]) assert.equal(exports[name]!(...arguments_), expected, name);
        }
      }),
      { numRuns: 60, seed: 42 },
    );
  });

  it("leaves out what cannot happen", () => {
    const text = `(local.set $p0 (i32.const 1)) (local.set $p1 (i32.const 0))
      (if (local.get $p1) (then (local.set $x (i32.const 2))))
      (if (local.get $p0) (then (local.set $y (i32.and (local.get $p0) (i32.eqz (local.get $x))))))
      (block $done (if (local.get $p0) (then (local.set $u (i64.const 3)) (br $done))) (local.set $u (i64.const 4)))`;
    assert.equal(
      simplified(text),
      [
        "(local.set $p0 (i32.const 1))",
        "(local.set $p1 (i32.const 0))",
        "(local.set $y (i32.eqz (local.get $x)))",
        "(local.set $u (i64.const 3))",
      ].join("\n"),
    );
  });

  it("adds nothing to a sum that stops at its limits where a row does not count", async () => {
    const [sum, added] = ["(i64.add (local.get $u) (local.get $w))", "(local.get $w)"];
    const overflow = `(i64.lt_s (i64.and (i64.xor (local.get $u) ${sum}) (i64.xor ${added} ${sum})) (i64.const 0))`;
    const limit = "(i64.xor (i64.shr_s (local.get $u) (i64.const 63)) (i64.const 9223372036854775807))";
    const update = `(local.set $u (select ${limit} ${sum} ${overflow}))`;
    const branch = `(if (local.get $p0) (then (local.set $w (i64.extend_i32_s (local.get $x))) ${update}))`;
    const { text, locals } = withoutBranches(readParts(`(local.set $w (i64.const 0)) ${branch}`));
    assert.ok(text.includes(update), text);
    const module = await assemble(
      `(module (memory 1) ${func("branch", "", `(local.set $w (i64.const 0)) ${branch}`)} ${func("sum", locals, text)})`,
    );
    const { exports } = new Wasm.Instance(module, {}) as unknown as { exports: Record<string, Run> };
    for (const before of [0n, 5n, 2n ** 63n - 2n, -(2n ** 63n), 2n ** 63n - 1n]) {
      for (const x of [-7, 0, 1, 2]) {
        for (const counts of [0, 1]) {
          const expected = exports.branch!(counts, 0, x, 0, before, 3n);
          assert.equal(exports.sum!(counts, 0, x, 0, before, 3n), expected, `${before} ${x} ${counts}`);
        }
      }
    }
  });

  it("masks what is not added", () => {
    const isMasked = (update: string) => {
      const text = `(local.set $w (i64.const 0)) (if (local.get $p0) (then (local.set $w (i64.const 9)) ${update}))`;
      return !withoutBranches(readParts(text)).text.includes(update);
    };
    assert.equal(isMasked("(local.set $u (i64.add (local.get $u) (local.get $w)))"), false);
    assert.equal(isMasked("(local.set $u (i64.add (local.get $u) (i64.const 2)))"), true);
    assert.equal(isMasked("(local.set $u (i64.sub (local.get $w) (local.get $u)))"), true);
    assert.equal(isMasked("(local.set $u (local.get $w))"), true);
  });

  it("computes cheap things in vain, but stores, calls and divisions only where they are asked for", () => {
    const isBranch = (body: string) =>
      withoutBranches(readParts(`(if (local.get $p0) (then ${body}))`)).text.includes("(if ");
    assert.equal(isBranch("(local.set $u (i64.add (local.get $u) (i64.const 2)))"), false);
    const column = (source: number) => `(i32.add (local.get $s${source}_c0) (local.get $s${source}_row))`;
    assert.equal(isBranch(`(local.set $x (i32.load8_u ${column(0)}))`), false);
    assert.equal(isBranch(`(local.set $x (i32.load8_u ${column(1)}))`), true);
    assert.equal(isBranch("(local.set $x (i32.load (local.get $y)))"), true);
    assert.equal(isBranch("(local.set $u (i64.div_s (local.get $u) (local.get $w)))"), true);
    assert.equal(isBranch("(local.set $x (call $any))"), true);
    assert.equal(isBranch("(local.set $f (f64.add (local.get $f) (f64.const 1)))"), true);
    assert.equal(isBranch("(i32.store (local.get $x) (local.get $y))"), true);
  });
});

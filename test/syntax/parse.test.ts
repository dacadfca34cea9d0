import assert from "node:assert/strict";
import type { CallExpression } from "../../src/syntax/ast.ts";
import { parsed, treeOf } from "./show-tree.ts";

describe("the language", () => {
  const trees: Record<string, string> = {
    // The reference's precedence checks.
    "-a.b * 2": "mul(neg(a.b), 2:i64)",
    "!a and b": "logical_and(not(a), b)",
    "a or b and c": "logical_or(a, logical_and(b, c))",
    "a == b and c < d": "logical_and(eq(a, b), lt(c, d))",
    "x + y | f()": "[add(x, y) | f()]",
    "a | b or c": "[a | logical_or(b, c)]",
    "f(x) | g() as i64": "([f(x) | g()] as i64)",

    // Operators associate to the left.
    "1 - 2 - 3": "sub(sub(1:i64, 2:i64), 3:i64)",
    "a / b * c / d": "div(mul(div(a, b), c), d)",
    "a or b or c": "logical_or(logical_or(a, b), c)",
    "a and b and c": "logical_and(logical_and(a, b), c)",
    "a < b < c": "lt(lt(a, b), c)",
    "a == b == c": "eq(eq(a, b), c)",
    "a != b <> c": "neq(neq(a, b), c)",
    "a <= b == c >= d": "eq(lte(a, b), gte(c, d))",
    "a + b * c - d": "sub(add(a, mul(b, c)), d)",
    "a > b + c": "gt(a, add(b, c))",
    "--x": "neg(neg(x))",
    "!-!x": "not(neg(not(x)))",
    "a - -b": "sub(a, neg(b))",
    "a--b": "sub(a, neg(b))",
    "-a[1].b": "neg(index(a, 1:i64).b)",
    "a<-b": "lt(a, neg(b))",
    "(a + b) * c": "mul(add(a, b), c)",
    "((a))": "a",

    // Pipes associate to the right.
    "a | b | c": "[a | [b | c]]",
    "(a | b) | c": "[[a | b] | c]",
    "a | let n = $input.n in { n, m: n + 1 }": "[a | <let n = $input.n in {n: n, m: add(n, 1:i64)}>]",
    "a | let x = b in c | d": "[a | <let x = b in [c | d]>]",

    // Casts take in everything to their left.
    "a + b as i32": "(add(a, b) as i32)",
    "x | f() as i64": "([x | f()] as i64)",
    "f(a as i64, b)": "f((a as i64), b)",
    "{ x: a as i64 }": "{x: (a as i64)}",
    "let x = 1 as i8 let y = x in y as f64": "(<let x = (1:i64 as i8); y = x in y> as f64)",
    "(a as f64) / b": "div((a as f64), b)",
    "a[b as i64]": "index(a, (b as i64))",
    "x as list<i64>": "(x as list<i64>)",
    "x as map<string, list<map<i64,f64>>>": "(x as map<string, list<map<i64, f64>>>)",
    "x as timestamp_ns": "(x as timestamp_ns)",
    "x as listing": "(x as listing)",
    "x as list": "(x as list)",

    // Lists of arguments and fields.
    "f()": "f()",
    "f( , , )": "f()",
    "f(,,a,,b,,)": "f(a, b)",
    "f(a, n=1, w = since(b))": "f(a, n=1:i64, w=since(b))",
    "f(a == b)": "f(eq(a, b))",
    "f(a=b == c)": "f(a=eq(b, c))",
    "f(a=(b))": "f(a=b)",
    "f(a=-1)": "f(a=neg(1:i64))",
    "{}": "{}",
    "{,}": "{}",
    "{ a, b: c.d, }": "{a: a, b: c.d}",
    "{,a:1,,b}": "{a: 1:i64, b: b}",
    "{ a: { b: { c } } }": "{a: {b: {c: c}}}",
    "f({ a }).a": "f({a: a}).a",
    "{ a }.a": "{a: a}.a",
    "a[1][2]": "index(index(a, 1:i64), 2:i64)",
    "f(a)[1].b.c[i]": "index(index(f(a), 1:i64).b.c, i)",
    "list | index(i)": "[list | index(i)]",

    // Names.
    "not(a)": "not(a)",
    "if(a, b)": "if(a, b)",
    "a | if(b) | else(c) | when(d)": "[a | [if(b) | [else(c) | when(d)]]]",
    "{ not, if, else, when, list, map, i64 }":
      "{not: not, if: if, else: else, when: when, list: list, map: map, i64: i64}",
    "letter + inner + android + order + asap + constant + trueish + nullable + falsely":
      "add(add(add(add(add(add(add(add(letter, inner), android), order), asap), constant), trueish), nullable), falsely)",
    "_a1 + A_": "add(_a1, A_)",
    "list(a) + map(b)": "add(list(a), map(b))",
    Let: "Let",
    "__proto__.constructor": "__proto__.constructor",

    // Literals.
    "1": "1:i64",
    "1.5": "1.5:f64",
    "007": "007:i64",
    "1i8": "1:i8",
    "1u64": "1:u64",
    "1.5f32": "1.5:f32",
    "2f64": "2:f64",
    "9223372036854775807": "9223372036854775807:i64",
    "18446744073709551615u64": "18446744073709551615:u64",
    true: "true:bool",
    false: "false:bool",
    null: "null:null",
    "null as i64": "(null:null as i64)",
    "1.field": "1:i64.field",
    $input: "$input",
    "$input.a": "$input.a",
    "$input | $input": "[$input | $input]",
    "\"a\" == 'b'": 'eq("a", "b")',
    "''": '""',
    '"it\'s"': '"it\'s"',
    "'say \"hi\"'": '"say \\"hi\\""',
    '"# no comment"': '"# no comment"',
    '"日本 😀"': '"日本 😀"',

    // White space and comments.
    "a\r\n+\r\nb\r\n": "add(a, b)",
    "\t a # first\n # second\n\t+ b # last": "add(a, b)",
    "a#\n+b#": "add(a, b)",
    "#\r\na": "a",
  };
  for (const [text, tree] of Object.entries(trees)) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(treeOf(text), tree);
    });
  }

  it("resolves escapes in strings, and only those", () => {
    assert.equal(treeOf(String.raw`"\n\r\t\\\"\'"`), JSON.stringify("\n\r\t\\\"'"));
    assert.equal(treeOf(String.raw`'\'' == "ends in \\"`), String.raw`eq("'", "ends in \\")`);
    assert.equal(treeOf(String.raw`f("a\\", "b")`), String.raw`f("a\\", "b")`);
    assert.equal(treeOf('"two\nlines"'), '"two\\nlines"');
    assert.equal(treeOf(String.raw`"\\n"`), String.raw`"\\n"`);
  });

  it("gives operators the function's name, and the operator's text as written", () => {
    const pairs: [string, string, string][] = [
      ["a + b", "add", "+"],
      ["a <> b", "neq", "<>"],
      ["a and b", "logical_and", "and"],
      ["!a", "not", "!"],
      ["-a", "neg", "-"],
      ["a[b]", "index", "[]"],
    ];
    for (const [text, name, operator] of pairs) {
      const call = parsed(text) as CallExpression;
      assert.equal(call.function, name);
      assert.equal(call.operator, operator);
    }
    assert.equal((parsed("add(a, b)") as CallExpression).operator, undefined);
  });

  it("makes plain data that survives JSON", () => {
    const tree = parsed("let a = f(x, n=1) | g($input.b[2]) in { a, c: -a as i64 }");
    assert.deepEqual(JSON.parse(JSON.stringify(tree)), tree);
  });
});

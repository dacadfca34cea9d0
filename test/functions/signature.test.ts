import assert from "node:assert/strict";
import { allFunctions, findFunction, signatureOf } from "../../src/functions/catalog.ts";
import { parseSignature } from "../../src/functions/signature.ts";

describe("signatures", () => {
  it("declare type variables, constants, defaults and variadic parameters", () => {
    const text = "f<K: key, V: any>(const n: i64, map: map<K, list<V>>, s: string = 'a', x: V = -1.5) -> list<V>";
    const { name, variables, parameters, result } = parseSignature(text);
    assert.equal(name, "f");
    assert.deepEqual(variables, [
      { name: "K", class: "key" },
      { name: "V", class: "any" },
    ]);
    assert.deepEqual(
      parameters.map((parameter) => [parameter.name, parameter.constant, parameter.variadic, parameter.default?.text]),
      [
        ["n", true, false, undefined],
        ["map", false, false, undefined],
        ["s", false, false, "a"],
        ["x", false, false, "-1.5"],
      ],
    );
    assert.deepEqual(result, { kind: "list", item: { kind: "variable", name: "V" } });
    for (const { typeText, typeStart, typeEnd } of parameters) assert.equal(text.slice(typeStart, typeEnd), typeText);
    assert.equal(parseSignature("g<T: any>(values+: T) -> T").parameters[0]?.variadic, true);
    assert.equal(parseSignature("h(const: i64) -> i64").parameters[0]?.name, "const");
  });

  it("are refused by name when they are malformed", () => {
    for (const [text, reason] of [
      ["f(a: i63) -> i64", /unknown type 'i63'/],
      ["f<T: nothing>(a: T) -> T", /unknown type class 'nothing'/],
      ["f(a: i64", /unexpected end|expected ','/],
      ["f(a: i64) -> i64 x", /expected the end/],
      ["f(a: i64, a: i64) -> i64", /parameter 'a' twice/],
      ["f(a: i64 = 1, b: i64) -> i64", /required parameter 'b' after an optional one/],
      ["f(a+: i64, b: i64) -> i64", /'b' after a variadic parameter/],
      ["f(a: list<i64) -> i64", /expected '>'/],
      ["f(a: i64 = b) -> i64", /expected a literal/],
    ] as const) {
      assert.throws(
        () => parseSignature(text),
        (error: Error) => error.message.includes(text) && reason.test(error.message),
        text,
      );
    }
  });

  it("of the catalog can be found by name", () => {
    for (const record of allFunctions()) {
      assert.equal(findFunction(record.name), record);
      assert.equal(signatureOf(record).text, record.signature);
    }
    assert.equal(findFunction("__proto__"), undefined);
  });
});

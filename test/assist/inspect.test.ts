import assert from "node:assert/strict";
import { inspectFenl, signatureHelp } from "../../src/assist/inspect.ts";
import { ENVIRONMENT } from "./environment.ts";

/** The plain help at the `¦` of a text. */
function help(marked: string): string {
  return inspectFenl(marked.replace("¦", ""), marked.indexOf("¦"), ENVIRONMENT)?.plain ?? "nothing";
}

const firstLine = (text: string) => text.split("\n", 1)[0];

describe("help", () => {
  it("shows a function with its signature, parameters, nulls and an example", () => {
    const text = help("{ total: su¦m(Purchase.amount) }");
    assert.match(text, /^sum<\w+: number>\(input: \w+, window: window = null\) -> \w+\n\n/);
    assert.match(text, /\n {2}input +\S/);
    assert.match(text, /\nNulls: /);
    assert.match(text, /\nExample/);
    const { markdown } = inspectFenl("sum", 1, ENVIRONMENT)!;
    assert.match(markdown, /^```fenl\nsum</);
    assert.match(markdown, /\n- `input`: /);
  });

  it("marks the parameter at the cursor inside a call", () => {
    assert.match(help("sum( ¦"), /\n> input /);
    assert.match(help("sum(Purchase.amount, ¦"), /\n> window /);
    assert.match(help("coalesce(1, 2, ¦)"), /\n> values /);
    assert.match(help("lag(1, ¦)"), /\n {2}n .*\n> input /);
    assert.match(help("sum(Purchase.amount, window = ¦)"), /\n> window /);
    assert.match(help("sum(Purchase.amount, win¦dow = since(true))"), /\n> window /);
    assert.match(help("sum(Purchase.amount, window = since( ¦"), /^since\(/);
    assert.equal(signatureHelp("sum(Purchase.amount)", 1), null);
    assert.match(signatureHelp("{ a: 1, b: sum(", 15)!.plain, /^sum</);
  });

  it("shows the type of fields, bindings, tables, views, $input and parameters", () => {
    const lines: [string, string][] = [
      ["Purchase.am¦ount", "amount: f64"],
      ["let total = sum(Purchase.amount) in { a: tot¦al + 1 ", "total: f64"],
      ["let tot¦al = count(Purchase) in total", "total: u32"],
      ["{ a¦bc: Purchase.at }", "abc: timestamp_ns"],
      ["GamePl¦ay | first()", "GamePlay: {duration: i64, won: bool}"],
      ["Pur¦chase", "Purchase: a record of 4 fields"],
      ["{ x: spending¦.total }", "spending: {total: f64, n: u32}"],
      ["GamePlay | when($in¦put.won)", "$input: {duration: i64, won: bool}"],
      ["{ a: $li¦mit }", "$limit: i64"],
      ["Purchase.amount as i¦64", "Converts f64 to i64."],
      ["GamePlay.wn¦o", "{duration: i64, won: bool} has no field wno."],
      ["Purchase.amount ¦+ 1", firstLine(help("add¦"))!],
    ];
    for (const [text, expected] of lines) assert.equal(firstLine(help(text)), expected, text);
    assert.match(help("{ x: spending¦ }"), /A view:\n\n\{ total: sum/);
    assert.match(help("{ x: Purchase¦ }"), /A table of the grouping User, by keys of type string\./);
  });

  it("has nothing to tell of what it does not know", () => {
    for (const text of ["¦", "nothi¦ng", "'Purch¦ase'", "# Purch¦ase", "1¦2", "nothing.som¦ething", "no_function(¦"]) {
      assert.equal(help(text), "nothing", text);
    }
  });
});

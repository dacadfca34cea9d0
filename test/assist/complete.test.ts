import assert from "node:assert/strict";
import { type CompletionKind, completeFenl } from "../../src/assist/complete.ts";
import { ENVIRONMENT } from "./environment.ts";

/** The labels at the `¦` of a text, of one kind if it is given. */
function labels(marked: string, kind?: CompletionKind): string[] {
  const offset = marked.indexOf("¦");
  const { items } = completeFenl(marked.replace("¦", ""), offset, ENVIRONMENT);
  return items.filter((item) => kind === undefined || item.kind === kind).map(({ label }) => label);
}

const FIELDS = ["amount", "at", "items"];

describe("completion", () => {
  it("offers fields through dots, pipes, let, views, records and functions, in unfinished texts", () => {
    const texts: [string, string[]][] = [
      ["Purchase.¦", FIELDS],
      ["{ total: sum(Purchase.¦", FIELDS],
      ["{ total: sum(Purchase.am¦", ["amount"]],
      ["{ total: sum(Purchase.¦), n: 1 }", FIELDS],
      ["{ Purchase.¦ }", FIELDS],
      ["Purchase | when($input.¦", FIELDS],
      ["Purchase | when($input.¦ > 5) | first()", FIELDS],
      ["Purchase | { total: sum($input.¦) } | when($input.total > 1", FIELDS],
      ["Purchase | { total: sum($input.amount) } | when($input.¦", ["total"]],
      ["let p = Purchase in p.¦", FIELDS],
      ["let p = Purchase let q = p | when(p.¦", FIELDS],
      ["let p = Purchase.¦\nlet q = GamePlay\nin { p, q }", FIELDS],
      ["let q = sum(Purchase.¦\nlet r = GamePlay in { a: r.won }", FIELDS],
      ["let r = { a: 1, b: { c: 2 } } in r.b.¦", ["c"]],
      ["spending.¦", ["total", "n"]],
      ["Purchase.items.¦", ["sku"]],
      ["Purchase.items[0].¦", ["sku"]],
      ["last(Purchase).¦", FIELDS],
      ["extend(GamePlay, { extra: 1 }).¦", ["duration", "won", "extra"]],
      ["{ a: 1 +, b: Purchase.¦ }", FIELDS],
      ["{ a: 99999999999999999999i64, b: 'open\n, c: Purchase.¦", FIELDS],
      ["GamePlay.won.¦", []],
      ["Nothing.¦", []],
      ["Purchase.amount as i64 | nonsense Purchase.¦", []],
    ];
    for (const [text, expected] of texts) assert.deepEqual(labels(text).sort(), [...expected].sort(), text);
  });

  it("offers names in scope, innermost first, and no hidden ones", () => {
    const text = "let a = 1 let Purchase = 2 in (let a = 'x' in ¦)";
    assert.deepEqual(labels(text, "binding"), ["a", "Purchase"]);
    assert.deepEqual(labels(text, "table"), ["GamePlay"]);
    assert.deepEqual(labels("let a = 1 let b = ¦", "binding"), ["a"]);
    assert.deepEqual(labels("let a = ¦ let b = 2 in a", "binding"), []);
    assert.deepEqual(labels("¦"), labels(" ¦ "));
    assert.deepEqual(labels("¦", "view"), ["spending"]);
    assert.ok(labels("¦", "function").includes("sum"));
    assert.deepEqual(labels("¦", "input"), []);
    assert.deepEqual(labels("Purchase | ¦", "input"), ["$input"]);
    assert.deepEqual(labels("{ a: $¦ }"), ["$limit"]);
    assert.deepEqual(labels("Purchase | { a: $¦ }"), ["$input", "$limit"]);
    assert.deepEqual(labels("{ a: $li¦"), ["$limit"]);
  });

  it("says what the names are", () => {
    const text = "let a = sum(Purchase.amount) in ";
    const { items } = completeFenl(text, text.length, ENVIRONMENT);
    const detail = (label: string) => items.find((item) => item.label === label)?.detail;
    assert.equal(detail("a"), "f64");
    assert.equal(detail("GamePlay"), "{duration: i64, won: bool}");
    assert.match(detail("sum")!, /^sum<.*-> \w+$/);
    assert.ok(items.find(({ label }) => label === "sum")!.documentation.length > 10);
  });

  it("offers the names of arguments where one begins, but for those given", () => {
    assert.deepEqual(labels("sum(¦", "argument"), ["window = ", "input = "]);
    assert.deepEqual(labels("sum(Purchase.amount, w¦)", "argument"), ["window = "]);
    assert.deepEqual(labels("sum(Purchase.amount, window = since(true), ¦)", "argument"), ["input = "]);
    assert.deepEqual(labels("sum(Purchase.amount + ¦)", "argument"), []);
    assert.deepEqual(labels("sum(window = ¦)", "argument"), []);
    assert.deepEqual(labels("nothing(¦)", "argument"), []);
  });

  it("offers types after as, as far as the value can be cast", () => {
    assert.ok(labels("Purchase.amount as ¦").includes("i64"));
    assert.deepEqual(labels("GamePlay.won as ti¦"), []);
    assert.deepEqual(labels("Purchase.at as date¦"), ["date32", "date64"]);
    assert.ok(labels("{ a: nothing as ¦, b: 1").includes("date32"));
  });

  it("offers keywords after a value", () => {
    assert.deepEqual(labels("let a = Purchase.amount i¦"), ["in"]);
    assert.deepEqual(labels("Purchase.amount ¦"), ["and", "or", "as"]);
    assert.deepEqual(labels("{ a: Purchase.amount a¦ }"), ["and", "as"]);
  });

  it("offers only functions where a call is, and nothing in strings, comments, numbers and new names", () => {
    assert.deepEqual(labels("su¦(Purchase.amount)"), ["sub", "substring", "sum"]);
    for (const text of ["'Pur¦", "{ a: 'Pur¦' }", "# Pur¦", "1¦", "let Pur¦ = 1 in 2", "{ a: 12.¦ }"]) {
      assert.deepEqual(labels(text), [], text);
    }
  });

  it("replaces the whole word, whatever its case", () => {
    const { from, to, items } = completeFenl("{ a: purCHA + 1 }", 8, ENVIRONMENT);
    assert.deepEqual([from, to], [5, 11]);
    assert.deepEqual(
      items.map(({ label }) => label),
      ["Purchase"],
    );
  });

  it("is quick", () => {
    const text = `let a = Purchase | when($input.amount > 5)\n${Array.from({ length: 20 }, (_, n) => `let n${n} = sum(a.amount) + ${n}\n`).join("")}in { x: a.`;
    labels(`${text}¦`);
    const started = performance.now();
    for (let run = 0; run < 5; run++) assert.deepEqual(labels(`${text}¦`), FIELDS);
    assert.ok((performance.now() - started) / 5 < 200);
  });
});

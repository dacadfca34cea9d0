import assert from "node:assert/strict";
import fc from "fast-check";
import { completeFenl } from "../../src/assist/complete.ts";
import { inspectFenl } from "../../src/assist/inspect.ts";
import { repairText } from "../../src/assist/repair.ts";
import { parseFenl } from "../../src/syntax/parse.ts";
import { ENVIRONMENT } from "./environment.ts";

const QUERIES = [
  `let GameDefeat = GamePlay | when(not(GamePlay.won)) # lost
let features = { loss: sum(GameDefeat.duration), n: count(Purchase), 'x' }
let at = not(GamePlay.won) and (count(GameDefeat, window=since(GamePlay.won)) == 2)
in extend(features, { at, list: Purchase.items[0].sku as list<map<string, f64>> }) | when(is_valid($input.loss))`,
  '{ a: -1.5 * (2 + $limit) / 3, b: !true or \'text\' == "t\\"x" as string, c: Purchase | let n = $input.amount in n }',
];

/** Pieces that texts under construction are made of. */
const PIECES = [
  ...'( ) [ ] { } , . : = == | + - * ! < > \'open "shut" 12 1.5f32 999i8 a Purchase amount sum( since( window let in as'.split(
    " ",
  ),
  ...[
    "and",
    "or",
    "true",
    "null",
    "$input",
    "$limit",
    "list<",
    "map<string,",
    "i64",
    "# note\n",
    "\n",
    " ",
    "§",
    "'\\q'",
  ],
];

describe("repair", () => {
  const assertParses = (text: string, original: string) => {
    const { expression, diagnostics } = parseFenl(text);
    assert.ok(
      expression !== null,
      `${JSON.stringify(original)} became ${JSON.stringify(text)}: ${diagnostics[0]?.labels[0]?.message}`,
    );
  };

  it("leaves a text that parses as it is", () => {
    for (const text of QUERIES) {
      const complete = text.replace(/, 'x' }/, " }");
      assert.equal(repairText(complete, 0).text.trim(), complete.trim());
    }
  });

  it("makes every beginning of a query parse", () => {
    for (const text of QUERIES) {
      for (let end = 0; end <= text.length; end += 3) {
        const part = text.slice(0, end);
        assertParses(repairText(part, end).text, part);
      }
    }
  });

  it("makes anything parse, and helps with it", () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(" "));
    fc.assert(
      fc.property(texts, fc.nat(80), (text, cursor) => {
        assertParses(repairText(text, cursor).text, text);
        const { from, to } = completeFenl(text, cursor, ENVIRONMENT);
        assert.ok(from <= to && to <= text.length);
        inspectFenl(text, cursor, ENVIRONMENT);
      }),
      { numRuns: 500 },
    );
  });
});

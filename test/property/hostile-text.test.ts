import assert from "node:assert/strict";
import fc from "fast-check";
import { type Analysis, analyze } from "../../src/analyze/analyze.ts";
import { allFunctions } from "../../src/functions/catalog.ts";
import { renderHtml } from "../../src/text/render-html.ts";
import { renderText } from "../../src/text/render-text.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import { randomQueries } from "./random-queries.ts";

const KINDS = ["i64", "f64", "bool", "string", "timestamp_ns"] as const;
const columns = KINDS.map((kind, index) => ({ name: `ixbst`[index]!, type: { kind } as FenlType }));
const environment = {
  tables: ["A", "B", "C"].map((name) => ({
    name,
    grouping: name === "C" ? "h" : "g",
    keyType: { kind: "string" } as FenlType,
    columns,
  })),
  views: [{ name: "broken", expression: "A.nope +" }],
};

/** Errors exactly where there is no query, each with a place inside its text, each of them printable. */
function checkDiagnostics(text: string, { query, diagnostics, sources }: Analysis): void {
  const errors = diagnostics.filter(({ severity }) => severity !== "warning");
  assert.equal(query === null, errors.length > 0, text);
  for (const diagnostic of diagnostics) {
    for (const { span } of diagnostic.labels) {
      const source = sources[span.source] ?? (/signature|inferred/.test(span.source) ? null : undefined);
      assert.notEqual(source, undefined, `${text}: a label in ${span.source}`);
      if (typeof source !== "string") continue;
      assert.ok(
        0 <= span.start && span.start <= span.end && span.end <= source.length,
        `${text}: ${JSON.stringify(span)}`,
      );
    }
    assert.notEqual(renderText(diagnostic, sources), "");
  }
  assert.doesNotMatch(renderHtml(diagnostics, sources), /<script/i);
}

const words = fc.constantFrom(
  ...'A B C broken let in and or as true false null $input i x b s t . , : | ( ) [ ] { } + - * / == != <> < <= > >= ! = 1 2.5 -3 0x1 1e3 9999999999999999999 "text" \'a\\n\' "open \\ # % ? i64 timestamp_ns window= Ü 𝄞 <script>'.split(
    " ",
  ),
  ...allFunctions().map(({ name }) => name),
  "\r\n",
  "\t",
  "\0",
);

describe("the analyzer with texts of every kind", () => {
  it("reports what is wrong with random characters", () => {
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60, unit: "binary" }));
    fc.assert(
      fc.property(text, (one) => checkDiagnostics(one, analyze(one, environment))),
      { numRuns: 500 },
    );
  });

  it("reports what is wrong with random words of the language", () => {
    const text = fc.array(words, { maxLength: 25 }).map((parts) => parts.join(" "));
    fc.assert(
      fc.property(text, (one) => checkDiagnostics(one, analyze(one, environment))),
      { numRuns: 1000 },
    );
  });

  it("reports what is wrong with queries that miss, double or swap a piece", () => {
    const damaged = fc.tuple(randomQueries, fc.nat(), fc.nat(3), words).map(([{ text }, at, change, word]) => {
      const pieces = text.match(/[A-Za-z_0-9]+|"[^"]*"|'[^']*'|[^\s]/g)!;
      const place = at % pieces.length;
      if (change === 0) pieces.splice(place, 1);
      if (change === 1) pieces.splice(place, 0, pieces[place]!);
      if (change === 2) pieces[place] = word;
      if (change === 3) pieces.splice(place, 2, pieces[place + 1] ?? "", pieces[place]!);
      return pieces.join(" ");
    });
    fc.assert(
      fc.property(damaged, (one) => checkDiagnostics(one, analyze(one, environment))),
      { numRuns: 1000 },
    );
  });

  it("gives ill-typed calls of every function an error", () => {
    const argument = fc.constantFrom(
      "A",
      "A.i",
      "A.s",
      "A.b",
      "A.t",
      "null",
      "{ a: A.x }",
      "collect(A.i, max=2)",
      "since(A.b)",
      "C.i",
      "json(A.s)",
    );
    const call = fc
      .tuple(
        fc.constantFrom(...allFunctions().map(({ name }) => name)),
        fc.array(argument, { minLength: 1, maxLength: 4 }),
      )
      .map(([name, list]) => `{ v: ${name}(${list.join(", ")}) }`);
    fc.assert(
      fc.property(call, (one) => checkDiagnostics(one, analyze(one, environment))),
      { numRuns: 1500 },
    );
  });
});

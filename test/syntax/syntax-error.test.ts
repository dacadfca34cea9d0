import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFenl } from "../../src/syntax/parse.ts";
import type { Diagnostic } from "../../src/text/diagnostic.ts";
import { positionAt } from "../../src/text/span.ts";

/** Diagnostics as lines: the text before the place, `«`, what is marked, `»`, the message and the notes. */
function report(text: string): string[] {
  return errorsOf(text).map(({ labels: [label], notes }) => {
    assert.ok(label);
    const { start, end } = label.span;
    const marked = `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`;
    return [marked, label.message, ...notes].join(" / ");
  });
}

function errorsOf(text: string): Diagnostic[] {
  const { expression, diagnostics } = parseFenl(text);
  assert.equal(expression, null);
  for (const diagnostic of diagnostics) {
    assert.equal(diagnostic.code, "E0011");
    assert.equal(diagnostic.severity, "error");
    assert.equal(diagnostic.message, "Invalid syntax");
    assert.equal(diagnostic.labels.length, 1);
  }
  return diagnostics;
}

describe("syntax errors", () => {
  const operatorOrEnd = "Expected an operator or the end of the query";
  const reports: Record<string, string[]> = {
    "Plays.level +": ["Plays.level +«» / Unexpected EOF / Expected an expression"],
    "{ a: \n # note": ["{ a:«» \n # note / Unexpected EOF / Expected an expression"],
    "{ n: Numbers.n": ['{ n: Numbers.n«» / Unexpected EOF / Expected ",", "}" or an operator'],
    "": ["«» / Unexpected EOF / Expected an expression"],
    " # nothing": ["«» # nothing / Unexpected EOF / Expected an expression"],
    "let x = in Plays": ["let x = «in» Plays / Invalid token 'in' / Expected an expression"],
    "let + = 5 in {a}": ["let «+» = 5 in {a} / Invalid token '+' / Expected a name"],
    "let x = 5": ['let x = 5«» / Unexpected EOF / Expected "in", "let" or an operator'],
    "let x 5 in x": ["let x «5» in x / Invalid token '5' / Expected \"=\""],
    "let x == 5 in x": ["let x «==» 5 in x / Invalid token '==' / Expected \"=\""],
    "let in = 5 in x": [
      "let «in» = 5 in x / Invalid token 'in' / Expected a name / 'in' is a keyword, which cannot be a name",
    ],
    "{ n: N.n as + }": ["{ n: N.n as «+» } / Invalid token '+' / Expected a type"],
    "{ n: ceil(x:) }": ['{ n: ceil(x«:») } / Invalid token \':\' / Expected ")", ",", "=" or an operator'],
    "{ n: ceil(+ N.n) }": ['{ n: ceil(«+» N.n) } / Invalid token \'+\' / Expected ")", "," or an expression'],
    "{ a.b }": ['{ a«.»b } / Invalid token \'.\' / Expected ",", ":" or "}"'],
    "a . 1": ["a . «1» / Invalid token '1' / Expected a name"],
    "a[]": ["a[«]» / Invalid token ']' / Expected an expression"],
    "a)": [`a«)» / Invalid token ')' / ${operatorOrEnd}`],
    "(a]": ["(a«]» / Invalid token ']' / Expected \")\" or an operator"],
    "Plays | | count()": ["Plays | «|» count() / Invalid token '|' / Expected an expression"],
    "a || b": [
      "a |«|» b / Invalid token '|' / Expected an expression / The logical operators are written 'and' and 'or'",
    ],
    "a = 5": [`a «=» 5 / Invalid token '=' / ${operatorOrEnd} / Equality is written '=='`],
    "not Plays.won": [
      `not «Plays».won / Invalid token 'Plays' / ${operatorOrEnd} / A call needs parentheses: not(...)`,
    ],
    "{ a: x as i64 as f64 }": [
      '{ a: x as i64 «as» f64 } / Invalid token \'as\' / Expected "," or "}" / A cast takes in everything to its left, ' +
        "and there is at most one: put it in parentheses to go on",
    ],

    // What is no token at all.
    '"unterminated': ['«"unterminated» / Invalid token \'"unterminated\' / Expected a closing "'],
    "{ a: 'b\n, c: 1 }": ["{ a: «'b»\n, c: 1 } / Invalid token ''b' / Expected a closing '"],
    "{ a: 0x10 }": ["{ a: 0«x10» } / Invalid token 'x10' / Expected a number in decimal digits, without an exponent"],
    "1e3": ["1«e3» / Invalid token 'e3' / Expected a number in decimal digits, without an exponent"],
    "1i7": ["1«i7» / Invalid token 'i7' / Expected a number in decimal digits, without an exponent"],
    "a && b": ["a «&&» b / Invalid token '&&' / Expected \"and\""],
    "a % b": ["a «%» b / Invalid token '%'"],
    "a é b": ["a «é» b / Invalid token 'é'"],
    "a\u00a0+ b": ["a«\u00a0»+ b / Invalid token U+00A0"],
    "“a”": [
      "«“»a” / Invalid token '“' / Expected \" or ' around a string",
      "“a«”» / Invalid token '”' / Expected \" or ' around a string",
    ],
    $1: ['«$1» / Invalid token \'$1\' / Expected "$input", or "$" and the name of a parameter'],
    "a -> b": ["a «->» b / Invalid token '->'"],
    "1.": ["1.«» / Unexpected EOF / Expected a name"],
    ".5": ["«.»5 / Invalid token '.' / Expected an expression"],
    "'\\q'": [
      "«'\\q'» / Invalid token ''\\q'' / Expected one of the escapes \\' \\\" \\\\ \\n \\r \\t after a backslash",
    ],

    // Literals that their type cannot hold.
    "300u8": ["«300u8» / Invalid literal: too large for u8 / Expected at most 255"],
    "{ a: 9223372036854775808 }": [
      "{ a: «9223372036854775808» } / Invalid literal: too large for i64 / Expected at most 9223372036854775807",
    ],
    "128i8 + 65536u16": [
      "«128i8» + 65536u16 / Invalid literal: too large for i8 / Expected at most 127",
      "128i8 + «65536u16» / Invalid literal: too large for u16 / Expected at most 65535",
    ],
    "1.5i64": ["«1.5i64» / Invalid literal: i64 has no fraction / Expected a whole number"],

    // Several errors in one text.
    "{a: 1+, b: f(2 3), c: (), d: 300u8}": [
      "{a: 1+«,» b: f(2 3), c: (), d: 300u8} / Invalid token ',' / Expected an expression",
      '{a: 1+, b: f(2 «3»), c: (), d: 300u8} / Invalid token \'3\' / Expected ")", "," or an operator',
      "{a: 1+, b: f(2 3), c: («)», d: 300u8} / Invalid token ')' / Expected an expression",
      "{a: 1+, b: f(2 3), c: (), d: «300u8»} / Invalid literal: too large for u8 / Expected at most 255",
    ],
  };
  for (const [text, expected] of Object.entries(reports)) {
    it(`in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(report(text), expected);
    });
  }

  it("of numbers hold at the very limits", () => {
    for (const text of [
      "0",
      "255u8",
      "127i8",
      "65535u16",
      "32767i16",
      "4294967295u32",
      "2147483647i32",
      "9223372036854775807",
      "18446744073709551615u64",
      "340282346638528859811704183484516925440f32",
      `${"0".repeat(50)}1`,
      `${"9".repeat(300)}.5`,
    ]) {
      assert.deepEqual(parseFenl(text).diagnostics, [], text);
    }
    for (const text of [
      "256u8",
      "128i8",
      "65536u16",
      "32768i16",
      "4294967296u32",
      "2147483648i32",
      "9223372036854775808",
      "18446744073709551616u64",
      "340282366920938463463374607431768211456f32",
      `${"9".repeat(400)}.5`,
      "9".repeat(1_000_000),
    ]) {
      assert.match(errorsOf(text)[0]!.labels[0]!.message, /^Invalid literal: too large for /);
    }
  });

  it("stand where the original engine put them", () => {
    const columns: Record<string, number> = {
      "{ a: list_len(collect(Orders.item, max=3)), b: collect(Orders.item, max=3) | index(list_len(collect(Orders.item, max=3)) as i64 - 1) }": 129,
      "Plays.level +": 14,
      "{ a: ": 5,
      "let x = in Plays": 9,
      "Plays | | count()": 9,
      "Plays.level ==": 15,
      '"unterminated': 1,
      "not Plays.won": 5,
      "{ a: 0x10, n: Readings.n }": 7,
      "{ a: 1e3, n: Readings.n }": 7,
      "{ a: Plays.level as i64 as f64 }": 25,
      "limit x = 5 in { x }": 7,
      "let { n: N.n}": 5,
    };
    for (const [query, column] of Object.entries(columns)) {
      const { start } = errorsOf(query)[0]!.labels[0]!.span;
      assert.deepEqual(positionAt(query, start), { line: 1, column }, query);
    }
  });

  it("name at most a handful of things, and never nothing", () => {
    const pieces = fc.constantFrom(
      ..."( ) [ ] { } , . : | = == + - * / ! < > let in as and or a f( 1 'x' null $input i64 list< n= \n # é 1x".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
        const text = words.join(" ");
        const { expression, diagnostics } = parseFenl(text);
        assert.equal(expression === null, diagnostics.length > 0);
        for (const { labels, notes } of diagnostics) {
          const { start, end } = labels[0]!.span;
          assert.ok(0 <= start && start <= end && end <= text.length);
          for (const note of notes) {
            assert.doesNotMatch(note, /Expected\s*$|nameRest|undefined|,$/);
            assert.ok(note.split(/, | or /).length <= 6, note);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("come from any text, without a crash", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        const { expression, diagnostics } = parseFenl(text);
        assert.equal(expression === null, diagnostics.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});

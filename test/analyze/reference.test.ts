import assert from "node:assert/strict";
import { analyze } from "../../src/analyze/analyze.ts";
import { environment, summary, unmark } from "./marked-query.ts";

/**
 * A wrong query for each row of the reference's tables of diagnostics, with « » around what the first primary label
 * marks; then each diagnostic as its code, its labels and notes.
 */
interface Row {
  readonly says: string;
  readonly query: string;
  readonly views?: Readonly<Record<string, string>>;
  readonly expected: readonly (readonly string[])[];
}

const ROWS: readonly Row[] = [
  {
    says: "E0001: no such field",
    query: "{ x: Code.«undefined» }",
    expected: [["error E0001", "P [undefined] No field named 'undefined'", "N Nearest fields: 'code', 'weight', 'at'"]],
  },
  {
    says: "E0001: no such field in the records of a list",
    query: "{ x: Sent.lines.«nope» }",
    expected: [["error E0001", "P [nope] No field named 'nope'", "N Nearest fields: 'code'"]],
  },
  {
    says: "E0001: no such field for remove_fields",
    query: 'remove_fields(Code, «"undefined"»)',
    expected: [
      ["error E0001", "P [\"undefined\"] No field named 'undefined'", "N Nearest fields: 'code', 'weight', 'at'"],
    ],
  },
  {
    says: "E0001: the base is no record",
    query: "{ x: «Code.weight».x }",
    expected: [["error E0001", "P [Code.weight] No fields for non-record base type f64"]],
  },
  {
    says: "E0001: the base is a list of no records",
    query: "{ x: «Sent.tags».x }",
    expected: [["error E0001", "P [Sent.tags] No fields for non-record base type list<string>"]],
  },
  {
    says: "E0001: second-level access on json",
    query: "{ x: «json(Code.code).a».b }",
    expected: [["error E0001", "P [json(Code.code).a] No fields for non-record base type string"]],
  },
  {
    says: "E0002: no such type",
    query: "{ x: Sent.from as «ben» }",
    expected: [["error E0002", "P [ben] Unable to cast to type 'ben'", "N From type i64"]],
  },
  {
    says: "E0002: no such cast",
    query: "{ x: Sent as «i64» }",
    expected: [
      [
        "error E0002",
        "P [i64] Unable to cast to type 'i64'",
        "N From type {at: timestamp_s, from: i64, to: i64, amount: f64, note: string, urgent: bool, tags: list<string>, lines: list<{code: string}>, prices: map<string, f64>, small: u8}",
      ],
    ],
  },
  {
    says: "E0002: collect with min above max",
    query: "{ x: collect(Sent.amount, max = 2, min = «3») | list_len() }",
    expected: [["error E0002", "P [3] min '3' must be less than or equal to max '2'"]],
  },
  {
    says: "E0003: a formula's name is no identifier",
    query: "Sent",
    views: { "a b": "1" },
    expected: [["error E0003", "N Formula name 'a b' is not a legal identifier."]],
  },
  {
    says: "E0006: no such name",
    query: "{ x: «Snt».amount }",
    views: { foo: "1" },
    expected: [
      [
        "error E0006",
        "P [Snt] No reference named 'Snt'",
        "N Nearest matches: 'Sent', 'foo', 'Code', 'Waits', 'Received'",
      ],
    ],
  },
  {
    says: "E0006: $input outside a pipe",
    query: "«$input»",
    expected: [
      ["error E0006", "P [$input] No reference named '$input'", "N '$input' is the left-hand side of a pipe '|'"],
    ],
  },
  {
    says: "E0006: an argument is missing outside a pipe",
    query: "{ x: «if»(Sent.urgent) }",
    expected: [
      [
        "error E0006",
        "P [if] No reference named '$input'",
        "N 'if' needs an argument for 'value', and there is no pipe to take it from",
      ],
    ],
  },
  {
    says: "E0008: positional after keyword",
    query: "{ x: powf(power = 2, «Sent.amount») }",
    expected: [
      ["error E0008", "P [Sent.amount] positional appears after keyword", "S [power = 2] first keyword was here"],
    ],
  },
  {
    says: "E0008: by position and by keyword",
    query: "{ x: powf(«Sent.amount», base = 2) }",
    expected: [["error E0008", "P [Sent.amount] positional occurrence", "S [base = 2] keyword was here"]],
  },
  {
    says: "E0008: too many",
    query: "{ x: neg(Sent.amount, «Sent.from») }",
    expected: [["error E0008", "P [Sent.from] First unexpected argument", "N Expected 1 but got 2"]],
  },
  {
    says: "E0008: too few, even after $input",
    query: "Sent.amount | { x: «add»() }",
    expected: [["error E0008", "P [add] First unexpected argument", "N Expected 2 but got 1"]],
  },
  {
    says: "E0008: too few for a variadic function",
    query: "{ x: «coalesce»(), y: Sent.amount }",
    expected: [["error E0008", "P [coalesce] First unexpected argument", "N Expected 1 but got 0"]],
  },
  {
    says: "E0008: optional parameter given by position",
    query: "{ x: clamp(Sent.amount, «2.0») }",
    expected: [
      ["error E0008", "P [2.0] Parameter 'min' with default value must be keyword argument, but was positional"],
    ],
  },
  {
    says: "E0008: unknown keyword",
    query: "{ x: «ceil»(m = Sent.amount) }",
    expected: [["error E0008", "P [ceil]", "N Nearest matches: 'n'"]],
  },
  {
    says: "E0008: a keyword given twice",
    query: "{ x: «ceil»(n = Sent.amount, n = 2) }",
    expected: [["error E0008", "P [ceil]", "N Nearest matches: 'n'"]],
  },
  {
    says: "E0008: empty record",
    query: "«{ }»",
    expected: [["error E0008", "P [{ }] Record must be non-empty"]],
  },
  {
    says: "E0008: all fields removed",
    query: "«remove_fields»({ x: Sent.amount }, 'x')",
    expected: [["error E0008", "P [remove_fields] Removed all fields from input record."]],
  },
  {
    says: "E0008: a null field name",
    query: "select_fields(Sent, «null»)",
    expected: [
      ["error E0008", "P [null] Argument 'field' to 'select_fields' must be constant non-null string, but was null"],
    ],
  },
  {
    says: "E0008: lookup with a literal key",
    query: "{ x: lookup(«'code'», last(Code.weight)), y: Sent.amount }",
    expected: [["error E0008", "P ['code'] Invalid un-grouped foreign key for lookup."]],
  },
  {
    says: "E0008: lookup with a literal value",
    query: "{ x: lookup(Sent.note, «1») }",
    expected: [["error E0008", "P [1] Invalid un-grouped foreign value for lookup."]],
  },
  {
    says: "E0009: fields of one name",
    query: "{ «m»: Sent.amount, m: Sent.from, n: 1, m: 2 }",
    expected: [["error E0009", "P [m] Field 'm' defined multiple times", "S [m]", "S [m]"]],
  },
  {
    says: "E0010: the type of a parameter",
    query: "{ x: «exp»(Sent.note) }",
    expected: [
      [
        "error E0010",
        "P [exp] Invalid types for parameter 'power' in call to 'exp'",
        "S [Sent.note] Actual type: string",
        "S [f64] Expected type: f64",
      ],
    ],
  },
  {
    says: "E0010: the class of a parameter",
    query: "{ x: Sent.note «*» Sent.note }",
    expected: [
      [
        "error E0010",
        "P [*] Invalid types for call to 'mul'",
        "S [Sent.note] Type: string",
        "S [Sent.note] Type: string",
        "N Expected 'number'",
      ],
    ],
  },
  {
    says: "E0010: a window as a field",
    query: "{ x: «since(Sent.urgent)», y: Sent.amount }",
    expected: [["error E0010", "P [since(Sent.urgent)] Field 'x' has invalid type window"]],
  },
  {
    says: "E0010: json as an output",
    query: "{ x: «json»(Sent.note) }",
    expected: [["error E0010", "P [json] Field 'x' has invalid type json"]],
  },
  {
    says: "E0010: extend with no record",
    query: "extend(«Sent.amount», Sent)",
    expected: [["error E0010", "P [Sent.amount] extension argument to extend must be record, but was f64"]],
  },
  {
    says: "E0010: extend of no record",
    query: "extend({ x: 1 }, «Sent.amount»)",
    expected: [["error E0010", "P [Sent.amount] base argument to extend must be record, but was f64"]],
  },
  {
    says: "E0010: fields removed from no record",
    query: "remove_fields(«Sent.note», 'x')",
    expected: [
      ["error E0010", "P [Sent.note] Expected 'record' argument to 'remove_fields' to be a struct, but was string"],
    ],
  },
  {
    says: "E0010: a field's name is no string",
    query: "remove_fields(Sent, «5»)",
    expected: [["error E0010", "P [5] Argument 'field' to 'remove_fields' must be string, but was i64"]],
  },
  {
    says: "E0010: the key of another grouping's type",
    query: "{ x: lookup(«Sent.from», last(Code.weight)) }",
    expected: [
      [
        "error E0010",
        "P [Sent.from] Actual key type i64",
        "S [last(Code.weight)] Grouping 'code' expects key type string",
      ],
    ],
  },
  {
    says: "E0010: a key that is none",
    query: "{ x: lookup(«since(Sent.urgent)», last(Code.weight)) }",
    expected: [["error E0010", "P [since(Sent.urgent)] Invalid key type 'window'"]],
  },
  {
    says: "E0010: a window made by another function",
    query: "{ x: sum(Sent.amount, window = «foo»(Sent.urgent)) }",
    expected: [
      ["error E0010", "P [foo] Invalid window function: 'foo'", "N Supported windows: 'since', 'sliding', 'within'"],
    ],
  },
  {
    says: "E0012: formulas in a cycle",
    query: "{ m }",
    views: { m: "n + 1", n: "m + 1" },
    expected: [["error E0012", "P [n] Formula 'n' referenced here in 'm'", "P [m] Formula 'm' referenced here in 'n'"]],
  },
  {
    says: "E0013: no record",
    query: "since(Sent.urgent)",
    expected: [["error E0013", "N Output type must be a record, but was window"]],
  },
  {
    says: "E0013: lengths of time",
    query: "{ duration: «seconds»(5), days: days(5), months: months(5), x: Sent.amount }",
    expected: [
      [
        "error E0013",
        "P [seconds] Output field 'duration' has unsupported output type 'Duration(Second)'. Try adding 'as i64'",
      ],
      [
        "error E0013",
        "P [days] Output field 'days' has unsupported output type 'Interval(DayTime)'. Try adding 'as i64'",
      ],
      [
        "error E0013",
        "P [months] Output field 'months' has unsupported output type 'Interval(YearMonth)'. Try adding 'as i64'",
      ],
    ],
  },
  {
    says: "E0014: no constant",
    query: "{ x: collect(Sent.amount, max = «Sent.from») | list_len() }",
    expected: [["error E0014", "P [Sent.from] Argument 'max' to 'collect' must be constant, but was not"]],
  },
  {
    says: "E0014: a field's name is no constant",
    query: "remove_fields(Sent, «Sent.note»)",
    expected: [
      [
        "error E0014",
        "P [Sent.note] Argument 'field' to 'remove_fields' must be constant non-null string, but was not constant",
      ],
    ],
  },
  {
    says: "E0015: no common type",
    query: "{ x: Sent.amount «==» Sent.note }",
    expected: [
      [
        "error E0015",
        "P [==] Incompatible types for call to 'eq'",
        "S [Sent.amount] Type: f64",
        "S [Sent.note] Type: string",
      ],
    ],
  },
  {
    says: "W2000: values that never meet",
    query: "{ x: Sent.amount «+» Received.amount }",
    expected: [
      [
        "warning W2000",
        "P [+] Incompatible time domains for operation",
        "S [Sent.amount] Time Domain: Table 'Sent'",
        "S [Received.amount] Time Domain: Table 'Received'",
      ],
    ],
  },
  {
    says: "W2001: a binding and a pipe without use, before the errors of the text",
    query: "let «x» = 1 in Sent | { y: Code.nope }",
    expected: [
      ["warning W2001", "P [|] Left-hand side of pipe not used"],
      ["warning W2001", "P [x] Unused binding 'x'"],
      ["error E0001", "P [nope] No field named 'nope'", "N Nearest fields: 'code', 'at', 'weight'"],
    ],
  },
  {
    says: "W2001: two groupings in an operation",
    query: "{ x: Sent.amount «+» last(Code.weight) }",
    expected: [
      [
        "error W2001",
        "P [+] Incompatible grouping for operation 'add'",
        "S [Sent.amount] Grouping: 'account'",
        "S [last(Code.weight)] Grouping: 'code'",
      ],
    ],
  },
  {
    says: "W2001: two groupings in a record",
    query: "«{ a: last(Sent.amount), b: last(Code.weight) }»",
    expected: [
      [
        "error W2001",
        "P [{ a: last(Sent.amount), b: last(Code.weight) }] Incompatible grouping for operation 'record creation'",
        "S [last(Sent.amount)] Grouping: 'account'",
        "S [last(Code.weight)] Grouping: 'code'",
      ],
    ],
  },
  {
    says: "W2001: two groupings in extend",
    query: "«extend»({ b: last(Code.weight) }, { a: last(Sent.amount) })",
    expected: [
      [
        "error W2001",
        "P [extend] Incompatible grouping for operation 'record extension'",
        "S [{ b: last(Code.weight) }] Grouping: 'code'",
        "S [{ a: last(Sent.amount) }] Grouping: 'account'",
      ],
    ],
  },
];

describe("the reference's tables of diagnostics", () => {
  for (const { says, query, views, expected } of ROWS) {
    it(says, () => {
      const { text, start, end } = unmark(query);
      const { diagnostics, sources } = analyze(text, environment(views));
      assert.deepEqual(
        diagnostics.map((diagnostic) => summary(diagnostic, sources)),
        expected,
      );
      if (start < 0) return;
      const marks = diagnostics.flatMap(({ labels }) => labels.filter(({ style }) => style === "primary"));
      assert.ok(
        marks.some(({ span }) => span.source === "Query" && span.start === start && span.end === end),
        "a primary label is where the query is marked",
      );
    });
  }

  it("E0001: a record without fields", () => {
    const key = { kind: "i64" } as const;
    const tables = [{ name: "Bare", grouping: "a", keyType: key, columns: [] }];
    const { diagnostics, sources } = analyze("{ x: Bare.x }", { tables, views: [] });
    assert.deepEqual(summary(diagnostics[0]!, sources), [
      "error E0001",
      "P [x] No field named 'x'",
      "N No fields available on base record",
    ]);
  });

  it("E0004: formulas of one name", () => {
    const views = [
      { name: "a", expression: "1" },
      { name: "a", expression: "2" },
    ];
    const { diagnostics, sources } = analyze("Sent", { ...environment(), views });
    assert.deepEqual(summary(diagnostics[0]!, sources), [
      "error E0004",
      "N Formula name 'a' is defined at index 0 and again at 1.",
    ]);
  });

  it("E0007: no such function", () => {
    const { diagnostics, sources } = analyze("{ x: cel(Sent.amount) }", environment());
    const [code, label, note] = summary(diagnostics[0]!, sources);
    assert.deepEqual([code, label], ["error E0007", "P [cel] No function named 'cel'"]);
    assert.match(note!, /^N Nearest matches: 'ceil'(, '\w+'){4}$/);
  });
});

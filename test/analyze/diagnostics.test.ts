import assert from "node:assert/strict";
import { analyze } from "../../src/analyze/analyze.ts";
import { environment, summary, unmark } from "./marked-query.ts";

/** The query with « » around its first diagnostic's primary label, then the diagnostics. */
function check(marked: string, ...expected: string[][]): void {
  const { text, start, end } = unmark(marked);
  const { diagnostics, sources, query } = analyze(text, environment());
  assert.deepEqual(
    diagnostics.map((diagnostic) => summary(diagnostic, sources)),
    expected,
  );
  if (start >= 0) {
    const label = diagnostics[0]?.labels.find(({ style }) => style === "primary");
    assert.deepEqual(label?.span, { source: "Query", start, end });
  }
  assert.equal(
    query === null,
    diagnostics.some(({ severity }) => severity === "error"),
  );
}

describe("diagnostics of names", () => {
  it("names the nearest fields of a record (E0001)", () => {
    check("{ x: Received.«amont» }", [
      "error E0001",
      "P [amont] No field named 'amont'",
      "N Nearest fields: 'amount', 'at', 'from', 'note'",
    ]);
    check("{ x: «Received.amount».x }", ["error E0001", "P [Received.amount] No fields for non-record base type f64"]);
    check("Received | select_fields($input, «'nope'»)", [
      "error E0001",
      "P ['nope'] No field named 'nope'",
      "N Nearest fields: 'note', 'at', 'from', 'amount'",
    ]);
  });

  it("names the nearest tables, formulas and bindings (E0006)", () => {
    check("let CodeName = Code.code in { a: «CodeNme», b: CodeName }", [
      "error E0006",
      "P [CodeNme] No reference named 'CodeNme'",
      "N Nearest matches: 'CodeName', 'Code', 'Received', 'Sent', 'Waits'",
    ]);
    check("{ a: «$input» }", [
      "error E0006",
      "P [$input] No reference named '$input'",
      "N '$input' is the left-hand side of a pipe '|'",
    ]);
    check("{ a: «sum»() }", [
      "error E0006",
      "P [sum] No reference named '$input'",
      "N 'sum' needs an argument for 'input', and there is no pipe to take it from",
    ]);
  });

  it("says when there is nothing to name (E0006)", () => {
    const { diagnostics, sources } = analyze("x", { tables: [], views: [] });
    assert.deepEqual(summary(diagnostics[0]!, sources), [
      "error E0006",
      "P [x] No reference named 'x'",
      "N No formulas, tables, or let-bound names available",
    ]);
  });

  it("names the nearest functions (E0007)", () => {
    const { diagnostics } = analyze("{ x: cel(Sent.amount) }", environment());
    assert.equal(diagnostics.length, 1);
    assert.match(diagnostics[0]!.notes[0]!, /^Nearest matches: 'ceil', /);
  });

  it("reports the arguments of an unknown function too", () => {
    const codes = analyze("{ x: nope(Sent.amont, Nope) }", environment()).diagnostics.map(({ code }) => code);
    assert.deepEqual(codes, ["E0007", "E0001", "E0006"]);
  });
});

describe("diagnostics of arguments (E0008)", () => {
  it("points at what is misplaced", () => {
    check("{ x: clamp(value = Sent.amount, «1», min = 2) }", [
      "error E0008",
      "P [1] positional appears after keyword",
      "S [value = Sent.amount] first keyword was here",
    ]);
    check("{ x: sum(«Sent.amount», input = Sent.amount) }", [
      "error E0008",
      "P [Sent.amount] positional occurrence",
      "S [input = Sent.amount] keyword was here",
    ]);
    check("{ x: ceil(Sent.amount, «2») }", [
      "error E0008",
      "P [2] First unexpected argument",
      "N Expected 1 but got 2",
    ]);
    check("{ x: «add»() }", ["error E0008", "P [add] First unexpected argument", "N Expected 2 but got 0"]);
    check("{ x: «coalesce»() }", ["error E0008", "P [coalesce] First unexpected argument", "N Expected 1 but got 0"]);
    check("{ x: clamp(Sent.amount, «1») }", [
      "error E0008",
      "P [1] Parameter 'min' with default value must be keyword argument, but was positional",
    ]);
    check("{ x: «sum»(inpt = Sent.amount) }", ["error E0008", "P [sum]", "N Nearest matches: 'input', 'window'"]);
    check("{ x: «sum»(input = Sent.amount, input = 1) }", [
      "error E0008",
      "P [sum]",
      "N Nearest matches: 'input', 'window'",
    ]);
  });

  it("refuses records without fields", () => {
    check("«{ }»", ["error E0008", "P [{ }] Record must be non-empty"]);
    check("«remove_fields»(Code, 'at', 'code', 'weight')", [
      "error E0008",
      "P [remove_fields] Removed all fields from input record.",
    ]);
    check("remove_fields(Code, «null»)", [
      "error E0008",
      "P [null] Argument 'field' to 'remove_fields' must be constant non-null string, but was null",
    ]);
  });

  it("refuses constants out of range", () => {
    check("{ x: sum(Sent.amount, window = sliding(«0», Sent.urgent)) }", [
      "error E0008",
      "P [0] Argument 'duration' to 'sliding' must be at least 1, but was 0",
    ]);
    check("{ x: lag(«1 - 2», Sent.amount) }", [
      "error E0008",
      "P [1 - 2] Argument 'n' to 'lag' must be from 0 to 100000, but was -1",
    ]);
  });

  it("refuses a lookup of what has no entities", () => {
    check("{ x: lookup(«'a'», last(Code.weight)), y: Sent.amount }", [
      "error E0008",
      "P ['a'] Invalid un-grouped foreign key for lookup.",
    ]);
    check("{ x: lookup(Sent.note, «1») }", ["error E0008", "P [1] Invalid un-grouped foreign value for lookup."]);
  });
});

describe("diagnostics of records", () => {
  it("reports each repeated name once (E0009)", () => {
    check(
      "{ «m»: Sent.amount, n: 1, m: 2, n: 3, m: 4 }",
      ["error E0009", "P [m] Field 'm' defined multiple times", "S [m]", "S [m]"],
      ["error E0009", "P [n] Field 'n' defined multiple times", "S [n]"],
    );
  });

  it("refuses windows and JSON as fields (E0010)", () => {
    check("{ x: «since(Sent.urgent)», y: Sent.amount }", [
      "error E0010",
      "P [since(Sent.urgent)] Field 'x' has invalid type window",
    ]);
  });

  it("refuses to extend or project what is no record (E0010)", () => {
    check("extend(«Sent.amount», Sent)", [
      "error E0010",
      "P [Sent.amount] extension argument to extend must be record, but was f64",
    ]);
    check("«Sent.amount» | extend({ x: Sent.amount })", [
      "error E0010",
      "P [Sent.amount] base argument to extend must be record, but was f64",
    ]);
    check("{ x: remove_fields(«Sent.note», 'a') }", [
      "error E0010",
      "P [Sent.note] Expected 'record' argument to 'remove_fields' to be a struct, but was string",
    ]);
    check("remove_fields(Sent, «5»)", [
      "error E0010",
      "P [5] Argument 'field' to 'remove_fields' must be string, but was i64",
    ]);
    check("select_fields(Sent, «Sent.note»)", [
      "error E0014",
      "P [Sent.note] Argument 'field' to 'select_fields' must be constant non-null string, but was not constant",
    ]);
  });
});

describe("diagnostics of types", () => {
  it("shows the type a parameter expects (E0010)", () => {
    check("{ x: «exp»(Sent.note) }", [
      "error E0010",
      "P [exp] Invalid types for parameter 'power' in call to 'exp'",
      "S [Sent.note] Actual type: string",
      "S [f64] Expected type: f64",
    ]);
    const { diagnostics } = analyze("{ x: exp(Sent.note) }", environment());
    assert.equal(diagnostics[0]?.labels[2]?.span.source, "built-in signature 'exp(power: f64) -> f64'");
  });

  it("names the class that a type variable expects (E0010)", () => {
    check("{ x: Sent.note «+» 'a' }", [
      "error E0010",
      "P [+] Invalid types for call to 'add'",
      "S [Sent.note] Type: string",
      "S ['a'] Type: string",
      "N Expected 'number'",
    ]);
  });

  it("shows types without a common one (E0015)", () => {
    check("{ m: Sent.note «+» Sent.from }", [
      "error E0015",
      "P [+] Incompatible types for call to 'add'",
      "S [Sent.note] Type: string",
      "S [Sent.from] Type: i64",
    ]);
    check("{ m: Sent.from > 1 «>» 2 }", [
      "error E0015",
      "P [>] Incompatible types for call to 'gt'",
      "S [Sent.from > 1] Type: bool",
      "S [2] Type: i64",
    ]);
  });

  it("refuses casts that do not exist (E0002)", () => {
    check("{ m: Sent.from as «number» }", [
      "error E0002",
      "P [number] Unable to cast to type 'number'",
      "N From type i64",
    ]);
    check("{ m: Sent.note as «duration_ns» }", [
      "error E0002",
      "P [duration_ns] Unable to cast to type 'duration_ns'",
      "N From type string",
    ]);
    check("{ m: Sent.prices as «map<string, nope>» }", [
      "error E0002",
      "P [map<string, nope>] Unable to cast to type 'map<string, nope>'",
      "N From type map<string, f64>",
    ]);
  });

  it("demands constants (E0014)", () => {
    check("{ x: lag(«Sent.from», Sent.amount) }", [
      "error E0014",
      "P [Sent.from] Argument 'n' to 'lag' must be constant, but was not",
    ]);
    check("{ x: sum(Sent.amount, window = within(«Waits.wait»)) }", [
      "error E0014",
      "P [Waits.wait] Argument 'duration' to 'within' must be constant, but was not",
    ]);
  });

  it("knows its window functions (E0010)", () => {
    check("{ x: sum(Sent.amount, window = «count»(Sent)) }", [
      "error E0010",
      "P [count] Invalid window function: 'count'",
      "N Supported windows: 'since', 'sliding', 'within'",
    ]);
    check("{ x: sum(Sent.amount, window = within(«months(1)»)) }", [
      "error E0010",
      "P [months(1)] Argument 'duration' to 'within' must be a fixed length of time, but was interval_months",
      "N Supported lengths: seconds, minutes, hours, days, weeks",
    ]);
    check("{ x: «sum»(Sent.amount, window = Sent.urgent) }", [
      "error E0010",
      "P [sum] Invalid types for parameter 'window' in call to 'sum'",
      "S [Sent.urgent] Actual type: bool",
      "S [window] Expected type: window",
    ]);
  });

  it("does not let an error cascade", () => {
    check("{ x: sum(Sent.«nope») + 1 | if(Sent.urgent) } | when($input.x > 2)", [
      "error E0001",
      "P [nope] No field named 'nope'",
      "N Nearest fields: 'note', 'to', 'at', 'from', 'lines'",
    ]);
  });
});

describe("diagnostics of groupings and time domains", () => {
  it("reports operations over two groupings (W2001)", () => {
    check("{ x: sum(Sent.amount) «+» sum(Code.weight) }", [
      "error W2001",
      "P [+] Incompatible grouping for operation 'add'",
      "S [sum(Sent.amount)] Grouping: 'account'",
      "S [sum(Code.weight)] Grouping: 'code'",
    ]);
    check("«{ a: last(Sent.amount), b: last(Code.weight) }»", [
      "error W2001",
      "P [{ a: last(Sent.amount), b: last(Code.weight) }] Incompatible grouping for operation 'record creation'",
      "S [last(Sent.amount)] Grouping: 'account'",
      "S [last(Code.weight)] Grouping: 'code'",
    ]);
    const { diagnostics } = analyze("extend(Sent, { x: last(Code.weight) })", environment());
    assert.equal(diagnostics[0]?.message, "Incompatible grouping");
    assert.equal(diagnostics[0]?.labels[0]?.message, "Incompatible grouping for operation 'record extension'");
  });

  it("demands the foreign grouping's key type (E0010)", () => {
    check("{ x: lookup(«Sent.from», last(Code.weight)) }", [
      "error E0010",
      "P [Sent.from] Actual key type i64",
      "S [last(Code.weight)] Grouping 'code' expects key type string",
    ]);
    check("Sent | with_key(«$input.from», grouping = 'code')", [
      "error E0010",
      "P [$input.from] Actual key type i64",
      "S ['code'] Grouping 'code' expects key type string",
    ]);
  });

  it("warns of values that never meet (W2000)", () => {
    check("{ x: Sent.amount «+» Received.amount }", [
      "warning W2000",
      "P [+] Incompatible time domains for operation",
      "S [Sent.amount] Time Domain: Table 'Sent'",
      "S [Received.amount] Time Domain: Table 'Received'",
    ]);
  });

  it("names shifts by what people wrote", () => {
    check("«{ a: Sent.amount | shift_until(Sent.urgent), b: Sent.amount }»", [
      "warning W2000",
      "P [{ a: Sent.amount | shift_until(Sent.urgent), b: Sent.amount }] Incompatible time domains for operation",
      "S [Sent.amount | shift_until(Sent.urgent)] Time Domain: Shift until 'Sent.urgent'",
      "S [Sent.amount] Time Domain: Table 'Sent'",
    ]);
  });

  it("does not warn where an aggregation carries on, or a shift is the same", () => {
    check("{ a: Sent.amount + last(Received.amount), b: sum(Received.amount) }");
    check("{ a: Sent.amount | shift_by(seconds(5)), b: Sent.from | shift_by(seconds(5)) }");
    check("{ a: Sent.amount } | when(daily())");
  });
});

describe("diagnostics of what is not used (W2001)", () => {
  it("stands before the errors of the text", () => {
    check(
      "let «unused» = 5 in { x: Sent.nope }",
      ["warning W2001", "P [unused] Unused binding 'unused'"],
      ["error E0001", "P [nope] No field named 'nope'", "N Nearest fields: 'note', 'to', 'at', 'from', 'lines'"],
    );
    check("let «a» = 5 let a = 6 in { a, x: Sent.amount }", ["warning W2001", "P [a] Unused binding 'a'"]);
    check("Sent «|» { x: Received.amount }", ["warning W2001", "P [|] Left-hand side of pipe not used"]);
  });

  it("counts a use by a later binding", () => {
    check("let a = 5 let a = a + 1 in { a, x: Sent.amount }");
  });
});

describe("diagnostics of the output", () => {
  it("must be a record (E0013)", () => {
    check("Sent.amount", ["error E0013", "N Output type must be a record, but was f64"]);
    check("since(Sent.urgent)", ["error E0013", "N Output type must be a record, but was window"]);
  });

  it("points at each field that cannot be written (E0013)", () => {
    check(
      "{ duration: Sent.at | «seconds_between»($input, Sent.at), days: days(1), ok: Sent.amount }",
      [
        "error E0013",
        "P [seconds_between] Output field 'duration' has unsupported output type 'Duration(Second)'. Try adding 'as i64'",
      ],
      [
        "error E0013",
        "P [days] Output field 'days' has unsupported output type 'Interval(DayTime)'. Try adding 'as i64'",
      ],
    );
    check("Waits", [
      "error E0013",
      "N Output field 'wait' has unsupported output type 'Duration(Second)'. Try adding 'as i64'",
    ]);
    check("{ a: { b: «days»(1) }, x: Sent.amount }", [
      "error E0013",
      "P [days] Output field 'a.b' has unsupported output type 'Interval(DayTime)'. Try adding 'as i64'",
    ]);
  });
});

import assert from "node:assert/strict";
import { analyze } from "../../src/analyze/analyze.ts";
import type { TypedQuery } from "../../src/analyze/typed.ts";
import { typeName } from "../../src/values/fenl-type.ts";
import { environment } from "./marked-query.ts";

/** The typed tree as text: calls in function notation, conversions as `value:type`. */
function show(query: TypedQuery, id = query.root): string {
  const node = query.nodes[id]!;
  const inner = (child: number) => show(query, child);
  switch (node.kind) {
    case "literal":
      return node.value === null ? `null:${typeName(node.type)}` : JSON.stringify(node.value);
    case "table":
      return node.table;
    case "field":
      return `${inner(node.base)}.${node.name}`;
    case "record":
      return `{${node.fields.map(({ name, value }) => `${name}: ${inner(value)}`).join(", ")}}`;
    case "extend":
      return `extend(${inner(node.extension)}, ${inner(node.base)})`;
    case "project":
      return `${inner(node.base)}[${node.fields.join(" ")}]`;
    case "cast":
      return `${inner(node.value)}:${typeName(node.type)}`;
    case "call": {
      const { window } = node;
      const range =
        window === undefined
          ? []
          : window.kind === "within"
            ? [`within ${window.nanoseconds}`]
            : [`${window.kind} ${window.kind === "sliding" ? `${window.count} ` : ""}${inner(window.condition)}`];
      return `${node.function}(${[...node.arguments.map(inner), ...range].join(", ")})`;
    }
  }
}

function typed(text: string): TypedQuery {
  const { query, diagnostics } = analyze(text, environment());
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
    text,
  );
  assert.ok(query);
  return query;
}

/** The value of the field `x` of the query. */
function x(expression: string): string {
  const shown = show(typed(`{ x: ${expression} }`));
  return shown.slice("{x: ".length, -1);
}

function typeOfX(expression: string): string {
  const { schema, diagnostics } = analyze(`{ x: ${expression} }`, environment());
  assert.ok(schema, JSON.stringify(diagnostics));
  return typeName(schema[0]!.type);
}

describe("typed trees", () => {
  it("resolve names, let and pipes", () => {
    assert.equal(show(typed("let a = Sent.amount let a = a + a in { a }")), "{a: add(Sent.amount, Sent.amount)}");
    assert.equal(x("Sent | $input.amount | sum()"), "sum(Sent.amount)");
    assert.equal(x("Sent.amount | (Sent.from | $input + 1) * $input"), 'mul(add(Sent.from, "1"):f64, Sent.amount)');
    assert.equal(x("Sent | let n = $input.amount in n + n"), "add(Sent.amount, Sent.amount)");
  });

  it("give the piped value to the first required parameter without an argument", () => {
    assert.equal(x("Sent.from | div(2)"), 'div("2", Sent.from)');
    assert.equal(x("Sent.from | add(1)"), 'add("1", Sent.from)');
    assert.equal(x("Sent.from | if(Sent.urgent)"), "if(Sent.urgent, Sent.from)");
    assert.equal(x("Sent.from | if(value = 1, condition = $input > 2)"), 'if(gt(Sent.from, "2"), "1")');
    assert.equal(x("Sent.from | lag(1)"), 'lag("1", Sent.from)');
    assert.equal(x("Sent.from | ceil(max(sum()))"), "ceil(max(sum(Sent.from)))");
  });

  it("hold a node once, however often it is written", () => {
    assert.equal(typed("{ a: sum(Sent.amount) + sum(Sent.amount), b: sum(Sent.amount) }").nodes.length, 5);
  });

  it("hold only what the result needs", () => {
    assert.equal(typed("let unused = sum(Sent.amount) in Code").nodes.length, 1);
  });

  it("put arguments before their users, and survive JSON", () => {
    const query = typed("let e = { a: sum(Sent.amount, window = since(Sent)) } in extend(e, { b: e.a + 1 })");
    const text = JSON.stringify(query);
    assert.deepEqual(JSON.parse(text), query);
    for (const [id, node] of query.nodes.entries()) {
      const users = { ...node, span: null, type: null, types: null };
      const ids = [...JSON.stringify(users).matchAll(/"(?:base|value|extension|condition)":(\d+)/g)];
      for (const [, used] of ids) if (node.kind !== "literal") assert.ok(Number(used) < id, JSON.stringify(node));
    }
  });

  it("make every conversion a cast", () => {
    assert.equal(x("Sent.from + 1.5"), "add(Sent.from:f64, 1.5)");
    assert.equal(x("Sent.at == '2021-01-01'"), 'eq(Sent.at:timestamp_ns, "2021-01-01":timestamp_ns)');
    assert.equal(x("Sent.amount as i32"), "Sent.amount:i32");
    assert.equal(x("Sent.amount as f64"), "Sent.amount");
    assert.equal(x("null as i64"), "null:null:i64");
    assert.equal(x("coalesce(null, Sent.from)"), "coalesce(null:null:i64, Sent.from)");
    assert.equal(x("Sent.from | shift_to('2020-01-01')"), 'shift_to("2020-01-01":timestamp_ns, Sent.from)');
    assert.equal(
      x("coalesce({a: 1, b: 2}, {b: 1.5, a: 1})"),
      'coalesce({a: "1", b: "2"}:{a: i64, b: f64}, {b: 1.5, a: "1"}:{a: i64, b: f64})',
    );
  });

  it("write defaults and constants as literals", () => {
    assert.equal(x("clamp(Sent.from, max = 5)"), 'clamp(Sent.from, null:i64, "5")');
    assert.equal(x("lag(1 + 2 * 3, Sent.amount)"), 'lag("7", Sent.amount)');
    assert.equal(x("lag(7 / 2, Sent.amount)"), 'lag("3", Sent.amount)');
    assert.equal(x("let n = 2u8 in lag(n, Sent.amount)"), 'lag("2", Sent.amount)');
  });

  it("know the windows", () => {
    assert.equal(x("sum(Sent.amount, window = since(Sent.urgent))"), "sum(Sent.amount, since Sent.urgent)");
    assert.equal(x("sum(Sent.amount, window = since(Received))"), "sum(Sent.amount, since is_valid(Received))");
    assert.equal(
      x("let w = sliding(1 + 1, Sent) in sum(Sent.amount, window = w)"),
      "sum(Sent.amount, sliding 2 is_valid(Sent))",
    );
    assert.equal(x("sum(Sent.amount, window = within(hours(3)))"), "sum(Sent.amount, within 10800000000000)");
    assert.equal(x("sum(Sent.amount, window = within(5 as duration_ms))"), "sum(Sent.amount, within 5000000)");
    assert.equal(x("sum(Sent.amount, window = within(days(2)))"), "sum(Sent.amount, within 172800000000000)");
    assert.equal(x("sum(Sent.amount, window = null)"), "sum(Sent.amount)");
  });

  it("lower extend, select_fields and remove_fields", () => {
    assert.equal(show(typed("Code | extend({ at: 1 })")), 'extend({at: "1"}, Code)');
    assert.deepEqual(
      analyze("Code | extend({ at: 1, x: 2 })", environment()).schema?.map(({ name }) => name),
      ["at", "x", "code", "weight"],
    );
    assert.equal(show(typed("select_fields(Code, 'weight', 'at', 'weight')")), "Code[at weight]");
    assert.equal(show(typed("Code | remove_fields($input, 'at')")), "Code[code weight]");
  });

  it("reach into lists of records and JSON", () => {
    assert.equal(typeOfX("Sent.lines.code"), "list<string>");
    assert.equal(typeOfX("json(Sent.note).a"), "string");
    assert.equal(x("json(json(Sent.note).a).b"), "json(json(Sent.note).a).b");
  });

  it("index lists and maps", () => {
    assert.equal(x("Sent.tags[0]"), 'index("0", Sent.tags)');
    assert.equal(x("Sent.prices['a']"), 'get("a", Sent.prices)');
    assert.equal(x("Sent.lines[0].code"), 'index("0", Sent.lines).code');
    assert.equal(typeOfX("Sent.lines.code[0]"), "string");
  });

  it("type what the language adds to the original", () => {
    assert.equal(typeOfX("Sent.note < 'b'"), "bool");
    assert.equal(typeOfX("max(Sent.note)"), "string");
    assert.equal(typeOfX("lag(1, Sent.urgent)"), "bool");
    assert.equal(typeOfX("Sent == Sent"), "bool");
    assert.equal(typeOfX("Sent.tags == Sent.tags"), "bool");
    assert.equal(typeOfX("let tick = hourly() in count(Sent, window = since(tick)) | when(tick)"), "u32");
    assert.equal(typeOfX("hourly()"), "bool");
    assert.equal(typeOfX("sum(1)"), "i64");
    assert.equal(typeOfX("hash(Code)"), "u64");
    assert.equal(typeOfX("-Sent.small"), "i16");
    assert.equal(typeOfX("Sent.small + Sent.small"), "u8");
  });

  it("know the grouping and its key type", () => {
    assert.deepEqual(typed("Sent").keyType, { kind: "i64" });
    assert.deepEqual(typed("Sent | with_key($input.note)").keyType, { kind: "string" });
    assert.deepEqual(typed("Sent | with_key($input.amount, grouping = 'by amount')").keyType, { kind: "f64" });
    const query = typed("Sent | with_key($input.note, grouping = 'code') | { n: count($input), w: last(Code.weight) }");
    assert.equal(query.nodes[query.root]?.grouping, "code");
    assert.equal(typed("{ w: lookup(Sent.note, last(Code.weight)) }").nodes.at(-1)?.grouping, "account");
  });

  it("come with the place of the function's name", () => {
    const { query } = analyze("{ x: Sent.amount | sum() }", environment());
    const sum = query?.nodes.find((node) => node.kind === "call");
    assert.deepEqual(sum?.span, { source: "Query", start: 19, end: 22 });
  });

  it("are made of hostile names without harm", () => {
    const columns = ["__proto__", "constructor", "a`b", "<script>"].map((name) => ({
      name,
      type: { kind: "i64" } as const,
    }));
    const tables = [{ name: "__proto__", grouping: "constructor", keyType: { kind: "i64" } as const, columns }];
    const { query, schema } = analyze("extend({ __proto__: __proto__.constructor }, __proto__)", { tables, views: [] });
    assert.deepEqual(
      schema?.map(({ name }) => name),
      ["__proto__", "constructor", "a`b", "<script>"],
    );
    assert.equal(query?.nodes.length, 4);
  });

  it("stay small where types or constants would double", () => {
    const doubling = "let r = { a: r, b: r } ".repeat(60);
    const record = analyze(`let r = { a: Sent.amount } ${doubling} in r`, environment());
    assert.deepEqual(
      [...new Set(record.diagnostics.map(({ code, labels }) => `${code} ${labels[0]?.message}`))],
      ["E0008 Record has more than 10000 fields"],
    );
    const sums = "let n = n + n ".repeat(100);
    assert.equal(typed(`{ x: (let n = 1 ${sums} in n + Sent.from) }`).nodes.length, 105);
  });
});

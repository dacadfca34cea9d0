import fc from "fast-check";

/** A part of a query, and the constructs in it. */
export interface Piece {
  readonly text: string;
  readonly constructs: readonly string[];
}

type Pieces = fc.Arbitrary<Piece>;

/** The types that pieces are written for. `approximate` floats depend on the order of additions and are not compared or rounded. */
type Kind = "int" | "float" | "approximate" | "bool" | "string" | "time" | "ints" | "unsigned";

type Grouping = "g" | "h";

const TABLES: Readonly<Record<Grouping, readonly string[]>> = { g: ["A", "B"], h: ["C"] };

/** A piece written with others in it: `{0}` is the first. */
function write(template: string, construct: string | null, ...parts: Pieces[]): Pieces {
  return fc.tuple(...parts).map((pieces) => ({
    text: template.replace(/\{(\d)\}/g, (_, index) => pieces[Number(index)]!.text),
    constructs: [
      ...new Set([...(construct === null ? [] : [construct]), ...pieces.flatMap((piece) => piece.constructs)]),
    ],
  }));
}

function words(...texts: string[]): Pieces {
  return fc.constantFrom(...texts).map((text) => ({ text, constructs: [] }));
}

/** One of the choices; shrinks to the first. */
function choose(...choices: Pieces[]): Pieces {
  return fc.oneof({ withCrossShrink: true }, ...choices);
}

function columnOf(table: string, column: string): Pieces {
  return fc.constant({ text: `${table}.${column}`, constructs: [table] });
}

const LEAVES: Readonly<Record<Kind, (grouping: Grouping) => Pieces[]>> = {
  int: (g) => [
    ...TABLES[g].map((table) => columnOf(table, "i")),
    words("1", "0", "2", "7", "10i32", "9223372036854775807", "(null as i64)"),
    ...(g === "g" ? [columnOf("B", "m"), columnOf("B", "w")] : []),
  ],
  float: (g) => [
    ...TABLES[g].map((table) => columnOf(table, "x")),
    words("0.5", "2.0", "100.25", "(null as f64)"),
    ...(g === "g" ? [columnOf("B", "z"), columnOf("B", "q")] : []),
  ],
  approximate: (g) => TABLES[g].map((table) => columnOf(table, "x")),
  bool: (g) => [...TABLES[g].map((table) => columnOf(table, "b")), words("true", "false", "(null as bool)")],
  string: (g) => [...TABLES[g].map((table) => columnOf(table, "s")), words('"a"', '"Ünï☃"', "''", '"10"')],
  time: (g) => [
    ...(g === "g" ? [columnOf("A", "t")] : []),
    ...TABLES[g].map((table) => columnOf(table, "time")),
    words('("2022-01-01T00:00:00Z" as timestamp_ns)', '("1970-01-01" as timestamp_ns)'),
  ],
  unsigned: (g) => [
    ...(g === "g" ? [columnOf("B", "u")] : []),
    words("0u64", "7u64", "18446744073709551615u64"),
    ...TABLES[g].map((table) => write("hash({0})", null, columnOf(table, "s"))),
  ],
  ints: (g) => [
    ...TABLES[g].map((table) => write("collect({0}, max=3)", "collect", columnOf(table, "i"))),
    ...(g === "g" ? [columnOf("A", "l")] : []),
  ],
};

const KINDS: readonly Kind[] = ["unsigned", "int", "float", "approximate", "bool", "string", "time", "ints"];

const memo = new Map<string, Pieces>();

function remember(key: string, make: () => Pieces): Pieces {
  let known = memo.get(key);
  if (known === undefined) {
    known = make();
    memo.set(key, known);
  }
  return known;
}

/** An expression of a kind on the entities of a grouping. */
export function expression(kind: Kind, grouping: Grouping, depth: number): Pieces {
  return remember(`${kind} ${grouping} ${depth}`, () => {
    const leaf = choose(...LEAVES[kind](grouping));
    if (depth === 0) return leaf;
    return fc.oneof(
      { withCrossShrink: true },
      { weight: 2, arbitrary: leaf },
      { weight: 4, arbitrary: choose(...OWN[kind](grouping, depth - 1)) },
      { weight: 4, arbitrary: choose(...forEveryKind(kind, grouping, depth - 1)) },
    );
  });
}

function anything(grouping: Grouping, depth: number): Pieces {
  return remember(`anything ${grouping} ${depth}`, () =>
    choose(
      ...KINDS.map((kind) => expression(kind, grouping, depth)),
      words(...TABLES[grouping]),
      record(grouping, depth),
    ),
  );
}

const TICK = choose(
  ...["hourly()", "daily()", "monthly()", "yearly()", "weekly()", "minutely()"].map((text) => write(text, "tick")),
);

/** A condition where a tick may stand. */
function condition(grouping: Grouping, depth: number): Pieces {
  return remember(`condition ${grouping} ${depth}`, () => {
    const bool = expression("bool", grouping, depth);
    return fc.oneof(
      { withCrossShrink: true },
      { weight: 5, arbitrary: bool },
      { weight: 2, arbitrary: TICK },
      { weight: 1, arbitrary: write("({0} and {1})", null, TICK, bool) },
    );
  });
}

const LENGTH = words("seconds(60)", "minutes(10)", "hours(1)", "days(1)", "weeks(1)", "seconds(0)", "minutes(90)");

function length(grouping: Grouping, depth: number): Pieces {
  return choose(
    LENGTH,
    words("months(1)", "days(-1)", "months(-1)", "seconds(1)"),
    write("minutes({0})", null, expression("int", grouping, depth)),
    write("days({0})", null, expression("int", grouping, depth)),
  );
}

/** The end of an aggregation's argument list. */
function window(grouping: Grouping, depth: number): Pieces {
  return remember(`window ${grouping} ${depth}`, () =>
    choose(
      words(""),
      write(", window=since({0})", "since", condition(grouping, depth)),
      write(", window=sliding({1}, {0})", "sliding", condition(grouping, depth), words("2", "1", "3")),
      write(", window=within({0})", "within", words("minutes(30)", "hours(1)", "days(1)", "seconds(1)")),
    ),
  );
}

/** The key of an entity of the other grouping. */
function foreignKey(grouping: Grouping, depth: number): Pieces {
  const key = grouping === "g" ? columnOf("A", "f") : columnOf("C", "k");
  if (depth === 0) return key;
  const c = condition(grouping, depth - 1);
  return choose(
    key,
    write("last({0})", "aggregate", key),
    write("({0} | if({1}))", "if", key, c),
    write("({0} | when({1}))", "when", key, c),
  );
}

const OTHER: Readonly<Record<Grouping, Grouping>> = { g: "h", h: "g" };

/** What takes and gives values of any type. */
function forEveryKind(kind: Kind, g: Grouping, d: number): Pieces[] {
  const value = expression(kind, g, d);
  const c = condition(g, d);
  const w = window(g, d);
  const int = expression("int", g, d);
  const shapes = [
    write("({0} | if({1}))", "if", value, c),
    write("({0} | null_if({1}))", "if", value, c),
    write("({0} | else({1}))", "else", value, value),
    write("coalesce({0}, {1}, {2})", "else", value, value, value),
    write("({0} | when({1}))", "when", value, c),
    write("({0} | shift_by({1}))", "shift", value, length(g, d)),
    write("({0} | shift_to({1}))", "shift", value, expression("time", g, d)),
    write("({0} | shift_until({1}))", "shift", value, c),
    write("first({0}{1})", "aggregate", value, w),
    write("last({0}{1})", "aggregate", value, w),
    write("last({0})", "aggregate", value),
    write("lag({1}, {0})", "lag", value, words("1", "0", "2")),
    write("lookup({0}, {1})", "lookup", foreignKey(g, d), expression(kind, OTHER[g], d)),
    write("({ p: {0}, q: {1} } | {2}).p", "record", value, anyField(g, d), recordStep(g, d)),
    write("extend({ p: {0} }, {1}).p", "record", value, record(g, d)),
  ];
  if (kind !== "ints" && kind !== "approximate") {
    shapes.push(write("({0} | collect(max={2}{1}) | index({3}))", "collect", value, w, words("3", "1", "null"), int));
    shapes.push(write("zip_max({0}, {1})", null, value, value), write("zip_min({0}, {1})", null, value, value));
    shapes.push(write("max({0}{1})", "aggregate", value, w), write("min({0}{1})", "aggregate", value, w));
  }
  return shapes;
}

const COMPARISONS = words("==", "!=", "<", "<=", ">", ">=");

/** What gives values of one type. */
const OWN: Readonly<Record<Kind, (g: Grouping, d: number) => Pieces[]>> = {
  int: (g, d) => {
    const [int, float, text, time] = [
      expression("int", g, d),
      expression("float", g, d),
      expression("string", g, d),
      expression("time", g, d),
    ];
    const w = window(g, d);
    return [
      write("({0} {2} {1})", null, int, int, words("+", "-", "*", "/")),
      write("mod({0}, {1})", null, int, int),
      write("(-{0})", null, int),
      write("{1}({0})", null, int, words("abs", "sign", "ceil", "floor", "round")),
      write("clamp({0}, min={1}, max={2})", null, int, int, int),
      write("len({0})", null, text),
      write("({0} as {1})", null, choose(int, float, text, expression("bool", g, d)), words("i64", "i32", "u32", "u8")),
      write(
        "{1}({0})",
        null,
        time,
        words("year", "day_of_month", "day_of_year0", "month_of_year", "hour", "minute", "second", "day_of_week"),
      ),
      write("({2}_between({0}, {1}) as i64)", null, time, time, words("seconds", "days", "months")),
      write("list_len({0})", null, expression("ints", g, d)),
      write("({0} | index({1}))", null, expression("ints", g, d), int),
      write("{0}[{1}]", null, expression("ints", g, d), int),
      ...(g === "g" ? [write("get({0}, A.d)", "A", text), write("(json(A.j).{0} as i64)", "A", words("a", "b"))] : []),
      write("count({0}{1})", "aggregate", anything(g, d), w),
      write("count_if({0}{1})", "aggregate", expression("bool", g, d), w),
      write("sum({0}{1})", "aggregate", int, w),
      write("count_distinct({0}{1})", "aggregate", choose(int, text), w),
      write("{0}.i", "record", record(g, d)),
      write("(collect({0}, max=2) | index({1})).i", "collect", record(g, d), int),
    ];
  },
  float: (g, d) => {
    const [int, float] = [expression("int", g, d), expression("float", g, d)];
    return [
      write("({0} {2} {1})", null, float, choose(float, int), words("+", "-", "*", "/")),
      write("mod({0}, {1})", null, float, float),
      write("{1}({0})", null, float, words("-", "abs", "sign", "ceil", "floor", "round", "exp", "log")),
      write("{0}.x", "record", record(g, d)),
      write("(-{0})", null, expression("unsigned", g, d)),
      write("powf({0}, {1})", null, float, words("2", "0.5", "-1")),
      write("clamp({0}, min={1})", null, float, float),
      write("({0} as {1})", null, choose(int, float, expression("string", g, d)), words("f64", "f32")),
    ];
  },
  approximate: (g, d) => {
    const w = window(g, d);
    const plain = choose(...TABLES[g].map((table) => columnOf(table, "x")));
    return [
      write("{2}({0}{1})", "aggregate", plain, w, words("sum", "mean", "variance", "stddev", "median")),
      write("{2}(({0} | when({3})){1})", "aggregate", plain, w, words("sum", "mean"), condition(g, d)),
      write("percentile({0}, 0.75{1})", "aggregate", plain, w),
      write("ewm_mean({0}, 0.5{1})", "aggregate", plain, w),
      write("sqrt({0})", null, expression("int", g, d)),
      write("({0} * 0.5)", null, expression("approximate", g, d)),
    ];
  },
  bool: (g, d) => {
    const [int, float, text, bool] = [
      expression("int", g, d),
      expression("float", g, d),
      expression("string", g, d),
      expression("bool", g, d),
    ];
    const time = expression("time", g, d);
    return [
      write("({0} {2} {1})", null, int, int, COMPARISONS),
      write("({0} {2} {1})", null, float, choose(float, int), COMPARISONS),
      write("({0} {2} {1})", null, text, text, COMPARISONS),
      write("({0} {2} {1})", null, time, time, COMPARISONS),
      write("({0} {2} {1})", null, bool, bool, words("and", "or", "==")),
      write("(!{0})", null, bool),
      write("{0}.b", "record", record(g, d)),
      write("({0} {2} {1})", null, expression("unsigned", g, d), expression("unsigned", g, d), COMPARISONS),
      write("(seconds_between({0}, {1}) {2} minutes(10))", null, time, time, COMPARISONS),
      write("(days_between({0}, {1}) {2} days(1))", null, time, time, COMPARISONS),
      write("is_valid({0})", null, anything(g, d)),
      write("is_nan({0})", null, float),
      write("{2}({0}, {1})", null, text, text, words("contains", "starts_with", "ends_with")),
      write("regexp_matches({0}, '^[a-z]+$')", null, text),
      write("({0} == {1})", null, expression("ints", g, d), expression("ints", g, d)),
      write("({ p: {0}, q: {1} } == { p: {2}, q: {3} })", "record", int, text, int, text),
    ];
  },
  string: (g, d) => {
    const [text, int] = [expression("string", g, d), expression("int", g, d)];
    const other = choose(int, expression("float", g, d), expression("bool", g, d), expression("time", g, d));
    return [
      write("{1}({0})", null, text, words("upper", "lower", "trim")),
      write("substring({0}, start={1})", null, text, int),
      write("substring({0}, start={1}, end={2})", null, text, int, int),
      write("concat({0}, {1})", null, text, text),
      write("{0}.s", "record", record(g, d)),
      write("replace({0}, {1}, 'b')", null, text, words("'a'", "''", "'n'")),
      write("(split({0}, {1}) | index(0))", null, text, words("'a'", "''", "'-'")),
      write("({0} as string)", null, other),
      ...(g === "g" ? [write("json(A.j).{0}", "A", words("a", "b", "c"))] : []),
    ];
  },
  time: (g, d) => [
    write("time_of({0})", "time_of", anything(g, d)),
    write("({0} | add_time({1}))", null, expression("time", g, d), length(g, d)),
    write("({0} as timestamp_ns)", null, expression("string", g, d)),
    write(
      "add_time(max(seconds_between({0}, {1}){2}), {0})",
      "aggregate",
      expression("time", g, d),
      expression("time", g, d),
      window(g, d),
    ),
  ],
  unsigned: (g, d) => {
    const value = expression("unsigned", g, d);
    return [
      write("({0} {2} {1})", null, value, value, words("+", "-", "*", "/")),
      write("mod({0}, {1})", null, value, value),
      write("sum({0}{1})", "aggregate", value, window(g, d)),
      write("hash({0})", null, choose(expression("int", g, d), expression("string", g, d), expression("time", g, d))),
      write("hash({ p: {0}, q: {1} })", "record", expression("int", g, d), expression("string", g, d)),
      write("({0} as u64)", null, choose(expression("int", g, d), expression("float", g, d))),
    ];
  },
  ints: (g, d) => [
    write("collect({0}, max=3{1}).i", "collect", record(g, d), window(g, d)),
    write("collect({0}, max={2}{1})", "collect", expression("int", g, d), window(g, d), words("2", "null", "5")),
    write("union({0}, {1})", null, expression("ints", g, d), expression("ints", g, d)),
    write("flatten(collect({0}, max=2))", "collect", expression("ints", g, d)),
  ],
};

function anyField(g: Grouping, d: number): Pieces {
  return remember(`field ${g} ${d}`, () => choose(...KINDS.map((kind) => expression(kind, g, d))));
}

/** What a record can be piped into and stay a record of the same fields. */
function recordStep(g: Grouping, d: number): Pieces {
  return remember(`step ${g} ${d}`, () => {
    const c = condition(g, d);
    return choose(
      write("when({0})", "when", c),
      write("shift_by({0})", "shift", length(g, d)),
      write("shift_to({0})", "shift", expression("time", g, d)),
      write("shift_until({0})", "shift", c),
      write("if({0})", "if", c),
      write("last()", "aggregate"),
      write("first()", "aggregate"),
      write("lag(1)", "lag"),
    );
  });
}

/** A record with the fields i, x, b and s, and perhaps others. */
function record(g: Grouping, d: number): Pieces {
  return remember(`record ${g} ${d}`, () => {
    const table = choose(...TABLES[g].map((name) => fc.constant({ text: name, constructs: [name] })));
    if (d === 0) return table;
    const inner = d - 1;
    const literal = write(
      "{ i: {0}, x: {1}, b: {2}, s: {3} }",
      "record",
      expression("int", g, inner),
      expression("float", g, inner),
      expression("bool", g, inner),
      expression("string", g, inner),
    );
    return choose(
      table,
      literal,
      write("({0} | {1})", "record", record(g, inner), recordStep(g, inner)),
      write("extend({ i: {0} }, {1})", "record", expression("int", g, inner), record(g, inner)),
      write("select_fields({0}, 'i', 'x', 'b', 's')", "record", record(g, inner)),
      write("lookup({0}, {1})", "lookup", foreignKey(g, inner), record(OTHER[g], inner)),
      write(`({0} | with_key({1}, grouping="${g}"))`, "with_key", record(OTHER[g], inner), foreignKey(OTHER[g], inner)),
    );
  });
}

/** A whole query, and the grouping of its result. */
export interface RandomQuery extends Piece {
  readonly grouping: Grouping;
}

function wholeQuery(g: Grouping): Pieces {
  const field = anyField(g, 3);
  const literal = choose(
    write("{ f0: {0} }", null, field),
    write("{ f0: {0}, f1: {1} }", null, field, field),
    write("{ f0: {0}, f1: {1}, f2: {2} }", null, field, anyField(g, 2), anyField(g, 1)),
  );
  const stepped = write("{0} | {1}", null, literal, recordStep(g, 2));
  const example = choose(literal, stepped);
  return choose(
    literal,
    stepped,
    record(g, 3),
    write("{0} | {1}", null, stepped, recordStep(g, 1)),
    write("let e = {0} in extend(e, { later: {1} })", "record", stepped, anyField(g, 2)),
    write("let e = {0} in extend({ later: {1} }, e)", "record", stepped, anyField(g, 2)),
    write("let e = {0} in { a: e.f0, n: count(e), v: is_valid(e), t: time_of(e), l: last(e).f0 }", "record", example),
    write(
      "let r = { a: {0}, n: { b: {1}, c: {2} } } | {3} in { c: r.n.c, n: r.n, v: is_valid(r.n), l: last(r).n.b }",
      "record",
      field,
      anyField(g, 1),
      anyField(g, 1),
      recordStep(g, 2),
    ),
    write("{0} | { n: count($input{1}), f: first($input).i, i: $input.i }", "record", record(g, 2), window(g, 1)),
  );
}

/** Whole queries. */
export const randomQueries: fc.Arbitrary<RandomQuery> = fc
  .constantFrom<Grouping>("g", "g", "g", "h")
  .chain((grouping) => wholeQuery(grouping).map((piece) => ({ ...piece, grouping })));

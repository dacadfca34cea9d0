import assert from "node:assert";
import { committedPage, functionsPage } from "../../scripts/generate-functions.ts";
import { allFunctions, findFunction, signatureOf } from "../../src/functions/catalog.ts";
import type { Evaluation, FunctionRecord } from "../../src/functions/define.ts";
import { isAggregation } from "../../src/functions/define.ts";
import { callEvaluation } from "../../src/functions/evaluation.ts";
import { parseCsv } from "../oracle/read-csv.ts";

/** The callables of the original's catalog. */
const ORIGINAL = `add add_time ceil clamp coalesce collect count count_if daily day_of_month day_of_month0 day_of_year
  day_of_year0 days days_between div else eq exp extend finished first flatten floor get gt gte hash hourly if index
  is_valid json lag last len list_len logical_and logical_or lookup lower lt lte max mean min minutely month_of_year
  month_of_year0 monthly months months_between mul neg neq not null_if powf remove_fields round seconds seconds_between
  select_fields shift_by shift_to shift_until since sliding sqrt stddev sub substring sum time_of union upper variance
  when with_key year yearly zip_max zip_min`.split(/\s+/);

/** What the query's tables show: cells of the result and of the tables. */
function cells(csv: string): string[][] {
  return parseCsv(csv).slice(1);
}

function evaluations(record: FunctionRecord): Evaluation[] {
  if (typeof record.evaluation !== "function") return [record.evaluation];
  const types = ["i64", "string"] as const;
  return types.map((kind) => {
    const type = { kind };
    return callEvaluation(record, { result: type, variables: { T: type, O: type, N: type, K: type } });
  });
}

function isTemporal(record: FunctionRecord): boolean {
  if (record.family === "window") return record.name !== "finished";
  if (["when", "shift_to", "shift_by", "shift_until", "lag", "time_of"].includes(record.name)) return true;
  return evaluations(record).some(isAggregation);
}

describe("catalog of functions", () => {
  it("holds all callables of the original, and each name once", () => {
    const names = allFunctions().map(({ name }) => name);
    assert.strictEqual(ORIGINAL.length, 83);
    assert.deepStrictEqual(
      ORIGINAL.filter((name) => !names.includes(name)),
      [],
    );
    assert.strictEqual(new Set(names).size, names.length);
    assert.strictEqual(findFunction("__proto__"), undefined);
  });

  for (const record of allFunctions()) {
    describe(record.name, () => {
      it("documents itself and every parameter", () => {
        assert.match(record.summary, /^[A-Z].*\.$/s);
        assert.match(record.nulls, /^[A-Z].*\.$/s);
        const { parameters } = signatureOf(record);
        assert.deepStrictEqual(
          Object.keys(record.parameters),
          parameters.map(({ name }) => name),
        );
        for (const text of Object.values(record.parameters)) assert.match(text, /^[A-Z].*\.$/s);
      });

      it("names only its own parameters", () => {
        const { parameters } = signatureOf(record);
        if (record.piped) assert.ok(parameters.some(({ name, variadic }) => name === record.piped && !variadic));
        for (const name of Object.keys(record.constantRules ?? {})) {
          assert.ok(parameters.find((parameter) => parameter.name === name)?.constant, `${name} is a constant`);
        }
        if (evaluations(record).some(isAggregation)) {
          assert.ok(parameters.some(({ name, constant }) => name === "input" && !constant));
          for (const { name, constant } of parameters)
            assert.ok(constant || name === "input" || name === "window", name);
        }
      });

      it("has an example with a null and, where time or entities matter, with two entities", () => {
        assert.ok(record.examples.length > 0);
        const rows = record.examples.flatMap((example) =>
          [...Object.values(example.tables), example.result].flatMap(cells),
        );
        assert.ok(
          rows.some((row) => row.includes("")),
          "a null",
        );
        for (const example of record.examples) {
          assert.match(example.query, new RegExp(`\\b${record.name}\\(|${operatorPattern(record)}`));
        }
        if (!isTemporal(record)) return;
        const entities = new Set(
          record.examples.flatMap(({ tables }) => Object.values(tables).flatMap(cells)).map((row) => row[1]),
        );
        assert.ok(entities.size >= 2, "two entities");
      });
    });
  }

  it("refuses constants that a function cannot use", () => {
    const rule = (name: string, parameter: string) => findFunction(name)!.constantRules![parameter]!;
    assert.strictEqual(rule("lag", "n")(0n), null);
    assert.match(rule("lag", "n")(-1n)!, /must be/);
    assert.match(rule("sliding", "duration")(0n)!, /must be at least 1/);
    assert.strictEqual(rule("collect", "max")(null), null);
    assert.match(rule("collect", "max")(0n)!, /at least 1/);
    assert.match(rule("collect", "min")(-1n)!, /at least 0/);
    assert.match(rule("percentile", "fraction")(1.5)!, /between 0 and 1/);
    assert.strictEqual(rule("percentile", "fraction")(0), null);
    assert.match(rule("ewm_mean", "alpha")(0)!, /above 0/);
    assert.match(rule("regexp_matches", "pattern")("(")!, /regular expression/);
    assert.strictEqual(rule("regexp_matches", "pattern")("^a+$"), null);
  });

  it("is what docs/functions.md says", () => {
    assert.strictEqual(
      committedPage(),
      functionsPage(),
      "docs/functions.md is old: run `node --import tsx scripts/generate-functions.ts`",
    );
  });
});

function operatorPattern(record: FunctionRecord): string {
  const operators = (record.operator ?? "").split(", ").filter((operator) => operator !== "");
  if (operators.length === 0) return "^$";
  return operators
    .map((operator) => operator.replace(/[a-z]+/g, "").trim())
    .map(escaped)
    .join("|");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\<>=!-]/g, (character) =>
    /[<>=!-]/.test(character) ? character : `\\${character}`,
  );
}

import assert from "node:assert/strict";
import { analyze } from "../../src/analyze/analyze.ts";
import { answer } from "../oracle/oracle.ts";
import { type ConformanceCase, casesByGroup, conformanceTables, optionsOf, readCases } from "./cases.ts";
import { answerCsv, judge, type Outcome } from "./judge.ts";

const tables = conformanceTables();

function runOracle(conformanceCase: ConformanceCase): Outcome {
  const { query, diagnostics, sources } = analyze(conformanceCase.query, { tables, views: [] });
  if (query === null) return { kind: "wrong", diagnostics, sources };
  return { kind: "rows", csv: answerCsv(answer(query, tables, optionsOf(conformanceCase))) };
}

describe("conformance of the naive evaluator", () => {
  for (const file of ["cases.jsonl", "random-cases.jsonl"] as const) {
    for (const [group, cases] of casesByGroup(readCases(file))) {
      it(`${group}: ${cases.length} cases`, function () {
        this.timeout(60_000);
        const wrong = cases.flatMap((one) => {
          const verdict = judge(one, runOracle(one));
          return verdict === "" ? [] : [`${one.id}: ${one.query}\n    ${verdict}`];
        });
        assert.equal(wrong.length, 0, `\n${wrong.join("\n")}`);
      });
    }
  }
});

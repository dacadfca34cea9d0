import assert from "node:assert/strict";
import { allFunctions } from "../../src/functions/catalog.ts";
import { differences } from "../conformance/judge.ts";
import { ask } from "./ask.ts";
import { UnknownFunction } from "./evaluator.ts";

/** Times with all their digits, as the evaluator prints them. */
function withFractions(csv: string): string {
  return csv.replace(/(\d\d:\d\d:\d\d)(?=[,\n]|$)/g, "$1.000000000");
}

describe("the naive evaluator gives the catalog's examples", () => {
  for (const record of allFunctions().filter(({ examples }) => examples.length > 0)) {
    it(record.name, function () {
      for (const { tables, groupings, columnTypes, query, result } of record.examples) {
        const named = Object.entries(tables).map(([name, csv]) => [`${name}@${groupings?.[name] ?? "entity"}`, csv]);
        let lines: string[];
        try {
          lines = ask(query, Object.fromEntries(named), {}, columnTypes);
        } catch (error) {
          if (error instanceof UnknownFunction) return this.skip();
          throw error;
        }
        const actual = [result.split("\n")[0], ...lines].join("\n");
        assert.deepEqual(differences(actual, withFractions(result)), [], query);
      }
    });
  }
});

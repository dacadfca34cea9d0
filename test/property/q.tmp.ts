import { mkdtempSync } from "node:fs";
import { conformanceTables } from "../conformance/cases.ts";
import { answerCsv } from "../conformance/judge.ts";
import { prepareTable, runProduct } from "./product.ts";
import { analyze } from "../../src/analyze/analyze.ts";
import { answer } from "../oracle/oracle.ts";
const f = mkdtempSync("/tmp/q-"); const T = conformanceTables(); const t = T.map((x) => prepareTable(f, x));
for (const [q, o] of [["{ n: count(Plays) } | when(daily())", "final-results"],["{ n: count(Plays) } | when(daily()) | {c: count($input), l: last($input).n}", "final-results"], ["{ n: count(Plays), m: Orders.item } | when(daily())", "final-results"]] as const) {
  const r = await runProduct(q, t, { resultBehavior: o });
  console.log(q, "\nPRODUCT\n", r.kind === "rows" ? answerCsv(r.answer) : JSON.stringify(r.diagnostics));
  console.log("ORACLE\n", answerCsv(answer(analyze(q, { tables: T, views: [] }).query!, T, { resultBehavior: o })));
}
process.exit(0);

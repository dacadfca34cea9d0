import { mkdtempSync } from "node:fs";
import { conformanceTables, optionsOf, readCases } from "../conformance/cases.ts";
import { answerCsv, judge } from "../conformance/judge.ts";
import { prepareTable, runProduct } from "./product.ts";
const f = mkdtempSync("/tmp/q-"); const t = conformanceTables().map((x) => prepareTable(f, x));
let ok = 0, bad = 0;
for (const file of ["cases.jsonl", "random-cases.jsonl"] as const) for (const c of readCases(file)) {
  let v; try { const r = await runProduct(c.query, t, optionsOf(c)); v = judge(c, r.kind === "rows" ? { kind: "rows", csv: answerCsv(r.answer) } : r); } catch (e) { v = (e as Error).stack!.slice(0, 300); }
  if (v === "") ok++; else if (++bad < 12) { console.log(c.id, c.query, "\n   ", v.slice(0, 600)); }
}
console.log({ ok, bad }); process.exit(0);

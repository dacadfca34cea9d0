import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { analyze } from "../../src/analyze/analyze.ts";
import { assemble } from "../../src/compile/assemble.ts";
import { compileStage } from "../../src/compile/compile-stage.ts";
import { sourceFacts } from "../../src/compile/source-facts.ts";
import { planQuery } from "../../src/plan/plan-query.ts";
import { stagesOf } from "../../src/plan/stages.ts";
import { parseFenl } from "../../src/syntax/parse.ts";
import { prepareCsvText, prepareFile } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import { LARGE_PROGRAMS } from "../../test/compile/large-programs.ts";
import { markdownTable } from "../report/markdown.ts";
import type { Suite } from "../report/options.ts";

const NOTEBOOKS = fileURLToPath(new URL("../../notebooks/", import.meta.url));
const STEPS = ["parse", "analyze", "plan", "compile", "assemble"] as const;

/** The texts of the notebook's cells. */
function notebookCells(): string[] {
  const notebook: { cells: { source: string | string[] }[] } = JSON.parse(
    readFileSync(join(NOTEBOOKS, "ml-example.ipynb"), "utf8"),
  );
  return notebook.cells.map(({ source }) => (Array.isArray(source) ? source.join("") : source));
}

/** The longest query of the notebook, without the line of its magic. */
function longestQuery(): string {
  const queries = notebookCells().filter((cell) => cell.startsWith("%%fenl"));
  return queries.map((cell) => cell.slice(cell.indexOf("\n") + 1)).sort((a, b) => b.length - a.length)[0]!;
}

/** The file that a cell of the notebook writes, written to a directory. */
function writtenFile(name: string, directory: string): string {
  const magic = `%%writefile ${name}\n`;
  const cell = notebookCells().find((text) => text.startsWith(magic));
  if (cell === undefined) throw new Error(`the example notebook does not write ${name}`);
  const path = join(directory, name);
  writeFileSync(path, cell.slice(magic.length));
  return path;
}

/** The milliseconds of each step, once; parsing is a part of the analysis and taken off it. */
async function timesOf(text: string, tables: readonly TableSnapshot[]): Promise<number[]> {
  const marks = [performance.now()];
  const mark = () => marks.push(performance.now());
  parseFenl(text);
  mark();
  const { query } = analyze(text, { tables, views: [] });
  mark();
  const { plan } = planQuery(query!, tables);
  mark();
  const stages = stagesOf(plan!, false);
  const byName = new Map(tables.map((table) => [table.name, table]));
  const keyType = tables[0]!.keyType;
  const texts = stages.map((stage) => {
    const facts = sourceFacts(plan!, stage, byName, () => keyType);
    return compileStage(plan!, stage, facts, { finalTime: false, changedSince: false });
  });
  mark();
  for (const { wat } of texts) await assemble(wat);
  mark();
  const times = marks.slice(1).map((time, index) => time - marks[index]!);
  return [times[0]!, times[1]! - times[0]!, ...times.slice(2)];
}

/** A row of the table: the run whose total is the median. */
async function row(name: string, text: string, tables: readonly TableSnapshot[], runs: number): Promise<string[]> {
  const all: number[][] = [];
  for (let run = 0; run < runs; run++) all.push(await timesOf(text, tables));
  const totals = all.map((times) => times.reduce((sum, time) => sum + time));
  const middle = [...totals].sort((a, b) => a - b)[Math.floor(runs / 2)]!;
  return [name, middle.toFixed(1), ...all[totals.indexOf(middle)]!.map((time) => time.toFixed(1))];
}

/** How long queries take from text to WebAssembly modules, warm. */
export const compileTimeSuite: Suite = {
  name: "compile-time",
  title: "Compile time",
  async run(_options, print) {
    const directory = mkdtempSync(join(tmpdir(), "fenl-bench-"));
    try {
      const csv = "time,customer,product,amount,quantity\n2022-01-01T10:00:00,ann,tea,4.5,1\n";
      const purchases = { name: "Purchase", timeColumn: "time", keyColumn: "customer", grouping: "customer" };
      const games = await Promise.all(
        [
          { name: "GamePlay", file: "game_play.csv", timeColumn: "event_at", keyColumn: "entity_id" },
          { name: "Purchase", file: "purchase.csv", timeColumn: "purchased_at", keyColumn: "customer_id" },
        ].map(({ file, ...names }) =>
          prepareFile({ ...names, grouping: "User" }, writtenFile(file, directory), directory),
        ),
      );
      const gameTables = games.map(({ snapshot }) => snapshot);
      const rows = [await row("the longest query of the example notebook", longestQuery(), gameTables, 50)];
      const tables = [await prepareCsvText(purchases, csv, directory)];
      for (const { name, text } of LARGE_PROGRAMS) rows.push(await row(`1,000 lines: ${name}`, text, tables, 5));
      const head = ["query", "all, ms", ...STEPS.map((step) => `${step}, ms`)];
      print(`${markdownTable(head, rows)}\n`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};

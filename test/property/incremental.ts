import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { analyze } from "../../src/analyze/analyze.ts";
import { type FinalState, runFinalResults } from "../../src/execute/incremental-run.ts";
import type { Slice } from "../../src/execute/rows/slice.ts";
import { planQuery } from "../../src/plan/plan-query.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";
import type { OracleEvent, OracleTable } from "../oracle/tables.ts";
import { answerDifferences } from "./agreement.ts";
import { answerRowsOf, prepareTable } from "./product.ts";
import { randomQueries } from "./random-queries.ts";
import { randomTables } from "./random-tables.ts";

/** A query whose final results are brought up to date load by load. */
export interface Loads {
  readonly query: string;
  readonly constructs: readonly string[];
  readonly tables: readonly OracleTable[];
  /** By load, the rows of it are those from this share of the whole on; `late`: in the order of the file, not of time. */
  readonly cuts: readonly number[];
  readonly late: boolean;
  readonly slice: Slice | undefined;
  readonly rowsPerFile: number;
}

/** What became of the loads: how many were answered by a run over some entities, how many by one over all. */
export interface Refreshes {
  readonly some: number;
  readonly all: number;
  readonly differences: readonly string[];
}

/** Random loads, of random queries or of one. */
export const randomLoads = (own?: string): fc.Arbitrary<Loads> =>
  fc
    .record({
      query: own === undefined ? randomQueries : fc.constant({ text: own, constructs: [] }),
      tables: randomTables,
      cuts: fc.array(fc.constantFrom(0.3, 0.5, 0.7, 0.8, 0.9), { minLength: 1, maxLength: 3 }),
      late: fc.boolean(),
      slice: fc.constantFrom(undefined, undefined, { kind: "percent" as const, percent: 60 }),
      rowsPerFile: fc.constantFrom(100, 2),
    })
    .map(({ query, ...rest }) => ({ query: query.text, constructs: query.constructs, ...rest }));

function rowsOf({ rows }: OracleTable, late: boolean): readonly OracleEvent[] {
  return late ? rows : [...rows].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Loads tables part by part and compares what is brought up to date with what is computed anew. */
export async function refreshes(loads: Loads): Promise<Refreshes | null> {
  const { tables, late, slice, rowsPerFile } = loads;
  const folder = mkdtempSync(join(tmpdir(), "fenl-incremental-"));
  try {
    const { query } = analyze(loads.query, { tables, views: [] });
    if (query === null) return null;
    let some = 0;
    let all = 0;
    let state: FinalState | null = null;
    let snapshots: TableSnapshot[] = tables.map((table) => ({ ...table, files: [] }));
    const cuts = [0, ...[...loads.cuts].sort(), 1];
    for (let load = 0; load + 1 < cuts.length; load++) {
      const part = join(folder, String(load));
      mkdirSync(part);
      snapshots = snapshots.map((before, index) => {
        const table = tables[index]!;
        const rows = rowsOf(table, late);
        const [from, to] = [cuts[load]!, cuts[load + 1]!].map((share) => Math.round(share * rows.length));
        const { files, ...rest } = prepareTable(part, { ...table, rows: rows.slice(from, to) }, rowsPerFile);
        return { ...rest, files: [...before.files, ...files] };
      });
      const { plan } = planQuery(query, snapshots);
      if (plan === null) return null;
      const options = { slice, mostChanged: Number.POSITIVE_INFINITY };
      const full = await runFinalResults(plan, snapshots, null, options);
      const run = await runFinalResults(plan, snapshots, state, options);
      state = structuredClone(run.state);
      if (load === 0) continue;
      if (run.computedEntities === null) all++;
      else some++;
      const answer = (rows: FinalState["rows"]) => ({ fields: [], rows: answerRowsOf(rows) });
      const differences = answerDifferences(answer(run.state.rows), answer(full.state.rows));
      if (differences.length > 0) return { some, all, differences: [`load ${load}`, ...differences] };
    }
    return { some, all, differences: [] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

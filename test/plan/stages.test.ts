import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyze } from "../../src/analyze/analyze.ts";
import { planQuery } from "../../src/plan/plan-query.ts";
import { type Sink, type StageSource, stagesOf } from "../../src/plan/stages.ts";
import { runFenl } from "../../src/run-fenl.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import type { TableSnapshot } from "../../src/tables/table-snapshot.ts";

const EVENTS = `time,key,other,n
2022-01-01T10:00:00,ann,bob,1
2022-01-02T10:00:00,bob,ann,20
2022-01-03T10:00:00,ann,ann,300
`;

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}

/** Queries whose stages feed one another in chains. */
const CHAINS: readonly { readonly name: string; readonly query: string; readonly last: readonly string[] }[] = [
  {
    name: "lookups by one key within one another",
    query: `let a0 = last(T.n)\n${lines(20, (i) => `let a${i + 1} = lookup(T.key, a${i}) + 1`)}\nin { n: a20 }`,
    last: ["21", "40", "320"],
  },
  {
    name: "lookups by two keys in turn",
    query: `let a0 = last(T.n)\n${lines(3, (i) => `let a${i + 1} = lookup(${i % 2 === 0 ? "T.other" : "T.key"}, a${i})`)}\nin { n: a3 }`,
    last: ["null", "null", "300"],
  },
  {
    name: "shifts of shifts",
    query: `let a0 = T\n${lines(30, (i) => `let a${i + 1} = a${i} | shift_by(seconds(1))`)}\nin { n: last(a30.n) }`,
    last: ["1", "20", "300"],
  },
  {
    name: "new keys of new keys",
    query: `let a0 = T\n${lines(5, (i) => `let a${i + 1} = a${i} | with_key($input.other, grouping = 'g')`)}\nin { n: sum(a5.n) }`,
    last: ["1", "20", "320"],
  },
];

function nameOf(part: StageSource | Sink): string | null {
  if (part.kind === "stored") return `stored ${part.domain}`;
  return part.kind === "requests" || part.kind === "answers" ? `${part.kind} ${part.lookup}` : null;
}

describe("stages", () => {
  let directory = "";
  let table: TableSnapshot;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "fenl-stages-"));
    const definition = { name: "T", timeColumn: "time", keyColumn: "key", grouping: "g" };
    table = await prepareCsvText(definition, EVENTS, directory);
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const { name, query, last } of CHAINS) {
    it(`read what stages before them wrote: ${name}`, () => {
      const { query: typed } = analyze(query, { tables: [table], views: [] });
      const { plan } = planQuery(typed!, [table]);
      const written = new Set<string>();
      const stages = stagesOf(plan!, false);
      for (const { sources, sink } of stages) {
        for (const source of sources) {
          const read = nameOf(source);
          assert.ok(read === null || written.has(read), `${read} is not there yet`);
        }
        const writes = nameOf(sink);
        if (writes !== null) written.add(writes);
      }
      assert.equal(stages.at(-1)?.sink.kind, "result");
    });

    it(`give an answer: ${name}`, async () => {
      const { rows } = await runFenl(query, { tables: [table], views: [] }, { resultBehavior: "all-results" });
      const { values, valid } = rows!.rows.columns[0]!;
      const shown = Array.from(values as ArrayLike<unknown>, (value, row) =>
        valid && valid[row] === 0 ? "null" : String(value),
      );
      assert.deepEqual(shown, last);
    });
  }
});

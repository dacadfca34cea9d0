import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { analyze } from "../../src/analyze/analyze.ts";
import type { FenlOptions } from "../../src/run-fenl.ts";
import type { HostValue } from "../../src/values/host-value.ts";
import { type Answer, answer, type OracleOptions } from "../oracle/oracle.ts";
import type { OracleTable } from "../oracle/tables.ts";
import { prepareTable, runProduct } from "./product.ts";
import { randomQueries } from "./random-queries.ts";
import { randomTables } from "./random-tables.ts";

/** A query over tables, as the two engines get it. */
export interface Question {
  readonly query: string;
  readonly tables: readonly OracleTable[];
  readonly options: OracleOptions;
  /** How the product's tables are cut into files. */
  readonly rowsPerFile: number;
}

/** How the comparison of a question went. */
export type Verdict =
  | { readonly kind: "agree"; readonly rows: number }
  /** The query is not valid, is made of literals alone, or gives the naive evaluator too many rows. */
  | { readonly kind: "skipped"; readonly why: string }
  | { readonly kind: "differ"; readonly how: string };

const MOST_SHOWN = 6;

const PLENTY = { windowRows: 10_000, sinkRows: 20, heldBytes: 1 << 28, resultBytes: 1 << 28 };

/** Rows of a file, more than any table has, by which its rows come through windows of five, or of as many as a small memory holds. */
export const WINDOWED = 500;
export const NARROW = 501;

/** By rows of a file: some tables are read through windows, with rows in temporary files, others in many ranges of entities. */
const MEMORY: Readonly<Record<number, Pick<FenlOptions, "memory" | "memoryLimit">>> = {
  1: { memoryLimit: 2000, memory: { ...PLENTY, codedBytes: 0 } },
  3: { memory: { windowRows: 5, sinkRows: 3, heldBytes: 300, resultBytes: 0, codedBytes: 0 } },
  60: { memoryLimit: 40_000, memory: PLENTY },
  [WINDOWED]: { memory: { windowRows: 5, sinkRows: 3, heldBytes: 300, resultBytes: 0, codedBytes: 0 } },
  [NARROW]: { memoryLimit: 4000, memory: { ...PLENTY, windowRows: 40, sinkRows: 2, codedBytes: 0 } },
};

const randomOptions: fc.Arbitrary<OracleOptions> = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.constant<OracleOptions>({ resultBehavior: "all-results" }) },
  { weight: 2, arbitrary: fc.constant<OracleOptions>({ resultBehavior: "final-results" }) },
  {
    weight: 2,
    arbitrary: fc.record({
      resultBehavior: fc.constantFrom("all-results" as const, "final-results" as const),
      changedSince: fc.option(fc.constantFrom(0n, 1640991600000000000n), { nil: undefined }),
      previewRows: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      slice: fc.option(
        fc.oneof(
          fc.record({ kind: fc.constant("percent" as const), percent: fc.constantFrom(30, 60, 100) }),
          fc.record({ kind: fc.constant("keys" as const), keys: fc.constantFrom<HostValue[]>(["a"], ["b", ""]) }),
        ),
        { nil: undefined },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(0n, 1640991600000000000n, 1582930800000000000n)
      .map((finalTime): OracleOptions => ({ resultBehavior: "final-results", finalTime })),
  },
);

/** The keys of a slice must be of the type of the query's grouping: those above are strings. */
function usable(grouping: string, options: OracleOptions): OracleOptions {
  if (options.slice?.kind !== "keys" || grouping === "g") return options;
  return { ...options, slice: { kind: "keys", keys: [1n, 2n] } };
}

function optionNames({ resultBehavior, rowOrder, changedSince, slice }: OracleOptions): string[] {
  return [
    ...(resultBehavior === "final-results" ? ["final"] : []),
    ...(rowOrder === "entity" ? ["by-entity"] : []),
    ...(changedSince === undefined ? [] : ["since-time"]),
    ...(slice === undefined ? [] : ["slice"]),
  ];
}

/** Random questions, with the constructs of their queries. */
export const randomQuestions: fc.Arbitrary<{ readonly question: Question; readonly constructs: readonly string[] }> = fc
  .tuple(
    randomQueries,
    randomTables,
    randomOptions,
    fc.constantFrom(100, 3, 1),
    fc.constantFrom("time" as const, "entity" as const),
  )
  .map(([{ text, constructs, grouping }, tables, others, rowsPerFile, rowOrder]) => {
    const options = { ...others, rowOrder };
    return {
      question: { query: text, tables, options: usable(grouping, options), rowsPerFile },
      constructs: [...constructs, ...optionNames(options)],
    };
  });

function sameNumber(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-3);
}

function sameValue(a: HostValue, b: HostValue): boolean {
  if (typeof a === "number" && typeof b === "number") return sameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item as HostValue, b[index] as HostValue));
  }
  return a === b;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === "bigint") return `${one}n`;
    return typeof one === "number" && !Number.isFinite(one) ? String(one) : one;
  });
}

function showRow(row: Answer["rows"][number] | undefined): string {
  return row === undefined ? "nothing" : show([row.time, row.subsort, row.key, ...row.values]);
}

/** Where two answers differ; empty: nowhere. */
export function answerDifferences(actual: Answer, expected: Answer): string[] {
  const found: string[] = [];
  const names = ({ fields }: Answer) => fields.map(({ name }) => name).join();
  if (names(actual) !== names(expected)) found.push(`fields ${names(actual)}, expected ${names(expected)}`);
  for (let index = 0; index < Math.max(actual.rows.length, expected.rows.length); index++) {
    const [ours, theirs] = [actual.rows[index], expected.rows[index]];
    const same =
      ours !== undefined &&
      theirs !== undefined &&
      ours.time === theirs.time &&
      ours.subsort === theirs.subsort &&
      ours.keyHash === theirs.keyHash &&
      sameValue(ours.key, theirs.key) &&
      sameValue(ours.values, theirs.values);
    if (!same) found.push(`row ${index}: product ${showRow(ours)}\n       naive evaluator ${showRow(theirs)}`);
  }
  return found;
}

/** Asks both engines. */
export async function compareEngines(question: Question): Promise<Verdict> {
  const { query, tables, options, rowsPerFile } = question;
  const analysis = analyze(query, { tables, views: [] });
  if (analysis.query === null) {
    const errors = analysis.diagnostics.filter(({ severity }) => severity !== "warning");
    return { kind: "skipped", why: show(errors.map(({ code, labels, notes }) => [code, labels, notes])) };
  }
  let expected: Answer;
  try {
    expected = answer(analysis.query, tables, options);
  } catch (error) {
    if (error instanceof RangeError) return { kind: "skipped", why: error.message };
    throw error;
  }
  const folder = mkdtempSync(join(tmpdir(), "fenl-agreement-"));
  try {
    const snapshots = tables.map((table) => prepareTable(folder, table, rowsPerFile));
    const outcome = await runProduct(query, snapshots, {
      ...options,
      previewEvents: 1,
      ...MEMORY[rowsPerFile],
    });
    if (outcome.kind === "wrong") {
      return { kind: "differ", how: `the product reports ${show(outcome.diagnostics)}` };
    }
    const found = answerDifferences(outcome.answer, expected);
    if (found.length === 0) return { kind: "agree", rows: expected.rows.length };
    return { kind: "differ", how: found.slice(0, MOST_SHOWN).join("\n") };
  } catch (error) {
    return { kind: "differ", how: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import type { Diagnostic, SourceTexts } from "../../src/text/diagnostic.ts";
import { positionAt } from "../../src/text/span.ts";
import { csvCell, csvLine } from "../../src/values/csv-text.ts";
import { formatTimestamp } from "../../src/values/timestamp.ts";
import type { Answer } from "../oracle/oracle.ts";
import { parseCsv } from "../oracle/read-csv.ts";
import type { ConformanceCase, ExpectedDiagnostic } from "./cases.ts";

/** What an engine says to a query. */
export type Outcome =
  | { readonly kind: "rows"; readonly csv: string }
  | { readonly kind: "wrong"; readonly diagnostics: readonly Diagnostic[]; readonly sources: SourceTexts };

const MOST_SHOWN = 8;

/** An answer as the text of the cases: `_time,_key` and the fields. */
export function answerCsv(answer: Answer): string {
  const lines = [csvLine(["_time", "_key", ...answer.fields.map((field) => field.name)])];
  for (const row of answer.rows) {
    const key = row.keyType === null ? "" : csvCell(row.keyType, row.key);
    const cells = answer.fields.map((field, index) => csvCell(field.type, row.values[index]!));
    lines.push(csvLine([formatTimestamp(row.time), key, ...cells]));
  }
  return `${lines.join("\n")}\n`;
}

function sameCell(actual: string, expected: string): boolean {
  if (actual === expected) return true;
  if (!/[.e]/.test(expected) || actual === "" || expected === "") return false;
  const [a, b] = [Number(actual), Number(expected)];
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** Rows by key, each key's in order. */
function rowsByKey(rows: readonly string[][]): Map<string, string[][]> {
  const keys = new Map<string, string[][]>();
  for (const row of rows) {
    const key = row[1]!;
    const list = keys.get(key);
    if (list === undefined) keys.set(key, [row]);
    else list.push(row);
  }
  return keys;
}

/**
 * The differences between two answers as CSV: cells compare as values, the order of rows with equal `_time` and different
 * `_key` is free, rows of one key keep their order.
 */
export function differences(actualCsv: string, expectedCsv: string): string[] {
  const [actualHeader, ...actual] = parseCsv(actualCsv);
  const [expectedHeader, ...expected] = parseCsv(expectedCsv);
  const found: string[] = [];
  if (actualHeader!.join() !== expectedHeader!.join())
    return [`columns ${actualHeader!.join()}, expected ${expectedHeader!.join()}`];
  for (const [index, row] of actual.entries()) {
    if (index > 0 && row[0]! < actual[index - 1]![0]!)
      found.push(`row ${index + 1} is earlier than the one before: ${row[0]}`);
  }
  const actualKeys = rowsByKey(actual);
  const expectedKeys = rowsByKey(expected);
  for (const key of new Set([...expectedKeys.keys(), ...actualKeys.keys()])) {
    const ours = actualKeys.get(key) ?? [];
    const theirs = expectedKeys.get(key) ?? [];
    if (ours.length !== theirs.length) found.push(`${ours.length} rows of key '${key}', expected ${theirs.length}`);
    for (let index = 0; index < Math.max(ours.length, theirs.length); index++) {
      const [our, their] = [ours[index], theirs[index]];
      if (our === undefined) found.push(`missing ${their!.join()}`);
      else if (their === undefined) found.push(`surplus ${our.join()}`);
      else if (!their.every((cell, column) => sameCell(our[column]!, cell)))
        found.push(`got      ${our.join()}\n    expected ${their.join()}`);
    }
  }
  return found;
}

function placesOf(diagnostic: Diagnostic, sources: SourceTexts): string[] {
  const primary = diagnostic.labels.filter((label) => label.style === "primary");
  return primary.map(({ span }) => {
    const { line, column } = positionAt(sources[span.source] ?? "", span.start);
    return `${line}:${column}`;
  });
}

function isReported(expected: ExpectedDiagnostic, outcome: Extract<Outcome, { kind: "wrong" }>): boolean {
  return outcome.diagnostics.some(
    (diagnostic) =>
      diagnostic.code === expected.code &&
      diagnostic.severity === expected.severity &&
      (expected.at === null || placesOf(diagnostic, outcome.sources).includes(expected.at.join(":"))),
  );
}

/** What is wrong with an engine's outcome of a case; empty: it agrees. */
export function judge(conformanceCase: ConformanceCase, outcome: Outcome): string {
  const { csv, diagnostics } = conformanceCase;
  if (outcome.kind === "wrong") {
    const reported = outcome.diagnostics.map(
      (diagnostic) => `${diagnostic.code} at ${placesOf(diagnostic, outcome.sources).join(" ")}`,
    );
    if (csv !== undefined) return `an answer was expected, but: ${reported.join("; ")}`;
    const missing = diagnostics!.filter((expected) => !isReported(expected, outcome));
    if (missing.length === 0) return "";
    return `not reported: ${missing.map(({ code, at }) => `${code} at ${at?.join(":") ?? "anywhere"}`).join("; ")}; reported: ${reported.join("; ")}`;
  }
  if (csv === undefined) return `diagnostics were expected: ${diagnostics!.map(({ code }) => code).join(", ")}`;
  const found = differences(outcome.csv, csv);
  const more = found.length > MOST_SHOWN ? [`and ${found.length - MOST_SHOWN} more`] : [];
  return [...found.slice(0, MOST_SHOWN), ...more].join("\n    ");
}

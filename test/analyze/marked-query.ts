import { type AnalyzeEnvironment, analyze } from "../../src/analyze/analyze.ts";
import type { Diagnostic } from "../../src/text/diagnostic.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";

function columns(types: Readonly<Record<string, FenlType["kind"]>>) {
  return Object.entries(types).map(([name, kind]) => ({ name, type: { kind } as FenlType }));
}

/** Two tables of one grouping and one of another, and the views given. */
export function environment(views: Readonly<Record<string, string>> = {}): AnalyzeEnvironment {
  const record: FenlType = { kind: "record", fields: [{ name: "code", type: { kind: "string" } }] };
  return {
    tables: [
      {
        name: "Sent",
        grouping: "account",
        keyType: { kind: "i64" },
        columns: [
          ...columns({ at: "timestamp_s", from: "i64", to: "i64", amount: "f64", note: "string", urgent: "bool" }),
          { name: "tags", type: { kind: "list", item: { kind: "string" } } },
          { name: "lines", type: { kind: "list", item: record } },
          { name: "prices", type: { kind: "map", key: { kind: "string" }, value: { kind: "f64" } } },
          { name: "small", type: { kind: "u8" } },
        ],
      },
      {
        name: "Received",
        grouping: "account",
        keyType: { kind: "i64" },
        columns: columns({ at: "timestamp_s", from: "i64", amount: "f64", note: "string" }),
      },
      {
        name: "Waits",
        grouping: "account",
        keyType: { kind: "i64" },
        columns: columns({ wait: "duration_s", note: "string" }),
      },
      {
        name: "Code",
        grouping: "code",
        keyType: { kind: "string" },
        columns: columns({ at: "timestamp_s", code: "string", weight: "f64" }),
      },
    ],
    views: Object.entries(views).map(([name, expression]) => ({ name, expression })),
  };
}

/** A query without its marks « and », which show where the primary label of a diagnostic is expected. */
export function unmark(marked: string): { readonly text: string; readonly start: number; readonly end: number } {
  const start = marked.indexOf("«");
  const end = marked.indexOf("»") - 1;
  return { text: marked.replace(/[«»]/g, ""), start, end };
}

/** The diagnostics of a query, marks removed. */
export function diagnosticsOf(marked: string, views: Readonly<Record<string, string>> = {}): readonly Diagnostic[] {
  return analyze(unmark(marked).text, environment(views)).diagnostics;
}

/** A diagnostic as lines: code, then each label with the text it points at, then the notes. */
export function summary(diagnostic: Diagnostic, sources: Readonly<Record<string, string>>): string[] {
  const labels = diagnostic.labels.map(({ style, span, message }) => {
    const text = (sources[span.source] ?? "?").slice(span.start, span.end);
    return `${style === "primary" ? "P" : "S"} [${text}] ${message}`.trimEnd();
  });
  return [`${diagnostic.severity} ${diagnostic.code}`, ...labels, ...diagnostic.notes.map((note) => `N ${note}`)];
}

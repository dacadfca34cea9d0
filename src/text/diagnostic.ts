import type { Code } from "./codes.ts";
import type { Span } from "./span.ts";

export type Severity = "error" | "warning" | "bug";

/** A remark on a range of a source. `source` other than the query's own needs its text in {@link SourceTexts}. */
export interface Label {
  readonly style: "primary" | "secondary";
  readonly span: Span;
  readonly message: string;
}

/** What is wrong with a query, and where. Plain data; `render-text.ts` and `render-html.ts` show it to people. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** The fixed title of the kind. */
  readonly message: string;
  readonly labels: readonly Label[];
  readonly notes: readonly string[];
}

/** The texts that spans point into, by source name. */
export type SourceTexts = Readonly<Record<string, string>>;

import type { Code } from "../codes.ts";
import type { Severity } from "../diagnostic.ts";

/** What people read about a diagnostic code; W2001 stands for two kinds of diagnostics. */
export interface CodePage {
  readonly code: Code;
  readonly kinds: readonly CodeKind[];
}

/** One kind of diagnostic. Texts are Markdown of one paragraph. */
export interface CodeKind {
  readonly title: string;
  readonly severity: Severity;
  readonly meaning: string;
  /** Why the language is like that, or how the mistake comes about. */
  readonly why: string;
  readonly remedy: string;
  /** Empty for what no query brings about by its text alone. */
  readonly examples: readonly CodeExample[];
}

/** A query that gets the diagnostic, and one that does not. */
export interface CodeExample {
  readonly wrong: ExampleQuery;
  readonly right: ExampleQuery;
}

/** A query with the views that it is asked with, in the order of their definition. */
export interface ExampleQuery {
  readonly query: string;
  readonly views?: readonly { readonly name: string; readonly expression: string }[];
}

/** A page with one kind of diagnostic. */
export function page(code: Code, kind: CodeKind): CodePage {
  return { code, kinds: [kind] };
}

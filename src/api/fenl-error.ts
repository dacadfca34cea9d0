import type { Code } from "../text/codes.ts";
import type { Diagnostic, Severity, SourceTexts } from "../text/diagnostic.ts";
import { renderText } from "../text/render-text.ts";
import { type Position, positionAt } from "../text/span.ts";

/** A diagnostic of a query, ready to be read by people and programs. */
export interface FenlDiagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** The title of the kind; `formatted` tells the rest. */
  readonly message: string;
  /** Where, counted from 1 in code points; null for what has no place in a text. */
  readonly span: { readonly start: Position; readonly end: Position } | null;
  /** The text that `span` is in: `Query`, or the name of a view. */
  readonly source: string | null;
  readonly notes: readonly string[];
  /** A block of text with the lines concerned and carets under the place. */
  readonly formatted: string;
}

/** Makes the engine's diagnostics ready for users. */
export function describeDiagnostics(diagnostics: readonly Diagnostic[], sources: SourceTexts): FenlDiagnostic[] {
  return diagnostics.map((diagnostic) => {
    const primary = diagnostic.labels.find((label) => label.style === "primary");
    const source = primary?.span.source;
    const known = source !== undefined && Object.hasOwn(sources, source) ? sources[source] : undefined;
    return {
      code: diagnostic.code,
      severity: diagnostic.severity,
      message: diagnostic.message,
      span:
        primary === undefined || known === undefined
          ? null
          : { start: positionAt(known, primary.span.start), end: positionAt(known, primary.span.end) },
      source: known === undefined ? null : (source ?? null),
      notes: diagnostic.notes,
      formatted: renderText(diagnostic, sources),
    };
  });
}

/** True for a diagnostic that keeps a query from running. */
export function isError(diagnostic: { readonly severity: Severity }): boolean {
  return diagnostic.severity !== "warning";
}

/** A wrong query. The message holds every error as a block of text; `diagnostics` has warnings too. */
export class FenlError extends Error {
  override readonly name = "FenlError";
  readonly diagnostics: readonly FenlDiagnostic[];

  constructor(diagnostics: readonly FenlDiagnostic[]) {
    const errors = diagnostics.filter(isError);
    const blocks = errors.map((diagnostic) => `\n${diagnostic.formatted.trimEnd()}\n`);
    super(`${errors.length} errors in Fenl statements; see diagnostics\n${blocks.join("")}`.trimEnd());
    this.diagnostics = diagnostics;
  }
}

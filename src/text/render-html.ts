import type { Diagnostic, SourceTexts } from "./diagnostic.ts";
import { renderText } from "./render-text.ts";

const COLOURS = { error: "#b3261e", bug: "#b3261e", warning: "#8a5a00" } as const;

/** Shows diagnostics as a panel of escaped HTML: counts in the heading, the text blocks below; open if there is an error. */
export function renderHtml(diagnostics: readonly Diagnostic[], sources: SourceTexts): string {
  if (diagnostics.length === 0) return "";
  const open = diagnostics.some((diagnostic) => diagnostic.severity !== "warning") ? " open" : "";
  const blocks = diagnostics.map((diagnostic) => {
    const style = `border-left:3px solid ${COLOURS[diagnostic.severity]};padding:2px 0 2px 10px;margin:6px 0;font-family:monospace;white-space:pre;overflow-x:auto;line-height:1.3`;
    const text = escapeHtml(renderText(diagnostic, sources).trimEnd());
    return `<pre class="fenl-diagnostic fenl-${diagnostic.severity}" style="${style}">${text}</pre>`;
  });
  const heading = `<summary>Diagnostics: ${escapeHtml(countDiagnostics(diagnostics))}</summary>`;
  return `<details class="fenl-diagnostics"${open}>${heading}${blocks.join("")}</details>`;
}

/** How many there are of each severity: `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const counts = (["bug", "error", "warning"] as const).map((severity) => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? "" : `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  return counts.filter(Boolean).join(", ");
}

/** A text that HTML shows as it is, also within a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

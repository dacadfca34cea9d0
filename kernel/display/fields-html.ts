import { escapeHtml } from "./escape-html.ts";

/** Names and values as a table of two columns, in the looks of a grid; texts of several lines stay so. */
export function fieldsHtml(fields: readonly (readonly [name: string, value: string])[]): string {
  if (fields.length === 0) return "<p>Nothing.</p>";
  const rows = fields.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="fenl-grid fenl-fields"><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}

import { printable } from "../src/text/display-cells.ts";

function shown(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return printable(value instanceof Date ? value.toISOString() : String(value));
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => [...row[column]!].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat(widths[column]! - [...cell].length))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Rows under headings, in columns; a listing that goes on says how. */
export function listText(
  headings: readonly string[],
  rows: readonly (readonly unknown[])[],
  nextPageToken: string | null,
): string {
  const table = aligned([headings, ...rows.map((row) => row.map(shown))]);
  return nextPageToken === null ? table : `${table}\n(more: --page-token ${nextPageToken})`;
}

/** A thing's properties, one on a line. */
export function recordText(properties: readonly (readonly [string, unknown])[]): string {
  return aligned(properties.map(([name, value]) => [name, shown(value)]));
}

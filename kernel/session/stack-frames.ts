import { type CellScripts, cellLabel } from "./cell-scripts.ts";
import { withUserNames } from "./names.ts";

/**
 * Has V8 write stack traces with the cells' own names and places, wherever a trace is looked at: in a cell's error, in
 * `console.error(error)`, in a log. What called the cell is the kernel's affair and is left out.
 */
export function describeCellFrames(scripts: CellScripts): void {
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map((site) => describeFrame(site, scripts));
    const last = frames.findLastIndex(({ inCell }) => inCell);
    const shown = last < 0 ? frames : frames.slice(0, last + 1);
    return [headline(error), ...shown.map(({ text }) => `    at ${text}`)].join("\n");
  };
}

function describeFrame(site: NodeJS.CallSite, scripts: CellScripts): { text: string; inCell: boolean } {
  const url = site.getScriptNameOrSourceURL();
  const place = url == null ? null : scripts.locate(url, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
  if (place === null) return { text: site.toString(), inCell: false };
  const position = `${cellLabel(place.executionCount)}:${place.line}:${place.column}`;
  const text = withUserNames(site.toString());
  // V8 writes `name (script:line:column)`, or the bare place for a cell's top level.
  const name = text.endsWith(")") ? text.slice(0, text.lastIndexOf(" (")) : text.startsWith("async ") ? "async" : "";
  if (name === "") return { text: position, inCell: true };
  return { text: name === "async" ? `async ${position}` : `${name} (${position})`, inCell: true };
}

function headline(error: Error): string {
  try {
    return withUserNames(Error.prototype.toString.call(error));
  } catch {
    return "Error";
  }
}

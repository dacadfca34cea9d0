import type { QueryResult } from "../../src/api/query-result.ts";
import type { MimeBundle } from "../cell/cell-context.ts";
import { plotSvg } from "./plot-svg.ts";
import { plotText } from "./plot-text.ts";
import { type PlotOptions, readTimelines } from "./plot-timelines.ts";
import { isQueryResult } from "./query-result.ts";

/** A picture of a result, which a cell that ends in it shows. */
export interface Plot {
  /** The picture as a text that can be written to a file. */
  readonly svg: string;
  /** The picture as plain text. */
  readonly text: string;
}

const OPTIONS: ReadonlySet<string> = new Set(["entities", "fields"] satisfies (keyof PlotOptions)[]);

/**
 * Draws the rows of a query's result as timelines, one band for each entity: steps for continuous values, points for
 * discrete ones.
 * @throws TypeError for what is no result, and for names that it has not
 */
export function plot(result: QueryResult, options: PlotOptions = {}): Plot {
  if (typeof result !== "object" || result === null || !isQueryResult(result)) {
    throw new TypeError(
      "plot takes the result of a query: plot(await createQuery({ ... })), or a variable of %%fenl --var",
    );
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name)) throw new TypeError(`plot has no option "${name}"; it has entities and fields`);
    if (!Array.isArray(options[name as keyof PlotOptions])) throw new TypeError(`plot: ${name} must be a list`);
  }
  const timelines = readTimelines(result, options);
  const text = plotText(timelines);
  const svg = timelines.entities.length === 0 ? "" : plotSvg(timelines);
  const bundle: MimeBundle =
    svg === "" ? { "text/plain": text } : { "text/plain": text, "text/html": svg, "image/svg+xml": svg };
  const show = { value: () => bundle };
  return Object.defineProperty({ svg, text }, Symbol.for("Jupyter.display"), show) as Plot;
}

/** Gives cells the global function `plot(result)`. */
export function installPlot(): void {
  Object.defineProperty(globalThis, "plot", { value: plot, writable: true, configurable: true });
}

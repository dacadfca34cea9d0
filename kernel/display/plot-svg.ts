import { randomBytes } from "node:crypto";
import { plainText } from "../../src/values/csv-text.ts";
import { escapeHtml } from "./escape-html.ts";
import { axisMarks, shownTime, timeAt } from "./plot-axis.ts";
import { rangeText } from "./plot-text.ts";
import { columnOf, thinPoints } from "./plot-thin.ts";
import type { Lane, LevelRange, PlotPoint, PlotRow, RowKind, Timelines } from "./plot-timelines.ts";
import { visibleText } from "./visible-text.ts";

const WIDTH = 820;
const LEFT = 190;
const RIGHT = 16;
const SPAN = WIDTH - LEFT - RIGHT;
const HEADING = 24;
const ROWS = 16;
const LANE = 44;
const GAP = 8;
const AXIS = 26;
const LINE = 18;
/** More points than this on a line have no dots of their own. */
const MOST_DOTS = 200;

const STYLE = `
.fenl-plot { max-width: 100%; height: auto; font-family: var(--jp-ui-font-family, system-ui, sans-serif); font-size: 11px; }
.fenl-plot text { fill: var(--jp-ui-font-color1, #212121); }
.fenl-plot .entity { font-weight: 600; font-size: 12px; }
.fenl-plot .quiet { fill: var(--jp-ui-font-color2, #616161); font-size: 10px; }
.fenl-plot .grid { stroke: var(--jp-border-color2, #e0e0e0); stroke-width: 1; fill: none; }
.fenl-plot .step { stroke: var(--jp-brand-color1, #1976d2); stroke-width: 1.75; fill: none; }
.fenl-plot .dot { fill: var(--jp-brand-color1, #1976d2); stroke: none; }
.fenl-plot .point { fill: var(--jp-warn-color1, #e65100); stroke: none; }
.fenl-plot .row { stroke: var(--jp-ui-font-color2, #616161); stroke-width: 1.25; fill: var(--jp-ui-font-color2, #616161); }
`.trim();

/** Timelines as an SVG: a band for each entity, with its rows and a lane for each field, over one axis of time. */
export function plotSvg(timelines: Timelines): string {
  const { entities, notes, ranges, length } = timelines;
  const parts: string[] = [];
  let y = 4;
  for (const { entity, rows, lanes } of entities) {
    parts.push(`<text class="entity" x="8" y="${y + 16}">${shown(entity, 28)}</text>`);
    y += HEADING;
    parts.push(`<text class="quiet" x="16" y="${y + 9}">rows</text>`, rowMarks(rows, timelines, y));
    y += ROWS;
    for (const lane of lanes) {
      parts.push(laneParts(lane, ranges.get(lane.field)!, timelines, y));
      y += LANE + GAP;
    }
  }
  parts.push(axisParts(timelines, y));
  y += AXIS;
  for (const key of legend(timelines)) {
    parts.push(key.mark(LEFT + 6, y + 8), `<text class="quiet" x="${LEFT + 18}" y="${y + 12}">${key.text}</text>`);
    y += LINE;
  }
  for (const note of notes) {
    parts.push(`<text class="quiet" x="8" y="${y + 12}">${escapeHtml(note)}</text>`);
    y += LINE;
  }
  const id = `fenl-plot-${randomBytes(6).toString("hex")}`;
  const title = `Timelines of ${entities.map(({ entity }) => visibleText(entity, 28)).join(", ")}`;
  const description = descriptionOf(timelines, length);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="fenl-plot" role="img" aria-labelledby="${id}-title ${id}-desc" ` +
    `width="${WIDTH}" height="${y + 6}" viewBox="0 0 ${WIDTH} ${y + 6}">\n` +
    `<title id="${id}-title">${escapeHtml(title)}</title>\n<desc id="${id}-desc">${escapeHtml(description)}</desc>\n` +
    `<style>\n${STYLE}\n</style>\n${parts.join("\n")}\n</svg>`
  );
}

function shown(text: string, most: number): string {
  return escapeHtml(visibleText(text, most));
}

function descriptionOf({ start, entities, ranges }: Timelines, length: number): string {
  const fields = (entities[0]?.lanes ?? []).map(({ field, continuous }) => {
    const kind = continuous ? "continuous" : "discrete";
    return `${visibleText(field, 60)} (${kind}): ${rangeText(ranges.get(field)!) || "no values"}`;
  });
  const counts = entities.map(({ entity, rows }) => `${visibleText(entity, 28)}: ${rows.length} rows`);
  return `From ${shownTime(start)} to ${shownTime(timeAt(start, length))} UTC. ${counts.join(", ")}. ${fields.join("; ")}.`;
}

function xOf(at: number, length: number): number {
  return round(length === 0 ? LEFT + SPAN / 2 : LEFT + 4 + (at / length) * (SPAN - 8));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function rowMarks(rows: readonly PlotRow[], { length, start }: Timelines, y: number): string {
  const marks = new Map<string, string>();
  for (const { at, kind } of rows) {
    // Marks on one pixel would be one mark.
    const place = `${kind} ${columnOf(at, length, SPAN)}`;
    if (marks.has(place)) continue;
    const title = `<title>${kind} at ${shownTime(timeAt(start, at))}</title>`;
    marks.set(place, `<g>${title}${rowMark(kind, xOf(at, length), y + 5)}</g>`);
  }
  return [...marks.values()].join("");
}

function rowMark(kind: RowKind, x: number, y: number): string {
  switch (kind) {
    case "event":
      return `<path class="row" d="M${x} ${y - 5}v10"/>`;
    case "tick":
      return `<path class="row" d="M${x} ${y - 5}l4 9h-8z"/>`;
    case "shift":
      return `<path class="row" d="M${round(x - 4)} ${y - 5}l8 5l-8 5z"/>`;
  }
}

function laneParts(lane: Lane, range: LevelRange, timelines: Timelines, y: number): string {
  const { length } = timelines;
  const height = (level: number) =>
    round(y + 4 + (LANE - 8) * (range.high === range.low ? 0.5 : 1 - (level - range.low) / (range.high - range.low)));
  const points = thinPoints(lane.points, length, SPAN);
  const label = `<text x="16" y="${y + LANE / 2 + 4}"><title>${shown(lane.field, 200)}</title>${shown(lane.field, 17)}</text>`;
  const bounds = range.lowText === range.highText ? [range.lowText] : [range.highText, range.lowText];
  const texts = bounds.map((text, index) => {
    const at = bounds.length === 1 ? y + LANE / 2 + 4 : index === 0 ? y + 10 : y + LANE - 2;
    return `<text class="quiet" text-anchor="end" x="${LEFT - 6}" y="${at}">${shown(text, 12)}</text>`;
  });
  const frame = `<path class="grid" d="M${LEFT} ${y}v${LANE}H${WIDTH - RIGHT}"/>`;
  return [
    frame,
    label,
    ...texts,
    lane.continuous ? steps(points, timelines, height) : "",
    dots(lane, points, timelines, height),
  ].join("");
}

function steps(points: readonly PlotPoint[], { length }: Timelines, height: (level: number) => number): string {
  let path = "";
  let isDrawing = false;
  for (const { at, level } of points) {
    const x = xOf(at, length);
    if (isDrawing) path += `H${x}`;
    if (level !== null) path += isDrawing ? `V${height(level)}` : `M${x} ${height(level)}`;
    isDrawing = level !== null;
  }
  if (isDrawing) path += `H${WIDTH - RIGHT}`;
  return path === "" ? "" : `<path class="step" d="${path}"/>`;
}

function dots(
  { field, type, continuous }: Lane,
  points: readonly PlotPoint[],
  { length, start }: Timelines,
  height: (level: number) => number,
): string {
  if (continuous && points.length > MOST_DOTS) return "";
  const [look, radius] = continuous ? ["dot", 2.25] : ["point", 3.5];
  return points
    .map(({ at, level, value }) => {
      if (level === null) return "";
      const title = `${visibleText(field, 60)} = ${visibleText(plainText(type, value), 200)} at ${shownTime(timeAt(start, at))}`;
      return `<circle class="${look}" cx="${xOf(at, length)}" cy="${height(level)}" r="${radius}"><title>${escapeHtml(title)}</title></circle>`;
    })
    .join("");
}

function axisParts({ start, length }: Timelines, y: number): string {
  const marks = axisMarks(start, length, 7).map(({ at, text }) => {
    const x = xOf(at, length);
    return `<path class="grid" d="M${x} ${y}v5"/><text class="quiet" text-anchor="middle" x="${x}" y="${y + 16}">${text}</text>`;
  });
  const zone = `<text class="quiet" x="16" y="${y + 16}">time (UTC), from ${shownTime(start).slice(0, 10)}</text>`;
  return `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>${zone}${marks.join("")}`;
}

interface LegendKey {
  readonly text: string;
  mark(x: number, y: number): string;
}

function legend({ entities }: Timelines): LegendKey[] {
  const lanes = entities.flatMap((entity) => entity.lanes);
  const kinds = new Set(entities.flatMap(({ rows }) => rows.map(({ kind }) => kind)));
  const rowKey = (kind: RowKind, text: string): LegendKey[] =>
    kinds.has(kind) ? [{ text, mark: (x, y) => rowMark(kind, x, y) }] : [];
  return [
    ...(lanes.some(({ continuous }) => continuous)
      ? [
          {
            text: "continuous: a value stands until the next one",
            mark: (x: number, y: number) => `<path class="step" d="M${x - 6} ${y + 3}h6v-6h6"/>`,
          },
        ]
      : []),
    ...(lanes.some(({ continuous }) => !continuous)
      ? [
          {
            text: "discrete: a value on its row only",
            mark: (x: number, y: number) => `<circle class="point" cx="${x}" cy="${y}" r="3.5"/>`,
          },
        ]
      : []),
    ...rowKey("event", "row of an event"),
    ...rowKey("tick", "row of a tick"),
    ...rowKey("shift", "row that was moved in time"),
  ];
}

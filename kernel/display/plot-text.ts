import { shownTime, timeAt } from "./plot-axis.ts";
import { columnOf } from "./plot-thin.ts";
import type { Lane, LevelRange, PlotRow, RowKind, Timelines } from "./plot-timelines.ts";
import { visibleText } from "./visible-text.ts";

const COLUMNS = 60;
const BLOCKS = "▁▂▃▄▅▆▇█";
const MARKS: Readonly<Record<RowKind, string>> = { event: "|", tick: "^", shift: ">" };
const LONGEST_NAME = 24;

/** Timelines as text: a line for the rows of each entity, and one for each field. */
export function plotText(timelines: Timelines): string {
  const { entities, start, length, ranges, notes } = timelines;
  if (entities.length === 0) return "no rows to plot";
  const names = entities.flatMap(({ lanes }) => lanes.map(({ field }) => shortName(field)));
  const width = Math.max(4, ...names.map((name) => name.length));
  const line = (name: string, cells: string, range: string) => `  ${name.padEnd(width)}  ${cells}  ${range}`.trimEnd();
  const blocks = entities.map(({ entity, rows, lanes }) =>
    [
      shortName(entity),
      line("rows", rowCells(rows, length), ""),
      ...lanes.map((lane) => {
        const range = ranges.get(lane.field)!;
        return line(shortName(lane.field), laneCells(lane, range, length), rangeText(range));
      }),
    ].join("\n"),
  );
  const time = `${shownTime(start)} to ${shownTime(timeAt(start, length))} UTC`;
  return [...blocks, [time, legendText(timelines), ...notes].join("\n")].join("\n\n");
}

/** What the signs in the picture mean, as far as they are in it. */
export function legendText({ entities }: Timelines): string {
  const kinds = new Set(entities.flatMap(({ rows }) => rows.map(({ kind }) => kind)));
  const lanes = entities.flatMap((entity) => entity.lanes);
  return [
    ...(lanes.some(({ continuous }) => continuous) ? ["▂▂▂▅▅ continuous, a value stands until the next"] : []),
    ...(lanes.some(({ continuous }) => !continuous) ? ["▂  ▅  discrete, a value on its row only"] : []),
    ...(kinds.has("event") ? [`${MARKS.event} event`] : []),
    ...(kinds.has("tick") ? [`${MARKS.tick} tick`] : []),
    ...(kinds.has("shift") ? [`${MARKS.shift} shifted row`] : []),
  ].join("   ");
}

/** `from 1 to 9`. */
export function rangeText({ lowText, highText }: LevelRange): string {
  if (lowText === highText) return visibleText(lowText, LONGEST_NAME);
  return `${visibleText(lowText, LONGEST_NAME)} to ${visibleText(highText, LONGEST_NAME)}`;
}

function shortName(name: string): string {
  return visibleText(name, LONGEST_NAME);
}

function rowCells(rows: readonly PlotRow[], length: number): string {
  const cells = Array.from({ length: COLUMNS }, () => "·");
  for (const { at, kind } of rows) cells[columnOf(at, length, COLUMNS)] = MARKS[kind];
  return cells.join("");
}

function laneCells({ points, continuous }: Lane, range: LevelRange, length: number): string {
  const cells = Array.from({ length: COLUMNS }, () => " ");
  let from = 0;
  let standing = " ";
  for (const { at, level } of points) {
    const column = columnOf(at, length, COLUMNS);
    if (continuous) cells.fill(standing, from, column);
    standing = level === null ? " " : blockOf(level, range);
    if (continuous || level !== null) cells[column] = standing;
    from = column + 1;
  }
  if (continuous) cells.fill(standing, from);
  return cells.join("");
}

function blockOf(level: number, { low, high }: LevelRange): string {
  const share = high === low ? 0.5 : (level - low) / (high - low);
  return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))]!;
}

/** What is drawn at a place and a height; null is a gap. */
interface Drawn {
  readonly at: number;
  readonly level: number | null;
}

/**
 * The points that make the same picture on `columns` columns: of many on one column, the first, the lowest, the
 * highest and the last.
 */
export function thinPoints<T extends Drawn>(points: readonly T[], length: number, columns: number): readonly T[] {
  if (points.length <= columns * 4) return points;
  const kept: T[] = [];
  for (let from = 0; from < points.length; ) {
    const column = columnOf(points[from]!.at, length, columns);
    let to = from;
    let low = from;
    let high = from;
    for (; to < points.length && columnOf(points[to]!.at, length, columns) === column; to++) {
      const level = points[to]!.level;
      if (level === null) continue;
      if (level < (points[low]!.level ?? Number.POSITIVE_INFINITY)) low = to;
      if (level > (points[high]!.level ?? Number.NEGATIVE_INFINITY)) high = to;
    }
    for (const index of [...new Set([from, low, high, to - 1])].sort((a, b) => a - b)) kept.push(points[index]!);
    from = to;
  }
  return kept;
}

/** The column of a time, from 0. */
export function columnOf(at: number, length: number, columns: number): number {
  return length === 0 ? Math.floor(columns / 2) : Math.min(columns - 1, Math.floor((at / length) * columns));
}

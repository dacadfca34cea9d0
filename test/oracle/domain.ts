/** Where a row stands: identity and order of rows are by all six, in this order. */
export interface Row {
  readonly time: bigint;
  /** 0 for shifted rows, 1 for events and ticks. */
  readonly rank: 0 | 1;
  readonly subsort: bigint;
  readonly hash: bigint;
  /** 0 for events and ticks; a number per shift. */
  readonly origin: number;
  readonly ordinal: number;
}

/** First and last time over all entities; null where there never was a row. */
export type Extent = { readonly first: bigint; readonly last: bigint } | null;

/** The rows of an expression, in order. */
export interface Domain {
  /** Names of the operations whose rows are in it; two domains with the same parts are the same domain. */
  readonly parts: readonly string[];
  readonly rows: readonly Row[];
  readonly extent: Extent;
}

export const MAX_SUBSORT = 18446744073709551615n;

function compareValues<T extends bigint | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of (time, rank, subsort), the part of the order that two groupings share. */
export function comparePlaces(a: Row, b: Row): number {
  return compareValues(a.time, b.time) || compareValues(a.rank, b.rank) || compareValues(a.subsort, b.subsort);
}

/** The total order of rows. */
export function compareRows(a: Row, b: Row): number {
  return (
    comparePlaces(a, b) ||
    compareValues(a.hash, b.hash) ||
    compareValues(a.origin, b.origin) ||
    compareValues(a.ordinal, b.ordinal)
  );
}

/** The row's identity as text, for maps. */
export function rowIdentity(row: Row): string {
  return `${row.time}|${row.rank}|${row.subsort}|${row.hash}|${row.origin}|${row.ordinal}`;
}

/** The name of a domain: equal for domains made in the same way. */
export function domainName(domain: Domain): string {
  return domain.parts.join(" ∪ ");
}

/** A domain of one part; sorts the rows. */
export function makeDomain(part: string, rows: readonly Row[], extent: Extent): Domain {
  return { parts: [part], rows: [...rows].sort(compareRows), extent };
}

/** The smallest extent that holds both. */
export function unionExtent(a: Extent, b: Extent): Extent {
  if (a === null) return b;
  if (b === null) return a;
  return { first: a.first < b.first ? a.first : b.first, last: a.last > b.last ? a.last : b.last };
}

/** First and last time of rows. */
export function extentOf(rows: readonly Row[]): Extent {
  let extent: Extent = null;
  for (const row of rows) extent = unionExtent(extent, { first: row.time, last: row.time });
  return extent;
}

/** The union of the row sets: rows with equal identity become one. Constants (null) have no rows; null if there are only constants. */
export function mergeDomains(domains: readonly (Domain | null)[]): Domain | null {
  const distinct: Domain[] = [];
  for (const domain of domains) {
    if (domain !== null && !distinct.some((other) => domainName(other) === domainName(domain))) distinct.push(domain);
  }
  if (distinct.length <= 1) return distinct[0] ?? null;
  const rows = new Map<string, Row>();
  let extent: Extent = null;
  for (const domain of distinct) {
    for (const row of domain.rows) rows.set(rowIdentity(row), row);
    extent = unionExtent(extent, domain.extent);
  }
  const parts = [...new Set(distinct.flatMap((domain) => domain.parts))].sort();
  return { parts, rows: [...rows.values()].sort(compareRows), extent };
}

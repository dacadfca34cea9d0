import { ArgumentError, type OptionRule, shownValue, text } from "./argument-error.ts";

/** What of a long listing is asked for. */
export interface ListOptions {
  /** Only entries whose name (of a query: whose expression) contains this. */
  readonly search?: string | null;
  /** The most entries to give, from 1 to 1000; default: all. */
  readonly pageSize?: number | null;
  /** Where to go on: the `nextPageToken` of the page before. */
  readonly pageToken?: string | null;
}

/** A page of entries; `nextPageToken` is null on the last one. */
export type Listing<T> = T[] & { readonly nextPageToken: string | null };

const MOST_ENTRIES = 1000;

/** The checks of {@link ListOptions}. */
export const listRules: Readonly<Record<keyof ListOptions, OptionRule>> = {
  search: text,
  pageSize: {
    expected: `a whole number from 1 to ${MOST_ENTRIES}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_ENTRIES,
  },
  pageToken: text,
};

function tokenOf(id: string): string {
  return Buffer.from(JSON.stringify([id])).toString("base64url");
}

function idOf(call: string, token: string): string {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (Array.isArray(content) && content.length === 1 && typeof content[0] === "string") return content[0];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const expected = "the nextPageToken of the page before";
  throw new ArgumentError(`${call}: pageToken must be ${expected}, but is ${shownValue(token)}.`);
}

/**
 * A page of entries that are in a lasting order. `follows` tells of an entry whether it stands after the one of an id,
 * which may be gone meanwhile.
 */
export function pageOf<T>(
  call: string,
  entries: readonly T[],
  id: (entry: T) => string,
  follows: (entry: T, last: string) => boolean,
  { pageSize, pageToken }: ListOptions,
): Listing<T> {
  const last = pageToken == null || pageToken === "" ? null : idOf(call, pageToken);
  const rest = last === null ? entries : entries.filter((entry) => follows(entry, last));
  const page = pageSize == null ? [...rest] : rest.slice(0, pageSize);
  const nextPageToken = page.length < rest.length ? tokenOf(id(page.at(-1)!)) : null;
  return Object.defineProperty(page, "nextPageToken", { value: nextPageToken }) as Listing<T>;
}

/** A page of entries that are in the order of their names. */
export function pageByName<T>(
  call: string,
  entries: readonly T[],
  name: (entry: T) => string,
  options: ListOptions,
): Listing<T> {
  return pageOf(call, entries, name, (entry, last) => name(entry) > last, options);
}

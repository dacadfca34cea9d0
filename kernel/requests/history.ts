import type { HistoryEntry } from "./history-store.ts";
import type { RequestHandler } from "./kernel.ts";

/** Answers history_request: the last cells, those of a range, or those that match a pattern. */
export const historyRequest: RequestHandler = ({ content }, { history }) => {
  const entries = history.entries();
  const withOutput = content.output === true;
  const found = select(entries, content, history.sessionNumber(entries));
  return {
    status: "ok",
    history: found.map(({ session, line, input, output }) => [session, line, withOutput ? [input, output] : input]),
  };
};

function select(
  entries: readonly HistoryEntry[],
  content: Readonly<Record<string, unknown>>,
  current: number,
): readonly HistoryEntry[] {
  switch (content.hist_access_type) {
    case "tail":
      return last(entries, content.n);
    case "range": {
      const wanted = typeof content.session === "number" ? content.session : 0;
      // 0 is this session, and a negative number counts back from it.
      const session = wanted > 0 ? wanted : current + wanted;
      const start = typeof content.start === "number" ? content.start : 1;
      const stop = typeof content.stop === "number" ? content.stop : Number.POSITIVE_INFINITY;
      return entries.filter((entry) => entry.session === session && entry.line >= start && entry.line < stop);
    }
    case "search": {
      const pattern = globPattern(typeof content.pattern === "string" ? content.pattern : "*");
      let matches = entries.filter(({ input }) => pattern.test(input));
      if (content.unique === true) {
        matches = matches.filter(
          ({ input }, index) => !matches.slice(index + 1).some((later) => later.input === input),
        );
      }
      return last(matches, content.n);
    }
    default:
      return [];
  }
}

function last(entries: readonly HistoryEntry[], n: unknown): readonly HistoryEntry[] {
  if (typeof n !== "number") return entries;
  return n > 0 ? entries.slice(-n) : [];
}

/** A pattern of `*`, `?` and `[...]` for a whole text. */
function globPattern(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    const close = pattern.indexOf("]", index + 2);
    if (character === "*") source += "[^]*";
    else if (character === "?") source += "[^]";
    else if (character === "[" && close > 0) {
      const inside = pattern.slice(index + 1, close).replace(/[\\\]]/g, "\\$&");
      source += `[${inside.startsWith("^") ? `\\${inside}` : inside.replace(/^!/, "^")}]`;
      index = close;
    } else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    return MATCHES_ALL;
  }
}

const MATCHES_ALL = /^/;

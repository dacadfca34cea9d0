import { lookUp, memberNames } from "../session/live-lookup.ts";
import type { LiveSession } from "../session/live-session.ts";
import { codePointIndex, utf16Index } from "./code-points.ts";
import { type CellCompletions, completeFenlCell, readFenlCell } from "./fenl-cell.ts";
import type { RequestHandler } from "./kernel.ts";

const KEYWORDS = (
  "abstract any as async await boolean break case catch class const continue debugger declare default delete do else " +
  "enum export extends false finally for from function if implements import in infer instanceof interface is keyof let " +
  "namespace never new null number of private protected public readonly return satisfies static string super switch " +
  "symbol this throw true try type typeof undefined unknown var void while yield"
).split(" ");

/** The dotted name before the cursor; its last part is what to complete. */
const PATH = /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*\??\.)*(?:[\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u;
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Answers complete_request from what the session's variables hold, and what their types tell. */
export const completeRequest: RequestHandler = async ({ content }, { session, types }) => {
  const code = typeof content.code === "string" ? content.code : "";
  const cursor = utf16Index(code, typeof content.cursor_pos === "number" ? content.cursor_pos : code.length);
  const fenlCell = readFenlCell(code);
  if (fenlCell !== null) return fenlReply(code, await completeFenlCell(fenlCell, cursor, session));
  const before = code.slice(0, cursor);
  const path = PATH.exec(before)![0].replaceAll("?.", ".").split(".");
  const prefix = path.at(-1)!;
  const isMember = /\.$/.test(before.slice(0, before.length - prefix.length));
  const live = candidates(path.slice(0, -1), isMember, session).filter((name) => name.startsWith(prefix));
  const typed = await types.complete(code, cursor, live.length > 0);
  const from = typed?.inString ? typed.from : cursor - prefix.length;
  const [start, end] = [codePointIndex(code, from), codePointIndex(code, cursor)];
  const items = typed?.from === from ? typed.items : [];
  // In a string literal, names of variables mean nothing.
  const matches = new Set([...(typed?.inString ? [] : live), ...items.map(({ label }) => label)]);
  return {
    status: "ok",
    matches: [...matches].sort(byLooks),
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: items.map(({ label, kind }) => ({ text: label, type: kind, start, end })),
    },
  };
};

/** What a completion names, in words that front ends have icons for. */
const TYPES: Readonly<Record<string, string>> = {
  argument: "param",
  binding: "statement",
  field: "property",
  input: "keyword",
  parameter: "param",
  table: "class",
  type: "type",
  view: "class",
};

function fenlReply(code: string, { from, to, items }: CellCompletions): object {
  const [start, end] = [codePointIndex(code, from), codePointIndex(code, to)];
  return {
    status: "ok",
    matches: items.map(({ label }) => label),
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: items.map(({ label, kind, detail }) => ({
        text: label,
        type: TYPES[kind] ?? kind,
        signature: detail,
        start,
        end,
      })),
    },
  };
}

function candidates(owner: readonly string[], isMember: boolean, session: LiveSession): string[] {
  if (owner.length > 0) {
    const found = lookUp(owner, session);
    return found === null ? [] : memberNames(found.value).filter((name) => NAME.test(name));
  }
  // After `).` or `].` only the types know what may follow.
  if (isMember) return [];
  const globals = Object.getOwnPropertyNames(globalThis).filter(
    (name) => NAME.test(name) && !name.startsWith("__fenl"),
  );
  return [...session.names(), ...KEYWORDS, ...globals];
}

/** Names that begin with `_` are seldom meant. */
function byLooks(left: string, right: string): number {
  const hidden = Number(left.startsWith("_")) - Number(right.startsWith("_"));
  return hidden !== 0 ? hidden : left < right ? -1 : 1;
}

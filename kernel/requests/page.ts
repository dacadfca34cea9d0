import type { LiveSession } from "../session/live-session.ts";
import { describeName } from "./describe.ts";

/** The name that a cell of the form `name?` or `?name` asks about. */
export function pagedName(code: string): string | null {
  const match =
    /^\s*(?:\?\s*([\p{ID_Start}$_][\p{ID_Continue}$.]*)|([\p{ID_Start}$_][\p{ID_Continue}$.]*)\s*\?)\s*$/u.exec(code);
  return match === null ? null : (match[1] ?? match[2])!;
}

/** The payload that has the front end show a name's description in its pager. */
export function pagePayload(name: string, session: LiveSession): object {
  const text = describeName(name, session) ?? `There is no "${name}" in the session.`;
  return { source: "page", data: { "text/plain": text }, start: 0 };
}

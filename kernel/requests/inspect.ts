import type { HelpText } from "../../src/assist/function-page.ts";
import { utf16Index } from "./code-points.ts";
import { describeName } from "./describe.ts";
import { inspectFenlCell, readFenlCell } from "./fenl-cell.ts";
import type { RequestHandler } from "./kernel.ts";

const BEFORE = /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*\.)*[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const AFTER = /^[\p{ID_Continue}$]*/u;

/** Answers inspect_request: the type of what is at the cursor, and what its name holds. */
export const inspectRequest: RequestHandler = async ({ content }, { session, types }) => {
  const code = typeof content.code === "string" ? content.code : "";
  const cursor = utf16Index(code, typeof content.cursor_pos === "number" ? content.cursor_pos : code.length);
  const fenlCell = readFenlCell(code);
  if (fenlCell !== null) return fenlReply(await inspectFenlCell(fenlCell, cursor, session));
  const rest = AFTER.exec(code.slice(cursor))![0];
  const path = BEFORE.exec(code.slice(0, cursor) + rest)?.[0];
  const typed = await types.explain(code, cursor);
  const live = path === undefined ? null : describeName(path, session);
  const text = [typed, live].filter((part) => part !== null).join("\n\n");
  if (text === "") return { status: "ok", found: false, data: {}, metadata: {} };
  return { status: "ok", found: true, data: { "text/plain": text }, metadata: {} };
};

function fenlReply(help: HelpText | null): object {
  if (help === null) return { status: "ok", found: false, data: {}, metadata: {} };
  const data = { "text/plain": help.plain, "text/markdown": help.markdown };
  return { status: "ok", found: true, data, metadata: {} };
}

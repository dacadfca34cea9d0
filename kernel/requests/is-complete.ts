import { CellSyntaxError, parseCell } from "../session/parse-cell.ts";
import type { RequestHandler } from "./kernel.ts";

/** Answers is_complete_request: whether a console should run the text or wait for another line. */
export const isCompleteRequest: RequestHandler = ({ content }) => {
  const code = typeof content.code === "string" ? content.code : "";
  return answer(code);
};

function answer(code: string): object {
  // A cell magic takes every line below it, so it is an empty line that ends it.
  if (/^\s*%%/.test(code)) {
    return /\n[^\S\n]*$/.test(code) || !/^\s*%%fenl\b/.test(code) ? { status: "complete" } : incomplete(code);
  }
  const plain = code.replace(/^[^\S\n]*[%!](?=[\p{L}_.~/]).*$/gmu, "");
  try {
    parseCell(plain);
    return { status: "complete" };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    return error.unfinished ? incomplete(code) : { status: "invalid" };
  }
}

function incomplete(code: string): object {
  const last = code.slice(code.lastIndexOf("\n") + 1);
  const indent = /^\s*/.exec(last)![0] + (/[{([]\s*$/.test(last) ? "  " : "");
  return { status: "incomplete", indent };
}

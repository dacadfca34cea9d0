import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { CellError } from "../cell/cell-context.ts";
import { type CellPlace, type CellScripts, cellLabel, excerptOf } from "./cell-scripts.ts";
import { LineIndex } from "./line-index.ts";
import { withUserNames } from "./names.ts";
import { packageRoot } from "./own-package.ts";
import type { CellSyntaxError } from "./parse-cell.ts";

const RED = "\u001b[31m";
const BOLD = "\u001b[1m";
const DIM = "\u001b[2m";
const RESET = "\u001b[0m";
const MOST_CAUSES = 5;

/** The failure of a cell whose user pressed stop. */
export function interruptedError(): CellError {
  return new CellError("Interrupted", "the cell was stopped", [
    `${RED}${BOLD}Interrupted${RESET}: the cell was stopped`,
  ]);
}

/** What a cell threw, as the front end shows it: the message, the line of the cell, and the calls that led there. */
export function toCellError(thrown: unknown, scripts: CellScripts): CellError {
  if (thrown instanceof CellError) return thrown;
  const { ename, evalue } = describeThrown(thrown);
  return new CellError(ename, evalue, tracebackOf(thrown, headline(ename, evalue), scripts));
}

/** A syntax error, with the line and a caret. */
export function syntaxCellError(error: CellSyntaxError, source: string, executionCount: number): CellError {
  const { line, column } = new LineIndex(source).place(error.offset);
  const place = { executionCount, line: line + 1, column: column + 1 };
  const lines = excerptOf(source.split(/\r\n|[\n\r\u2028\u2029]/), place.line, place.column);
  return new CellError("SyntaxError", error.message, [
    headline("SyntaxError", error.message),
    whereLine(place),
    ...lines.map((text) => `  ${text}`),
  ]);
}

function tracebackOf(thrown: unknown, head: string, scripts: CellScripts): string[] {
  const lines = [head];
  const frames = framesOf(thrown);
  const place = frames.map(placeOf).find((found) => found !== null);
  if (place != null) {
    lines.push(whereLine(place), ...scripts.excerpt(place).map((text) => `  ${text}`));
    const calls = frames.filter((frame) => !isInternal(frame));
    if (calls.length > 1) lines.push(...calls.map((frame) => `${DIM}    at ${frame}${RESET}`));
  } else lines.push(...frames.filter((frame) => !isInternal(frame)).map((frame) => `${DIM}    at ${frame}${RESET}`));
  let cause = causeOf(thrown);
  for (let depth = 0; cause !== undefined && depth < MOST_CAUSES; depth++) {
    const described = describeThrown(cause);
    lines.push(`Caused by: ${headline(described.ename, described.evalue)}`);
    cause = causeOf(cause);
  }
  return lines;
}

function headline(ename: string, evalue: string): string {
  return evalue === "" ? `${RED}${BOLD}${ename}${RESET}` : `${RED}${BOLD}${ename}${RESET}: ${evalue}`;
}

function whereLine({ executionCount, line, column }: CellPlace): string {
  return `  ${DIM}${cellLabel(executionCount)}, line ${line}, column ${column}${RESET}`;
}

function describeThrown(thrown: unknown): { ename: string; evalue: string } {
  try {
    if (thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]") {
      const { name, message } = thrown as Error;
      const ename = typeof name === "string" && name !== "" ? name : "Error";
      return { ename: withUserNames(ename), evalue: withUserNames(String(message ?? "")) };
    }
    return { ename: "Thrown", evalue: inspect(thrown) };
  } catch {
    return { ename: "Thrown", evalue: "a value that cannot be shown" };
  }
}

function causeOf(thrown: unknown): unknown {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  try {
    return (thrown as { cause?: unknown }).cause;
  } catch {
    return undefined;
  }
}

/** The frames of an error's stack, without `at`. */
function framesOf(thrown: unknown): string[] {
  let stack: unknown;
  try {
    stack = (thrown as { stack?: unknown } | null | undefined)?.stack;
  } catch {
    return [];
  }
  if (typeof stack !== "string") return [];
  return [...stack.matchAll(/^ {4}at (.*)$/gm)].map(([, frame]) => frame!);
}

function placeOf(frame: string): CellPlace | null {
  const match = /In \[(\d+| )\]:(\d+):(\d+)\)?$/.exec(frame);
  return match === null ? null : { executionCount: Number(match[1]), line: Number(match[2]), column: Number(match[3]) };
}

const ownFolders = ["dist/", "src/", "kernel/", "node_modules/"].map((name) => `${fileURLToPath(packageRoot)}${name}`);

/** Frames of Node, of the kernel and of what the kernel brings, which say nothing about the user's code. */
function isInternal(frame: string): boolean {
  if (/\(?node:/.test(frame) || frame.includes("<anonymous>)")) return true;
  return ownFolders.some((folder) => frame.includes(folder));
}

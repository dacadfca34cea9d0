import process from "node:process";
import { currentCell } from "../session/current-cell.ts";
import { isInterruptMark } from "../session/interrupt.ts";
import { toCellError } from "../session/traceback.ts";
import { logLine } from "../wire/log.ts";
import type { Kernel } from "./kernel.ts";

/** Shows errors that nobody catches, of timers and of promises, in the output of the cell that they come from. */
export function reportUncaught(kernel: Kernel): void {
  const report = (thrown: unknown, what: string) => {
    if (isInterruptMark(thrown)) return;
    const output = currentCell()?.output ?? kernel.run;
    const { traceback } = toCellError(thrown, kernel.session.scripts);
    const text = `${what}: ${traceback.join("\n")}\n`;
    if (output === null) logLine(text);
    else output.stream("stderr", text);
  };
  process.on("uncaughtException", (error) => report(error, "Uncaught"));
  process.on("unhandledRejection", (reason) => report(reason, "Uncaught (in a promise)"));
}

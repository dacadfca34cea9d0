import { writeSync } from "node:fs";

/** Writes a line to the server's log: the kernel's own standard error, which cells do not write to. */
export function logLine(text: string): void {
  try {
    writeSync(2, `fenl kernel: ${text}\n`);
  } catch {
    // Whoever read the log has gone, and there is nobody else to tell.
  }
}

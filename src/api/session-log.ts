import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** What a session did, a line of JSON each, in a file that is only appended to. */
export class SessionLog {
  readonly path: string;
  #failed = false;

  /** `folder` is made if need be. */
  constructor(folder: string) {
    this.path = join(folder, "fenl.log");
    mkdirSync(folder, { recursive: true });
  }

  /** Adds a line. A log that cannot be written keeps nothing from working: that is told once. */
  add(event: string, details: Readonly<Record<string, unknown>> = {}): void {
    const line = { time: new Date().toISOString(), process: process.pid, event, ...details };
    try {
      appendFileSync(this.path, `${JSON.stringify(line)}\n`);
    } catch (error) {
      if (this.#failed) return;
      this.#failed = true;
      process.emitWarning(`The log ${this.path} cannot be written: ${(error as Error).message}`);
    }
  }
}

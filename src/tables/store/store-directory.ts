import { mkdtempSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { discard } from "../discard.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { isRunning } from "./process-identity.ts";

const MEMORY_PREFIX = "fenl-memory-";

/** Where a store is unless told: `$FENL_HOME`, else `~/.cache/fenl`. */
export function defaultDirectory(): string {
  return process.env.FENL_HOME || join(homedir(), ".cache", "fenl");
}

/** A new directory for this process; those of processes that died without removing theirs are removed. */
export function temporaryDirectory(): string {
  const parent = temporaryFolder();
  for (const name of readdirSync(parent)) {
    const pid = /^fenl-memory-([0-9]+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) discard(join(parent, name));
  }
  return mkdtempSync(join(parent, `${MEMORY_PREFIX}${process.pid}-`));
}

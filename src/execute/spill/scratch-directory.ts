import { randomUUID } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../../tables/store/process-identity.ts";
import { temporaryFolder } from "../../tables/temporary-folder.ts";

const PREFIX = "fenl-spill-";

/** The directories of this process that may be there. */
const living = new Set<string>();
const swept = new Set<string>();

/** The name of a directory for a query's temporary files; it is made when it is needed. */
export function scratchDirectory(): string {
  const parent = temporaryFolder();
  if (swept.size === 0) process.once("exit", () => living.forEach(removeScratch));
  if (!swept.has(parent)) {
    swept.add(parent);
    sweep(parent);
  }
  const directory = join(parent, `${PREFIX}${process.pid}-${randomUUID()}`);
  living.add(directory);
  return directory;
}

/** Removes a query's temporary files. */
export function removeScratch(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  living.delete(directory);
}

/** Has the files of an answer removed when the answer is not used any more. */
export function removeScratchWith(answer: object, directory: string): void {
  abandoned.register(answer, directory);
}

const abandoned = new FinalizationRegistry(removeScratch);

/** Removes what processes left that have ended without doing so. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^fenl-spill-([0-9]+)-[0-9a-f-]{36}$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

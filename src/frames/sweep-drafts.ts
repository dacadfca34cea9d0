import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** Removes what a killed process left of a file that was to be made whole; nobody may be writing it now. */
export async function sweepDrafts(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  const start = `.${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !/^[0-9a-f-]{36}\.tmp$/.test(name.slice(start.length))) continue;
    await rm(join(folder, name), { force: true });
  }
}

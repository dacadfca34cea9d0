import { rmSync } from "node:fs";

/**
 * Removes a file or a folder that nothing needs, as far as that can be done: what stays takes room until the store is swept when it
 * is opened next, and must not make a work fail that is done.
 */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // As told above.
  }
}

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError, shownValue } from "./argument-error.ts";

/** The absolute path of a file given as a path or a `file:` URL. */
export function resolveFile(call: string, file: string | URL): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//.exec(String(file))?.[1]?.toLowerCase();
  if (scheme === undefined) return resolve(String(file));
  if (scheme !== "file") {
    throw new ArgumentError(
      `${call}: files are read from this machine's disks; ${scheme}: is not supported: ${shownValue(String(file))}.`,
    );
  }
  try {
    return fileURLToPath(file);
  } catch (error) {
    throw new ArgumentError(`${call}: ${shownValue(String(file))} is not a file of this machine.`, { cause: error });
  }
}

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isRemote, schemeOf } from "../tables/read/remote-file.ts";
import { ArgumentError, shownValue } from "./argument-error.ts";

/** The absolute path of a file given as a path or a `file:` URL. */
export function resolveFile(call: string, file: string | URL): string {
  const scheme = schemeOf(String(file));
  if (scheme === null) return resolve(String(file));
  if (scheme !== "file") {
    throw new ArgumentError(
      `${call}: files are on this machine's disks; ${scheme}: is not supported: ${shownValue(String(file))}.`,
    );
  }
  try {
    return fileURLToPath(file);
  } catch (error) {
    throw new ArgumentError(`${call}: ${shownValue(String(file))} is not a file of this machine.`, { cause: error });
  }
}

/** As {@link resolveFile}, but that an `http:`, `https:`, `s3:` or `gs:` address stays as it is. */
export function resolveInput(call: string, file: string | URL): string {
  const address = String(file);
  if (isRemote(address)) return address;
  const scheme = schemeOf(address);
  if (scheme === null || scheme === "file") return resolveFile(call, file);
  const message = `${call}: ${scheme}: is not supported: ${shownValue(address)}. Expected a path, or a file:, http:, https:, s3: or gs: address`;
  throw new ArgumentError(`${message}.`);
}

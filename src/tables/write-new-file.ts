import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";

/** Writes a file that was not there; `durable`: it is on the disk when this returns. */
export function writeNewFile(path: string, bytes: Uint8Array, durable: boolean): void {
  writeNewParts(path, [bytes], durable);
}

/** `writeNewFile` of parts, one after the other. */
export function writeNewParts(path: string, parts: readonly Uint8Array[], durable: boolean): void {
  const file = openSync(path, "wx", 0o644);
  try {
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30));
    }
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type WholeFile, writeFileWhole } from "./write-file.ts";

/**
 * Writes pieces of text, or of its bytes, as a file that appears whole or not at all.
 * @returns the absolute path
 * @throws WriteError
 */
export async function writePieces(
  path: string,
  pieces: Iterable<string | Uint8Array>,
  how?: WholeFile,
): Promise<string> {
  return await writeFileWhole(path, (temporary) => pipeline(Readable.from(pieces), createWriteStream(temporary)), how);
}

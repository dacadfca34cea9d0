import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RecordBatchFileWriter, tableToIPC } from "apache-arrow";
import { toArrowTable } from "./arrow-table.ts";
import { type Output, outputParts } from "./output.ts";
import { writeFileWhole } from "./write-file.ts";

/** The output as the bytes of an Arrow IPC file. */
export function toArrowFile(output: Output): Uint8Array {
  return tableToIPC(toArrowTable(output), "file");
}

/**
 * Writes the output as an Arrow IPC file that appears whole or not at all. The texts of an answer too large for memory
 * are plain ones: a file has room for one dictionary of a column only.
 * @returns the absolute path
 * @throws WriteError
 */
export async function writeArrowFile(output: Output, path: string): Promise<string> {
  return await writeFileWhole(path, async (temporary) => {
    if (!output.divided?.isSpilled) {
      await writeFile(temporary, toArrowFile(output));
      return;
    }
    const batches = function* () {
      for (const part of outputParts(output)) yield* toArrowTable(part, "plain").batches;
    };
    const writer = RecordBatchFileWriter.throughNode({ autoDestroy: true });
    await pipeline(Readable.from(batches()), writer, createWriteStream(temporary));
  });
}

import { parentPort } from "node:worker_threads";
import { type WriteGroup, writeGroup } from "./write-group.ts";

/** What a thread answers to a row group: its metadata, or why there is none. */
export type ParquetAnswer =
  | { readonly kind: "done"; readonly metadata: Uint8Array }
  | { readonly kind: "failed"; readonly error: unknown; readonly code: string | undefined };

async function answer(request: WriteGroup): Promise<ParquetAnswer> {
  try {
    return { kind: "done", metadata: await writeGroup(request) };
  } catch (error) {
    // An error's code does not go from thread to thread.
    return { kind: "failed", error, code: (error as NodeJS.ErrnoException).code };
  }
}

parentPort!.on("message", async (request: WriteGroup) => parentPort!.postMessage(await answer(request)));

import { parentPort } from "node:worker_threads";
import { type WriteRows, type WrittenGroup, writeRows } from "./write-rows.ts";

/** What a thread answers: the row groups that it has written, or why it has not. */
export type ParquetAnswer =
  | { readonly kind: "done"; readonly written: readonly WrittenGroup[] }
  | { readonly kind: "failed"; readonly error: unknown; readonly code: string | undefined };

async function answer(requests: readonly WriteRows[]): Promise<ParquetAnswer> {
  try {
    return { kind: "done", written: await writeRows(requests) };
  } catch (error) {
    // An error's code does not go from thread to thread.
    return { kind: "failed", error, code: (error as NodeJS.ErrnoException).code };
  }
}

parentPort!.on("message", async (requests: readonly WriteRows[]) => parentPort!.postMessage(await answer(requests)));

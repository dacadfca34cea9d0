import { parentPort } from "node:worker_threads";
import * as parquet from "parquet-wasm";
import { encodeGroup, type ParquetGroup } from "./parquet-group.ts";

/** What a thread answers to a row group. */
export type ParquetAnswer =
  | { readonly kind: "done"; readonly file: Uint8Array }
  | { readonly kind: "failed"; readonly error: unknown };

function answer(group: ParquetGroup): ParquetAnswer {
  try {
    return { kind: "done", file: encodeGroup(parquet, group) };
  } catch (error) {
    return { kind: "failed", error };
  }
}

parentPort!.on("message", (group: ParquetGroup) => {
  const given = answer(group);
  parentPort!.postMessage(given, given.kind === "done" ? [given.file.buffer as ArrayBuffer] : []);
});

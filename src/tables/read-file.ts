import type { FileFormat } from "./input-file.ts";
import { openInput } from "./input-file.ts";
import type { ReadOptions } from "./read-csv.ts";
import { readCsv } from "./read-csv.ts";
import type { SourceTable } from "./source-table.ts";

export type { FileFormat } from "./input-file.ts";

function isTabbed(address: string): boolean {
  return /\.tsv(\.gz|\.zst)?$/i.test(address);
}

/**
 * Reads a file of rows: CSV, Parquet, Arrow IPC or JSON lines, by its extension unless `format` says which; from a path
 * or an address of the network, compressed or not.
 */
export async function readFile(
  address: string,
  format: FileFormat | undefined,
  options: ReadOptions,
): Promise<SourceTable> {
  const input = await openInput(address, format, options.signal);
  const { source, path } = input;
  try {
    switch (input.format) {
      case "csv":
        return await readCsv(source, isTabbed(address) ? { delimiter: "\t", ...options } : options);
      case "parquet": {
        const { readParquet } = await import("./read-parquet.ts");
        return await readParquet(source, path, options);
      }
      case "arrow": {
        const { readArrowSource } = await import("./read-arrow.ts");
        return await readArrowSource(source, options);
      }
      case "jsonl": {
        const { readJsonLines } = await import("./read-json-lines.ts");
        return await readJsonLines(source, path, options);
      }
    }
  } finally {
    await input.close();
  }
}

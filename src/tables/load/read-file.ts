import { channel } from "node:diagnostics_channel";
import type { BulkOptions } from "../bulk/bulk-job.ts";
import type { BulkLoad } from "../bulk/bulk-load.ts";
import { startBulkThreads } from "../bulk/bulk-threads.ts";
import type { FileFormat, InputFile } from "../read/input-file.ts";
import { openInput } from "../read/input-file.ts";
import type { ReadOptions } from "../read/read-csv.ts";
import { readCsv } from "../read/read-csv.ts";
import type { SourceTable } from "../read/source-table.ts";
import type { TableDefinition } from "../table-definition.ts";

export type { FileFormat } from "../read/input-file.ts";

function isTabbed(address: string): boolean {
  return /\.tsv(\.gz|\.zst)?$/i.test(address);
}

/** How a file is opened. */
export interface OpenOptions {
  /** Default: by the extension. */
  readonly format?: FileFormat | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Files of at least so many bytes are loaded in pieces, on several threads; default 1 MiB. */
  readonly bulkBytes?: number | undefined;
}

/** A file of rows that is open: CSV, Parquet, Arrow IPC or JSON lines. */
export interface FileOfRows {
  /** The whole file in memory. */
  read(options: ReadOptions): Promise<SourceTable>;
  /** Loads the file in pieces; null where it is small, or has something that only `read` deals with. */
  loadInBulk(reading: ReadOptions, definition: TableDefinition, options: BulkOptions): Promise<BulkLoad | null>;
  close(): Promise<void>;
}

const BULK_BYTES = 1 << 20;

/** Tells those who listen which files were loaded in pieces, and why others were not. */
const bulkLoads = channel("fenl:bulk-load");

/** Opens a file of rows from a path or an address of the network, compressed or not. */
export async function openFile(address: string, options: OpenOptions): Promise<FileOfRows> {
  const { bulkBytes = BULK_BYTES } = options;
  const input = await openInput(address, options.format, options.signal);
  const dialect = (reading: ReadOptions) => (isTabbed(address) ? { delimiter: "\t", ...reading } : reading);
  return {
    read: (reading) => readInput(input, dialect(reading)),
    async loadInBulk(reading, definition, settings) {
      const { format, path, source } = input;
      if (source.size < bulkBytes || (format !== "parquet" && format !== "csv")) return null;
      startBulkThreads();
      const { bulkLoad } = await import("../bulk/bulk-load.ts");
      try {
        const loaded = await bulkLoad(definition, { format, path, source }, dialect(reading), settings);
        bulkLoads.publish({ file: address, unfit: null });
        return loaded;
      } catch (error) {
        if (!(error instanceof Error && error.name === "Unfit")) throw error;
        bulkLoads.publish({ file: address, unfit: error.message });
        return null;
      }
    },
    close: () => input.close(),
  };
}

async function readInput({ format, source, path }: InputFile, options: ReadOptions): Promise<SourceTable> {
  switch (format) {
    case "csv":
      return readCsv(source, options);
    case "parquet": {
      const { readParquet } = await import("../read/read-parquet.ts");
      return readParquet(source, path, options);
    }
    case "arrow": {
      const { readArrowSource } = await import("../read/read-arrow.ts");
      return readArrowSource(source, options);
    }
    case "jsonl": {
      const { readJsonLines } = await import("../read/read-json-lines.ts");
      return readJsonLines(source, path, options);
    }
  }
}

import { extname } from "node:path";
import { fileSource } from "./byte-source.ts";
import type { ReadOptions } from "./read-csv.ts";
import { readCsv } from "./read-csv.ts";
import type { SourceTable } from "./source-table.ts";
import { shown, TableError } from "./table-error.ts";

/** The formats that files are read in. */
export type FileFormat = "csv" | "parquet" | "arrow";

const EXTENSIONS: Readonly<Record<string, FileFormat>> = {
  ".csv": "csv",
  ".parquet": "parquet",
  ".arrow": "arrow",
  ".arrows": "arrow",
  ".feather": "arrow",
  ".ipc": "arrow",
};

function formatOf(path: string): FileFormat {
  const extension = extname(path).toLowerCase();
  const format = Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
  if (format !== undefined) return format;
  const found = extension === "" ? "it has no extension" : `its extension ${shown(extension)} is not known`;
  const message = `the format of ${path} cannot be told: ${found}; expected ${Object.keys(EXTENSIONS).join(", ")}, or the format by name`;
  throw new TableError("file", message, { file: path });
}

/** Reads a file of rows: CSV, Parquet or Arrow IPC, by its extension unless `format` says which. */
export async function readFile(
  path: string,
  format: FileFormat | undefined,
  options: ReadOptions,
): Promise<SourceTable> {
  const source = await fileSource(path);
  try {
    switch (format ?? formatOf(path)) {
      case "csv":
        return await readCsv(source, options);
      case "parquet": {
        const { readParquet } = await import("./read-parquet.ts");
        return await readParquet(source, path, options);
      }
      case "arrow": {
        const { readArrowSource } = await import("./read-arrow.ts");
        return await readArrowSource(source, options);
      }
    }
  } finally {
    await source.close();
  }
}

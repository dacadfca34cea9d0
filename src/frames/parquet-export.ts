import { open } from "node:fs/promises";
import { RecordBatchStreamWriter, type Table } from "apache-arrow";
import type { RowSetColumn } from "../execute/row-set.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { toArrowTable } from "./arrow-table.ts";
import { distinctNames } from "./distinct-names.ts";
import { type Conversion, leafConversion, mapLeafTypes } from "./leaf-types.ts";
import { isValid, type Output, outputForm, outputParts } from "./output.ts";
import { writeFileWhole } from "./write-file.ts";

type ParquetLibrary = typeof import("parquet-wasm");
type ArrowBatch = ReturnType<import("parquet-wasm").Table["recordBatches"]>[number];

/** Rows that are handed to the writer as one. */
const ROWS_PER_BATCH = 1 << 17;

/** The fields that a Parquet file holds under another name, because its readers cannot tell `a` from `A`. */
export function parquetWarnings(output: Output): string[] {
  const { columns } = outputForm(output);
  const names = distinctNames(columns.map((column) => column.name));
  return columns.flatMap((column, index) =>
    names[index] === column.name
      ? []
      : [
          `The column "${column.name}" is named "${names[index]}" in the Parquet file, where names differ in more than case.`,
        ],
  );
}

/**
 * Writes the output as a Parquet file with the types of the Arrow table, rows in order, a batch at a time; the file
 * appears whole or not at all. Times in seconds, which Parquet lacks, are written in milliseconds.
 * @returns the absolute path
 * @throws WriteError
 */
export async function writeParquet(output: Output, path: string): Promise<string> {
  const parquet = await import("parquet-wasm");
  return await writeFileWhole(path, async (temporary) => {
    const properties = new parquet.WriterPropertiesBuilder()
      .setCompression(parquet.Compression.SNAPPY)
      .setDictionaryEnabled(false)
      .setCreatedBy("fenl")
      .build();
    const written = await parquet.transformParquetStream(batchStream(parquet, output), properties);
    const file = await open(temporary, "w");
    try {
      for await (const bytes of written as ReadableStream<Uint8Array>) await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  });
}

function batchStream(parquet: ParquetLibrary, output: Output): ReadableStream<ArrowBatch> {
  const names = distinctNames(outputForm(output).columns.map(({ name }) => name));
  const parts = outputParts(output, ROWS_PER_BATCH);
  return new ReadableStream<ArrowBatch>(
    {
      pull(controller) {
        const { value: part, done } = parts.next();
        if (done) {
          controller.close();
          return;
        }
        const columns = part.columns.map((column, index) => forParquet({ ...column, name: names[index]! }));
        const bytes = ipcBytes(toArrowTable({ ...part, columns }));
        const table = parquet.Table.fromIPCStream(bytes);
        for (const batch of table.recordBatches()) controller.enqueue(batch);
        table.free();
      },
      cancel() {
        parts.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** Not `tableToIPC`: it leaves out a batch without rows, and with it the file's columns. */
function ipcBytes(table: Table): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  for (const batch of table.batches) writer.write(batch);
  return writer.finish().toUint8Array(true);
}

/** The column with types that readers of Parquet know. */
function forParquet(column: RowSetColumn): RowSetColumn {
  const type = mapLeafTypes(column.type, parquetLeaf);
  const { values } = column;
  if (column.type.kind === "null") {
    return {
      name: column.name,
      type,
      values: new Int32Array(values.length),
      valid: new Uint8Array(values.length),
      dictionary: [],
    };
  }
  const convert = leafConversion(column.type, leafToParquet);
  if (convert === null) return { ...column, type };
  const { dictionary } = column;
  if (dictionary === undefined) {
    return { ...column, type, values: (values as BigInt64Array).map((value) => convert(value) as bigint) };
  }
  const own = Array.from(values as Int32Array, (code, row) =>
    isValid(column, row) ? convert(dictionary[code]!) : null,
  );
  return { ...column, type, values: Int32Array.from(own.keys()), dictionary: own };
}

function parquetLeaf(type: FenlType): FenlType {
  switch (type.kind) {
    case "timestamp_s":
    case "date64":
      return { kind: "timestamp_ms" };
    case "duration_s":
    case "duration_ms":
    case "duration_us":
    case "duration_ns":
      return { kind: "i64" };
    case "null":
      return { kind: "string" };
    default:
      return type;
  }
}

function leafToParquet({ kind }: FenlType): Conversion | null {
  return kind === "timestamp_s" ? (value) => (value as bigint) * 1000n : null;
}

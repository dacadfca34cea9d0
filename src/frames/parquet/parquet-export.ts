import { type FileHandle, open } from "node:fs/promises";
import type { Output } from "../output.ts";
import { writeFileWhole } from "../write-file.ts";
import { leavesOf } from "./leaf-values.ts";
import { bytesOf, chunkOf, type Pieces } from "./pages.ts";
import { distinctNames, fileSchema } from "./schema.ts";
import { binary, i32, i64, list, struct, type ThriftValue, thriftBytes } from "./thrift.ts";

/** Rows that are read, and can be skipped, as one; with lists and records in them fewer. */
const ROWS_PER_GROUP = 1 << 20;
const NESTED_ROWS_PER_GROUP = 1 << 16;
const MAGIC = Buffer.from("PAR1");

/** The fields that a Parquet file holds under another name, because its readers cannot tell `a` from `A`. */
export function parquetWarnings(output: Output): string[] {
  const names = distinctNames(output.columns.map((column) => column.name));
  return output.columns.flatMap((column, index) =>
    names[index] === column.name
      ? []
      : [
          `The column "${column.name}" is named "${names[index]}" in the Parquet file, where names differ in more than case.`,
        ],
  );
}

/**
 * Writes the output as a Parquet file with the types of the Arrow table, rows in order; the file appears whole or not
 * at all.
 * @returns the absolute path
 * @throws WriteError
 */
export async function writeParquet(output: Output, path: string): Promise<string> {
  return await writeFileWhole(path, async (temporary) => {
    const file = await open(temporary, "w");
    try {
      await writeAll(output, new FileEnd(file));
    } finally {
      await file.close();
    }
  });
}

async function writeAll(output: Output, end: FileEnd): Promise<void> {
  const schema = fileSchema(output.columns);
  const nested = schema.columns.some(({ kind }) => kind !== "leaf");
  const step = nested ? NESTED_ROWS_PER_GROUP : ROWS_PER_GROUP;
  const groups: ThriftValue[] = [];
  await end.append([MAGIC]);
  for (let from = 0; from < output.rows; from += step) {
    const to = Math.min(from + step, output.rows);
    const entries: ThriftValue[] = [];
    const start = end.position;
    for (const [index, column] of output.columns.entries()) {
      const tree = schema.columns[index]!;
      const leaves = tree.kind === "leaf" ? [tree.leaf] : tree.leaves;
      const values = leavesOf(column, tree, schema, from, to);
      for (const [place, leaf] of leaves.entries()) {
        const chunk = chunkOf(schema.leaves[leaf]!, values[place]!);
        entries.push(chunk.entry(end.position));
        for (const page of chunk.pages) await end.append(page);
      }
    }
    groups.push(struct({ 1: list("struct", entries), 2: i64(end.position - start), 3: i64(to - from) }));
  }
  const footer = thriftBytes(
    struct({
      1: i32(1),
      2: list("struct", schema.elements),
      3: i64(output.rows),
      4: list("struct", groups),
      6: binary("fenl"),
    }),
  );
  await end.append([footer, Uint32Array.of(footer.length), MAGIC]);
  await end.finish();
}

/** Bytes that may wait to be written before more are made. */
const MOST_WAITING = 32 << 20;

/** The end of a file that is being written: bytes are made while others are on their way. */
class FileEnd {
  readonly #file: FileHandle;
  readonly #waiting = new Set<Promise<void>>();
  #waitingBytes = 0;
  #failure: unknown = null;
  position = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async append(pieces: Pieces): Promise<void> {
    const bytes = bytesOf(pieces);
    const { position } = this;
    this.position += bytes;
    this.#waitingBytes += bytes;
    const writing: Promise<void> = writeAt(this.#file, pieces, position)
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#waitingBytes -= bytes;
        this.#waiting.delete(writing);
      });
    this.#waiting.add(writing);
    while (this.#waitingBytes > MOST_WAITING) await Promise.race(this.#waiting);
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits until everything is written. */
  async finish(): Promise<void> {
    await Promise.all(this.#waiting);
    if (this.#failure !== null) throw this.#failure;
  }
}

async function writeAt(file: FileHandle, pieces: Pieces, position: number): Promise<void> {
  const { bytesWritten } = await file.writev([...pieces], position);
  // A full disk, or a limit of the system, can take a part only; then each piece by itself.
  let done = bytesWritten;
  let at = position;
  for (const piece of pieces) {
    const skipped = Math.min(done, piece.byteLength);
    done -= skipped;
    let from = skipped;
    while (from < piece.byteLength) {
      const bytes = new Uint8Array(piece.buffer, piece.byteOffset + from, piece.byteLength - from);
      from += (await file.write(bytes, 0, bytes.length, at + from)).bytesWritten;
    }
    at += piece.byteLength;
  }
}

import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { shown, TableError } from "../table-error.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type ByteSource, fileFailure, fileSource } from "./byte-source.ts";
import { download, isRemote } from "./remote-file.ts";

/** The formats that files are read in. */
export type FileFormat = "csv" | "parquet" | "arrow" | "jsonl";

const EXTENSIONS: Readonly<Record<string, FileFormat>> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".parquet": "parquet",
  ".arrow": "arrow",
  ".arrows": "arrow",
  ".feather": "arrow",
  ".ipc": "arrow",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
};

type Compression = "gzip" | "zstd";

const COMPRESSIONS: Readonly<Record<string, Compression>> = { ".gz": "gzip", ".zst": "zstd" };

/** A file that is ready to be read: on a local disk, not compressed. */
export interface InputFile {
  readonly format: FileFormat;
  readonly path: string;
  readonly source: ByteSource;
  /** Closes the file, and removes what was only made to read it. */
  close(): Promise<void>;
}

function formatOf(name: string, label: string): FileFormat {
  const extension = extname(name).toLowerCase();
  const format = Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
  if (format !== undefined) return format;
  const found = extension === "" ? "it has no extension" : `its extension ${shown(extension)} is not known`;
  const message = `the format of ${label} cannot be told: ${found}; expected ${Object.keys(EXTENSIONS).join(", ")} (or one of these with .gz or .zst), or the format by name`;
  throw new TableError("file", message, { file: label });
}

/** Undoes Zstandard as bytes come. */
async function zstdDecoder(): Promise<Transform> {
  const { Decompress } = await import("fzstd");
  let pieces: Uint8Array[] = [];
  const decoder = new Decompress((piece) => pieces.push(piece.slice()));
  const pass = (stream: Transform, bytes: Uint8Array, last: boolean, done: TransformCallback) => {
    try {
      decoder.push(bytes, last);
      for (const piece of pieces) stream.push(piece);
      pieces = [];
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  return new Transform({
    transform(bytes: Uint8Array, _encoding, done) {
      pass(this, bytes, false, done);
    },
    flush(done) {
      pass(this, new Uint8Array(0), true, done);
    },
  });
}

async function decompress(
  from: string,
  label: string,
  kind: Compression,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = join(folder, "decompressed");
  const decoder = kind === "gzip" ? createGunzip() : await zstdDecoder();
  try {
    await pipeline(createReadStream(from), decoder, createWriteStream(path), { signal });
    return path;
  } catch (error) {
    if (signal?.aborted) throw error;
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== undefined && code !== "ENOSPC") throw fileFailure(label, error);
    const reason = code === "ENOSPC" ? "the disk for temporary files is full" : message;
    throw new TableError(
      "format",
      `${label} cannot be decompressed as ${kind}: ${reason}`,
      { file: label },
      { cause: error },
    );
  }
}

/**
 * Makes a file ready to be read: fetched where it is an `http:`, `https:`, `s3:` or `gs:` address, and decompressed where its
 * name ends in `.gz` or `.zst`.
 * @throws TableError
 */
export async function openInput(
  address: string,
  format: FileFormat | undefined,
  signal: AbortSignal | undefined,
): Promise<InputFile> {
  const remote = isRemote(address);
  const name = remote ? decodeURIComponent(new URL(address).pathname) : address;
  const ending = extname(name).toLowerCase();
  const compression = Object.hasOwn(COMPRESSIONS, ending) ? COMPRESSIONS[ending] : undefined;
  const plainName = compression === undefined ? name : name.slice(0, -ending.length);
  const local = remote ? null : await fileSource(address);
  let found: FileFormat;
  try {
    found = format ?? formatOf(plainName, address);
  } catch (error) {
    await local?.close();
    throw error;
  }
  if (local !== null && compression === undefined) {
    return { format: found, path: address, source: local, close: () => local.close() };
  }
  await local?.close();
  const folder = await mkdtemp(join(temporaryFolder(), "fenl-input-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    let path = remote ? await download(address, folder, signal) : address;
    if (compression !== undefined) path = await decompress(path, address, compression, folder, signal);
    const source = { ...(await fileSource(path)), label: address };
    const close = async () => {
      await source.close();
      await remove();
    };
    return { format: found, path, source, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import type { StreamedHash } from "../../values/key-hash.ts";
import { streamedDefaultSubsort } from "../../values/key-hash.ts";
import { TableError } from "../table-error.ts";

/** Bytes that are read from front to back: a file, or a text in memory. */
export interface ByteSource {
  /** What messages call it. */
  readonly label: string;
  readonly size: number;
  /** Reads up to `into.length` bytes at `offset`; 0 at the end. */
  read(into: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

/** Bytes in memory. */
export function memorySource(label: string, bytes: Uint8Array): ByteSource {
  return {
    label,
    size: bytes.length,
    async read(into, offset) {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    async close() {},
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a directory, not a file",
  ELOOP: "its symbolic links go round in circles",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
};

/** Why the system refused a file, in words. */
export function fileFailure(path: string, error: unknown): TableError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ""] ?? message;
  return new TableError("file", `cannot read ${path}: ${reason}`, { file: path }, { cause: error });
}

/** Opens a file for reading. */
export async function fileSource(path: string): Promise<ByteSource> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw fileFailure(path, error);
  }
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    const what = stat.isDirectory() ? "it is a directory, not a file" : "it is not a regular file";
    throw new TableError("file", `cannot read ${path}: ${what}`, { file: path });
  }
  return {
    label: path,
    size: stat.size,
    async read(into, offset) {
      try {
        return (await file.read(into, 0, into.length, offset)).bytesRead;
      } catch (error) {
        throw fileFailure(path, error);
      }
    },
    close: () => file.close(),
  };
}

/** What identifies a file's content. */
export interface ContentDigest {
  /** SHA-256 in hex; empty where it was not asked for. */
  readonly contentHash: string;
  /** The first generated subsort. */
  readonly subsort: bigint;
}

/** Digests a source's bytes as they are read in order. */
export interface ContentDigester {
  update(part: Uint8Array): void;
  digest(): ContentDigest;
}

/**
 * Starts a digest; reads the source's end first, as the subsort's hash begins with it.
 * @param hashed whether the content's hash is wanted, which takes most of the time
 */
export async function contentDigester(source: ByteSource, hashed = true): Promise<ContentDigester> {
  const tail = new Uint8Array(Math.min(16, source.size));
  await source.read(tail, source.size - tail.length);
  const subsort: StreamedHash = streamedDefaultSubsort(source.size, tail);
  const sha = hashed ? createHash("sha256") : null;
  let bytes = 0;
  return {
    update(part) {
      bytes += part.length;
      sha?.update(part);
      subsort.update(part);
    },
    digest() {
      if (bytes !== source.size) {
        throw new TableError("file", `${source.label} changed while it was read; load it again when it is complete`, {
          file: source.label,
        });
      }
      return { contentHash: sha?.digest("hex") ?? "", subsort: subsort.digest() };
    },
  };
}

/** Digests a whole source; see `contentDigester`. */
export async function digestSource(source: ByteSource, hashed = true): Promise<ContentDigest> {
  const digester = await contentDigester(source, hashed);
  const window = new Uint8Array(1 << 20);
  for (let offset = 0; offset < source.size; ) {
    const read = await source.read(window, offset);
    if (read === 0) break;
    digester.update(window.subarray(0, read));
    offset += read;
  }
  return digester.digest();
}

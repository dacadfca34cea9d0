import { randomUUID } from "node:crypto";
import {
  close,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  openSync,
  realpathSync,
  renameSync,
  statSync,
} from "node:fs";
import { open, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { temporaryFolder } from "../tables/temporary-folder.ts";

/** A file that could not be written; the message names it and says why. */
export class WriteError extends Error {
  override readonly name = "WriteError";
  readonly path: string;

  constructor(path: string, reason: string, cause: unknown) {
    super(`Cannot write ${path}: ${reason}.`, { cause });
    this.path = path;
  }
}

function reasonOf(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return `the folder ${dirname(path)} does not exist`;
    case "ENOTDIR":
      return `${dirname(path)} is not a folder`;
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    case "EDQUOT":
      return "the disk quota is used up";
    case "EISDIR":
      return "it is a folder";
    case "ENAMETOOLONG":
      return "the name is too long";
    default:
      return message.replace(/\.$/, "");
  }
}

/** What a failure of the system means for a file that was to be written. */
export function writeFailure(path: string, error: unknown): WriteError {
  return error instanceof WriteError ? error : new WriteError(path, reasonOf(error, path), error);
}

/** Where a file's content really goes: links resolved; pipes and devices cannot be replaced, only written to. */
function target(path: string): { readonly path: string; readonly replaceable: boolean } {
  // Under these, a file may be one that a shell has open for us.
  if (/^\/(proc\/|dev\/(fd\/|std|tty|null))/.test(path)) return { path, replaceable: false };
  try {
    // Each wait for another thread to ask would take ten times as long as asking.
    const real = realpathSync(path);
    const kind = statSync(real);
    if (kind.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    return { path: real, replaceable: kind.isFile() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { path, replaceable: true };
  }
}

async function flushToDisk(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts a file in the place of another, if there is one, whose room on disk is given back without a wait for it. */
function replaceFile(from: string, to: string): void {
  // What is open is there until it is closed.
  const old = openIfThere(to);
  try {
    renameSync(from, to);
  } finally {
    if (old !== null) close(old, () => {});
  }
}

/** A file that cannot be opened is replaced all the same. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

/** How a file is made. */
export interface WholeFile {
  /** Whether its bytes are to be on the disk before it takes its place: what cannot be made again outlives a power cut. */
  readonly durable: boolean;
}

/**
 * Makes a file whole or not at all: `write` fills a temporary file beside it, which then takes its place.
 * @throws WriteError
 */
export async function writeFileWhole(
  path: string,
  write: (temporary: string) => Promise<void>,
  { durable }: WholeFile = { durable: false },
): Promise<string> {
  const absolute = resolve(path);
  let temporary: string | undefined;
  try {
    const place = target(absolute);
    const folder = place.replaceable ? dirname(place.path) : temporaryFolder();
    temporary = join(folder, `.${basename(place.path)}.${randomUUID()}.tmp`);
    closeSync(openSync(temporary, "wx"));
    await write(temporary);
    if (place.replaceable) {
      if (durable) await flushToDisk(temporary);
      replaceFile(temporary, place.path);
    } else {
      await pipeline(createReadStream(temporary), createWriteStream(place.path, { flags: "a" }));
      await rm(temporary, { force: true });
    }
    return absolute;
  } catch (error) {
    // What cannot be removed is swept when the file is written next.
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    throw writeFailure(absolute, error);
  }
}

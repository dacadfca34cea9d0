import { TableError } from "./table-error.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "it is not there",
  ENOTDIR: "a part of its path is not a directory",
  EEXIST: "a file is in its place",
  EMFILE: "too many files are open",
  EIO: "the device failed",
};

/** What a failure of the system means for the store: what was last committed stays as it is. */
export function storeFailure(action: string, path: string, error: unknown): unknown {
  const { code, syscall, message: text } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const reason = REASONS[code] ?? text;
  return new TableError("store", `cannot ${action} ${path}: ${reason}`, { file: path }, { cause: error });
}

import { statSync } from "node:fs";

interface Stamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** Files that this process has written, as they were then. */
const written = new Map<string, Stamp>();

function stampOf(path: string): Stamp | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Remembers a file that this process has just written. */
export function rememberWritten(path: string): void {
  const stamp = stampOf(path);
  if (stamp !== undefined) written.set(path, { size: stamp.size, mtimeMs: stamp.mtimeMs, ino: stamp.ino });
}

/** A file that this process has written has another path from now on. */
export function rememberMoved(from: string, to: string): void {
  const stamp = written.get(from);
  if (stamp === undefined) return;
  written.delete(from);
  written.set(to, stamp);
}

/** A file is no longer there. */
export function forgetWritten(path: string): void {
  written.delete(path);
}

/** Whether a file is as this process has written it, so that reading it only to verify its checksum tells nothing. */
export function isAsWritten(path: string): boolean {
  const then = written.get(path);
  if (then === undefined) return false;
  const now = stampOf(path);
  return now !== undefined && now.size === then.size && now.mtimeMs === then.mtimeMs && now.ino === then.ino;
}

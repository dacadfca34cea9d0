import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * What goes wrong with a disk: at which change of it (from 1), and what: an error of the system, for so many changes, or
 * the end of the process in the middle of the change.
 */
export interface DiskFault {
  readonly change: number;
  readonly what: "ENOSPC" | "EIO" | "EACCES" | "kill";
  readonly times: number;
}

const MESSAGES = {
  ENOSPC: "no space left on device",
  EIO: "i/o error",
  EACCES: "permission denied",
} as const;

type Call = (...args: unknown[]) => unknown;

/**
 * Lets changes of files below a folder go wrong, for this process: Node's own functions are replaced, so that all code
 * above them is as it always is. A write that fails has written a half.
 * @returns what sets the disk right again, and tells how many changes there were
 */
export function failDisk(folder: string, fault: DiskFault): { mend(): number } {
  const open = new Set<number>();
  let changes = 0;
  const isDue = () => {
    changes++;
    return changes >= fault.change && changes < fault.change + fault.times;
  };
  const failure = (syscall: string, path: unknown): Error => {
    if (fault.what === "kill") process.kill(process.pid, "SIGKILL");
    const code = fault.what as keyof typeof MESSAGES;
    const error = new Error(`${code}: ${MESSAGES[code]}, ${syscall} '${path}'`);
    return Object.assign(error, { code, syscall, path, errno: -1 });
  };
  const fail = (syscall: string, path: unknown): never => {
    throw failure(syscall, path);
  };
  const isInside = (path: unknown) => typeof path === "string" && path.startsWith(folder);
  const isWriting = (flags: unknown) => typeof flags === "string" && /[wa+]/.test(flags);
  const sync = fs as unknown as Record<string, Call>;
  const promises = fs.promises as unknown as Record<string, Call>;
  const undo: (() => void)[] = [];
  const replace = (target: Record<string, Call>, name: string, make: (real: Call) => Call) => {
    const real = target[name]!;
    target[name] = make(real);
    undo.push(() => {
      target[name] = real;
    });
  };

  replace(sync, "openSync", (real) => (path, flags, ...rest) => {
    const counted = isInside(path) && isWriting(flags);
    if (counted && isDue()) fail("open", path);
    const file = real(path, flags, ...rest) as number;
    if (isInside(path)) open.add(file);
    return file;
  });
  replace(sync, "closeSync", (real) => (file) => {
    open.delete(file as number);
    return real(file);
  });
  replace(sync, "writeSync", (real) => (file, bytes, offset, length, ...rest) => {
    if (open.has(file as number) && isDue()) {
      real(file, bytes, offset, (length as number) >> 1, ...rest);
      fail("write", file);
    }
    return real(file, bytes, offset, length, ...rest);
  });
  replace(sync, "fsyncSync", (real) => (file) => {
    if (open.has(file as number) && isDue()) fail("fsync", file);
    return real(file);
  });
  for (const name of ["writeFileSync", "appendFileSync"]) {
    replace(sync, name, (real) => (path, content, ...rest) => {
      if (isInside(path) && isDue()) {
        real(path, (content as string).slice(0, (content as string).length >> 1), ...rest);
        fail("write", path);
      }
      return real(path, content, ...rest);
    });
  }
  const changing = { renameSync: "rename", linkSync: "link", mkdirSync: "mkdir", rmSync: "unlink" };
  for (const [name, syscall] of Object.entries(changing)) {
    replace(sync, name, (real) => (path, ...rest) => {
      if (isInside(path) && isDue()) fail(syscall, path);
      return real(path, ...rest);
    });
  }
  for (const name of ["rename", "mkdir", "rm", "writeFile", "open"]) {
    replace(promises, name, (real) => async (path, ...rest) => {
      const counted = isInside(path) && (name !== "open" || isWriting(rest[0]));
      if (counted && isDue()) fail(name, path);
      return await real(path, ...rest);
    });
  }
  // What streams of files use.
  replace(sync, "open", (real) => (path, flags, mode, done) => {
    const counted = isInside(path) && isWriting(flags);
    if (counted && isDue()) return (done as Call)(failure("open", path));
    return real(path, flags, mode, (error: unknown, file: number) => {
      if (counted && error === null) open.add(file);
      (done as Call)(error, file);
    });
  });
  replace(sync, "write", (real) => (file, bytes, offset, length, position, done) => {
    if (!open.has(file as number) || !isDue()) return real(file, bytes, offset, length, position, done);
    return real(file, bytes, offset, (length as number) >> 1, position, () => (done as Call)(failure("write", file)));
  });
  replace(sync, "close", (real) => (file, ...rest) => {
    open.delete(file as number);
    return real(file, ...rest);
  });
  syncBuiltinESMExports();
  return {
    mend() {
      for (const one of undo) one();
      syncBuiltinESMExports();
      return changes;
    },
  };
}

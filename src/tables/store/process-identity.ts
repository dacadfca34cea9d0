import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Which process, so that another one of the same number, or after a restart, is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** The system's boot, where it can be told. */
  readonly boot: string | null;
  /** When the process started, in the system's ticks, where it can be told. */
  readonly start: string | null;
}

function bootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** This process. */
export const thisProcess: ProcessIdentity = {
  pid: process.pid,
  host: hostname(),
  boot: bootId(),
  start: startOf(process.pid),
};

/** Whether a process is alive: false only where that is sure, null where it runs on another host. */
export function isAlive(identity: ProcessIdentity): boolean | null {
  if (identity.host !== thisProcess.host) return null;
  if (identity.boot !== thisProcess.boot) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return identity.start === null || startOf(identity.pid) === identity.start;
}

/** Whether this host has a process of a number, whichever it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

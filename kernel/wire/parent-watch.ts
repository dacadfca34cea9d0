const EVERY_MS = 1000;

/**
 * Calls `orphaned` once when the process that started this kernel has ended. Jupyter sets JPY_PARENT_PID for the
 * kernels that it wants to end with it.
 */
export function watchParent(orphaned: () => void): void {
  const parent = Number(process.env.JPY_PARENT_PID);
  if (!Number.isInteger(parent) || parent <= 1) return;
  const direct = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === direct && isAlive(parent)) return;
    clearInterval(timer);
    orphaned();
  }, EVERY_MS);
  timer.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

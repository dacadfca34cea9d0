import { AsyncLocalStorage } from "node:async_hooks";
import type { CellContext } from "../cell/cell-context.ts";
import { hideTrackingWhenShown } from "./quiet-inspect.ts";

const storage = new AsyncLocalStorage<CellContext>();

hideTrackingWhenShown((make) => storage.run({} as CellContext, make));

/** Runs code as part of a cell: what it starts belongs to the cell as well, timers and promises included. */
export function runInCell<T>(context: CellContext, run: () => T): T {
  return storage.run(context, run);
}

/** The cell that the running code belongs to, even if that cell has long been answered. */
export function currentCell(): CellContext | undefined {
  return storage.getStore();
}

/** Has V8 call nothing of Node's for promises, as far as that is for the tracking of cells. */
export function pauseTracking(): void {
  storage.disable();
}

/** Goes on with tracking: what began before the pause still knows its cell. */
export function resumeTracking(): void {
  storage.run({} as CellContext, () => {});
}

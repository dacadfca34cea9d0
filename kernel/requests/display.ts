import { randomUUID } from "node:crypto";
import type { MimeBundle } from "../cell/cell-context.ts";
import { toMimeBundle } from "../display/mime-bundle.ts";
import { currentOutput } from "./cell-streams.ts";
import type { Kernel } from "./kernel.ts";

/** How `display` shows a value. */
export interface DisplayOptions {
  /** Names the output, so that it can be updated. */
  readonly displayId?: string;
  /** Replaces every output of the same `displayId`. */
  readonly update?: boolean;
  /** The value is already a MIME bundle, such as `{"text/html": "<b>bold</b>"}`. */
  readonly raw?: boolean;
}

/** An output that can be replaced. */
export interface DisplayHandle {
  readonly displayId: string;
  update(value: unknown, options?: { readonly raw?: boolean }): void;
}

/** The global `display`. */
export interface Display {
  (value: unknown, options?: DisplayOptions): DisplayHandle;
  /** Removes the cell's output; with `wait`, only when the next output is there. */
  clear(wait?: boolean): void;
}

/** Gives cells the global function `display(value)`. */
export function installDisplay(kernel: Kernel): void {
  const display = (value: unknown, options: DisplayOptions = {}): DisplayHandle => {
    const displayId = options.displayId ?? randomUUID();
    const show = (shown: unknown, raw: boolean | undefined, update: boolean) =>
      currentOutput(kernel)?.display(raw === true ? bundleOf(shown) : toMimeBundle(shown), { displayId, update });
    show(value, options.raw, options.update === true);
    return { displayId, update: (next, { raw } = {}) => show(next, raw, true) };
  };
  const clear = (wait = false) => currentOutput(kernel)?.clear(wait);
  const value: Display = Object.assign(display, { clear });
  Object.defineProperty(globalThis, "display", { value, writable: true, configurable: true });
}

function bundleOf(value: unknown): MimeBundle {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("display(value, { raw: true }) needs an object of values by MIME type");
  }
  return { "text/plain": "", ...value };
}

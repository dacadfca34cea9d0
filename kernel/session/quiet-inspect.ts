import { setTimeout } from "node:timers";
import { inspect } from "node:util";

/**
 * Node notes on each promise and timer which cell it belongs to, as properties that `inspect` would show. This hides
 * them when one is shown. @param track makes a value that is tracked.
 */
export function hideTrackingWhenShown(track: <T>(make: () => T) => T): void {
  const promise = track(() => Promise.resolve());
  hide(Promise.prototype, Object.getOwnPropertySymbols(promise));
  const timer = track(() => setTimeout(() => {}, 0));
  clearTimeout(timer);
  const store = Object.getOwnPropertySymbols(timer).filter((symbol) => symbol.description === "kResourceStore");
  hide(Object.getPrototypeOf(timer), store);
}

type CustomInspect = (this: object, depth: number, options: object, show: typeof inspect) => unknown;

function hide(prototype: object, symbols: readonly symbol[]): void {
  const own = (prototype as { [inspect.custom]?: CustomInspect })[inspect.custom];
  const value: CustomInspect = function (depth, options, show) {
    for (const symbol of symbols) {
      if (Object.hasOwn(this, symbol)) Object.defineProperty(this, symbol, { enumerable: false });
    }
    if (own !== undefined) return own.call(this, depth, options, show);
    if (!Object.isExtensible(this)) return show(this, { ...options, customInspect: false });
    // Without this method of its own, `inspect` shows the promise as it always does.
    Object.defineProperty(this, inspect.custom, { value: undefined, configurable: true });
    try {
      return show(this, options);
    } finally {
      delete (this as { [inspect.custom]?: unknown })[inspect.custom];
    }
  };
  Object.defineProperty(prototype, inspect.custom, { value, writable: true, configurable: true });
}

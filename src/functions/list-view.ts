import type { HostValue } from "../values/host-value.ts";

/** Shorter lists are copied: that costs less than a view. */
const WORTH_A_VIEW = 64;

/**
 * The values `from` up to `to` of an array to which values are only ever added: long parts without copying them, so
 * that a list that grows by a value a row costs no more than its values.
 */
export function listView(values: readonly HostValue[], from: number, to: number): readonly HostValue[] {
  if (to - from < WORTH_A_VIEW) return values.slice(from, to);
  const length = to - from;
  const place = (name: string | symbol): number => {
    const index = typeof name === "string" && /^\d+$/.test(name) ? Number(name) : -1;
    return index < length ? index : -1;
  };
  return new Proxy(values, {
    get: (target, name, receiver) => {
      if (name === "length") return length;
      const index = place(name);
      if (index >= 0) return target[from + index];
      return typeof name === "string" && /^\d+$/.test(name) ? undefined : Reflect.get(target, name, receiver);
    },
    has: (target, name) => place(name) >= 0 || (!/^\d+$/.test(String(name)) && Reflect.has(target, name)),
  });
}

/** A value without views in it, which can be sent to another thread. */
export function withoutViews(value: HostValue): HostValue {
  return Array.isArray(value) ? Array.from(value as readonly HostValue[], withoutViews) : value;
}

import type { HostValue } from "../values/host-value.ts";

/** Shorter lists are copied: that costs less than a view. */
const WORTH_A_VIEW = 64;

/**
 * The values `from` up to `to` of those that `read` gives and that never change: long parts without copying them, so
 * that a list that grows by a value a row costs no more than its values.
 */
export function listView(read: (index: number) => HostValue, from: number, to: number): readonly HostValue[] {
  const length = to - from;
  if (length < WORTH_A_VIEW) {
    const values: HostValue[] = new Array(length);
    for (let index = 0; index < length; index++) values[index] = read(from + index);
    return values;
  }
  const place = (name: string | symbol): number => {
    const index = typeof name === "string" && /^\d+$/.test(name) ? Number(name) : -1;
    return index < length ? index : -1;
  };
  return new Proxy([], {
    get: (target, name, receiver) => {
      if (name === "length") return length;
      const index = place(name);
      if (index >= 0) return read(from + index);
      return typeof name === "string" && /^\d+$/.test(name) ? undefined : Reflect.get(target, name, receiver);
    },
    has: (target, name) => place(name) >= 0 || (!/^\d+$/.test(String(name)) && Reflect.has(target, name)),
  });
}

/** A value without views in it, which can be sent to another thread. */
export function withoutViews(value: HostValue): HostValue {
  return Array.isArray(value) ? Array.from(value as readonly HostValue[], withoutViews) : value;
}

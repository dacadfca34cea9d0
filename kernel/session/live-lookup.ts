import type { LiveSession } from "./live-session.ts";

/**
 * The value at the end of a path of names, such as `frame.shape`. Getters are not called: looking must not change
 * anything, and must not run the user's code.
 */
export function lookUp(path: readonly string[], session: LiveSession): { readonly value: unknown } | null {
  const [first, ...rest] = path;
  if (first === undefined || first === "") return null;
  let found = session.lookup(first) ?? globalValue(first);
  for (const name of rest) {
    if (found === null) return null;
    found = memberOf(found.value, name);
  }
  return found;
}

/** The names of the members of a value, inherited ones included. */
export function memberNames(value: unknown): string[] {
  const names = new Set<string>();
  for (let holder = holderOf(value); holder !== null; holder = Object.getPrototypeOf(holder)) {
    // What every object has is offered only where it is asked for by its own holder.
    if (holder === Object.prototype && names.size > 0) break;
    for (const name of ownNames(holder)) names.add(name);
  }
  return [...names];
}

const MOST_NAMES = 5000;

function ownNames(holder: object): string[] {
  if (ArrayBuffer.isView(holder)) return [];
  const names = Object.getOwnPropertyNames(holder);
  return names.length > MOST_NAMES ? names.slice(0, MOST_NAMES) : names;
}

function memberOf(value: unknown, name: string): { readonly value: unknown } | null {
  for (let holder = holderOf(value); holder !== null; holder = Object.getPrototypeOf(holder)) {
    const found = ownData(holder, name);
    if (found !== null) return found;
  }
  return null;
}

/** Node's own globals are often getters, and harmless ones. */
function globalValue(name: string): { readonly value: unknown } | null {
  return name in globalThis ? { value: (globalThis as Record<string, unknown>)[name] } : null;
}

function ownData(holder: object, name: string): { readonly value: unknown } | null {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  return descriptor !== undefined && "value" in descriptor ? { value: descriptor.value } : null;
}

function holderOf(value: unknown): object | null {
  if (value === null || value === undefined) return null;
  return Object(value) as object;
}

import { inspect } from "node:util";
import { lookUp } from "../session/live-lookup.ts";
import type { LiveSession } from "../session/live-session.ts";

/** What a dotted name of the session holds, as text; null when there is no such name. */
export function describeName(path: string, session: LiveSession): string | null {
  const found = lookUp(path.split("."), session);
  if (found === null) return null;
  const { value } = found;
  if (typeof value === "function") return describeFunction(path, value);
  return `${path}: ${typeOf(value)}\n\n${inspect(value, { depth: 1, maxArrayLength: 20, maxStringLength: 1000, getters: false })}`;
}

// biome-ignore lint/complexity/noBannedTypes: it is whatever the user's variable holds.
function describeFunction(path: string, value: Function): string {
  const source = Function.prototype.toString.call(value);
  if (/^class\b/.test(source)) return `${path}: class ${value.name}`;
  const native = /\{\s*\[native code\]\s*\}$/.test(source);
  const heading = `${path}: function, ${value.length} required parameter${value.length === 1 ? "" : "s"}`;
  return native ? heading : `${heading}\n\n${source.length > 2000 ? `${source.slice(0, 2000)}…` : source}`;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  const type = typeof name === "string" && name !== "" ? name : "object";
  return Array.isArray(value) ? `${type}, ${value.length} elements` : type;
}

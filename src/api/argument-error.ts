import { editDistance, nearest } from "../text/nearest.ts";

/** A call of the client API with a wrong argument; the message names the call, the argument and what it takes. */
export class ArgumentError extends TypeError {
  override readonly name = "ArgumentError";
}

/** What an option must be: told to people, and checked. */
export interface OptionRule {
  readonly expected: string;
  readonly required?: boolean;
  /** The texts that it can be, where these are few. */
  readonly words?: readonly string[];
  holds(value: unknown): boolean;
}

/** A value as a message shows it: short, on one line. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return `an object (${Object.keys(value).slice(0, 5).join(", ")})`;
  return String(value);
}

export const text: OptionRule = { expected: "a text", holds: (value) => typeof value === "string" };
export const nonEmptyText: OptionRule = {
  expected: "a text that is not empty",
  holds: (value) => typeof value === "string" && value.trim() !== "",
};
export const flag: OptionRule = { expected: "true or false", holds: (value) => typeof value === "boolean" };
export const anything: OptionRule = { expected: "a value", holds: () => true };

/** An option that is one of some texts. */
export function oneOf(...words: readonly string[]): OptionRule {
  const shown = words.map((word) => `"${word}"`);
  return {
    expected: [shown.slice(0, -1).join(", "), shown.at(-1)!].join(" or "),
    words,
    holds: (value) => words.includes(value as string),
  };
}

/** Advice for a text that is nearly one of those allowed. */
function nearestWord(value: unknown, words: readonly string[]): string {
  if (typeof value !== "string") return "";
  const [close] = nearest(value, words, 1);
  return close !== undefined && editDistance(value, close) <= close.length / 2 ? ` Nearest: "${close}".` : "";
}

/** The same rule for an option that must be given. */
export function required(rule: OptionRule): OptionRule {
  return { ...rule, required: true };
}

/**
 * Checks the options of a call: names, presence and types. Options that are undefined or null count as absent.
 * @throws ArgumentError
 */
export function checkOptions(call: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const wanted = Object.keys(rules).slice(0, 3).join(", ");
    throw new ArgumentError(`${call} takes an object with options (${wanted} ...), but got ${shownValue(options)}.`);
  }
  const names = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      const close = nearest(name, names, 3);
      const advice = close.length > 0 ? ` Nearest: ${close.join(", ")}.` : "";
      throw new ArgumentError(`${call} has no option ${shownValue(name)}.${advice}`);
    }
    if (value !== undefined && value !== null && !rule.holds(value)) {
      const advice = nearestWord(value, rule.words ?? []);
      throw new ArgumentError(`${call}: ${name} must be ${rule.expected}, but is ${shownValue(value)}.${advice}`);
    }
  }
  for (const name of names) {
    if (rules[name]!.required && ((options as Record<string, unknown>)[name] ?? undefined) === undefined) {
      throw new ArgumentError(`${call}: ${name} is missing; it must be ${rules[name]!.expected}.`);
    }
  }
}

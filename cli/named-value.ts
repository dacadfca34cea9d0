import { InvalidArgumentError } from "commander";
import type { ParameterValue } from "../src/api/parameters.ts";

/** Splits `name=value`. @throws InvalidArgumentError for another form, and for a name that was there before. */
export function splitNamedValue(text: string, before: ReadonlyMap<string, unknown>): [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("It must be written name=value.");
  if (before.has(name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return [name, value];
}

/** A word that reads as a number, a truth value or null is one; in quotes it is a text, as is everything else. */
export function readScalar(text: string): ParameterValue {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^-?\d+\.\d+$/.test(text)) return Number(text);
  const words: ReadonlyMap<string, ParameterValue> = new Map([
    ["true", true],
    ["false", false],
    ["null", null],
  ]);
  return words.has(text) ? words.get(text)! : text.replace(/^(["'])([\s\S]*)\1$/, "$2");
}

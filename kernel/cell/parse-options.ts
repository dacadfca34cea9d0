import { nearest } from "../../src/text/nearest.ts";
import type { Magic, MagicOption } from "./magic.ts";
import { splitArgument } from "./split-argument.ts";
import { usageError } from "./usage-error.ts";

/** What a magic's line says: values by option name (`true` for a bare option), and the words that are no options. */
export interface ParsedOptions {
  readonly values: ReadonlyMap<string, string | true>;
  /** The values of options that may be repeated, in order. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
}

/**
 * Reads `--name VALUE`, `--name=VALUE`, `-n VALUE` and bare options of a magic. Names ignore case and take `_` for `-`.
 * @throws CellError (UsageError) for an unknown option, one given twice, or a value that is missing or not allowed.
 */
export function parseOptions(argument: string, magic: Magic): ParsedOptions {
  const values = new Map<string, string | true>();
  const lists = new Map<string, string[]>();
  const words: string[] = [];
  const pending = splitArgument(argument);
  while (pending.length > 0) {
    const word = pending.shift()!;
    if (word === "--") {
      words.push(...pending);
      break;
    }
    if (!/^--?[a-z]/i.test(word)) {
      words.push(word);
      continue;
    }
    const [name, attached] = cutAtEquals(word);
    const option = findOption(magic, name);
    const value = () => readValue(magic, option, attached, pending);
    if (option.repeatable) {
      lists.set(option.name, [...(lists.get(option.name) ?? []), String(value())]);
      continue;
    }
    if (values.has(option.name)) throw usageError(`--${option.name} is given twice`, `Usage: ${magic.usage}`);
    values.set(option.name, value());
  }
  return { values, lists, words };
}

/** True where the text is one of the words for yes; anything but the words for yes and no is a usage error. */
export function booleanOption(value: string | true | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  return value === true || TRUE_WORDS.includes(value.toLowerCase());
}

/** The words for yes and no that options with a truth value take. */
export const BOOLEAN_WORDS: readonly string[] = ["true", "false", "yes", "no", "on", "off", "1", "0"];
const TRUE_WORDS = ["true", "yes", "on", "1"];

function cutAtEquals(word: string): [name: string, attached: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function findOption(magic: Magic, written: string): MagicOption {
  const options = magic.options ?? [];
  const name = written.replace(/^--?/, "").toLowerCase().replaceAll("_", "-");
  const found = written.startsWith("--")
    ? options.find((option) => option.name === name)
    : options.find((option) => option.letter === written.slice(1));
  if (found !== undefined) return found;
  const matches = nearest(
    name,
    options.map((option) => option.name),
    3,
  );
  throw usageError(
    `${magicName(magic)} has no option ${written}`,
    ...(matches.length > 0 ? [`Nearest options: ${matches.map((match) => `--${match}`).join(", ")}`] : []),
    `Usage: ${magic.usage}`,
    ...(options.length > 1 ? [`Options: ${options.map(optionUsage).join(", ")}`] : []),
  );
}

function optionUsage({ name, value }: MagicOption): string {
  return `--${name}${value === undefined ? "" : ` ${value}`}`;
}

function readValue(magic: Magic, option: MagicOption, attached: string | undefined, pending: string[]): string | true {
  if (option.value === undefined) {
    if (attached !== undefined) throw usageError(`--${option.name} takes no value, but got '${attached}'`);
    return true;
  }
  const isBoolean = option.words === BOOLEAN_WORDS;
  if (attached === undefined && isBoolean && !BOOLEAN_WORDS.includes(pending[0]?.toLowerCase() ?? "")) return true;
  const value = attached ?? (pending[0]?.startsWith("--") ? undefined : pending.shift());
  if (value === undefined || value === "") {
    throw usageError(`--${option.name} needs a value: --${option.name} ${option.value}`, `Usage: ${magic.usage}`);
  }
  if (option.words === undefined) return value;
  const word = option.words.find((allowed) => allowed === value.toLowerCase().replaceAll("_", "-"));
  if (word === undefined) {
    const allowed = isBoolean ? "true or false" : option.words.join(" or ");
    throw usageError(`--${option.name} must be ${allowed}, but is '${value}'`);
  }
  return word;
}

function magicName(magic: Magic): string {
  return `${magic.forms.includes("cell") ? "%%" : "%"}${magic.name}`;
}

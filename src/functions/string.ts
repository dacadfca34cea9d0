import type { HostValue } from "../values/host-value.ts";
import type { Evaluation, FunctionRecord, HostEvaluation } from "./define.ts";
import { defineFunction } from "./define.ts";

const NULLS = "Null when an argument is null.";
/** A cell without text is an empty string, not null; the queries below make it null. */
const TEXTS = "time,key,s\n2021-01-01T00:00:00,A,Hello World\n2021-01-02T00:00:00,A,hi\n2021-01-03T00:00:00,A,\n";
const TEXT = 'let s = Input.s | if(Input.s != "") in ';

/** Functions of strings. */
export const stringFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "len",
    signature: "len(s: string) -> i32",
    family: "string",
    summary: "The length of a string in bytes of UTF-8.",
    parameters: { s: "A string." },
    nulls: "Null when the string is null; 0 when it is empty.",
    examples: [
      example("{ len: len(s), accent: len('é'), empty: len(Input.s) }", "len,accent,empty", [
        "11,2,11",
        "2,2,2",
        ",2,0",
      ]),
    ],
    evaluation: strict((s) => Buffer.byteLength(s)),
  }),
  defineFunction({
    name: "lower",
    signature: "lower(s: string) -> string",
    family: "string",
    summary: "The string in lower case, by the rules of Unicode.",
    parameters: { s: "A string." },
    nulls: NULLS,
    examples: [example("{ lower: lower(s) }", "lower", ["hello world", "hi", ""])],
    evaluation: strict((s) => s.toLowerCase()),
  }),
  defineFunction({
    name: "upper",
    signature: "upper(s: string) -> string",
    family: "string",
    summary: "The string in upper case, by the rules of Unicode.",
    parameters: { s: "A string." },
    nulls: NULLS,
    examples: [example("{ upper: upper(s) }", "upper", ["HELLO WORLD", "HI", ""])],
    evaluation: strict((s) => s.toUpperCase()),
  }),
  defineFunction({
    name: "substring",
    signature: "substring(s: string, start: i64 = null, end: i64 = null) -> string",
    family: "string",
    summary: "The characters from `start` up to, but not including, `end`; negative places count from the end.",
    parameters: {
      s: "A string.",
      start: "The first character, from zero; null for the beginning.",
      end: "The character after the last one; null for the end.",
    },
    nulls: "Null when the string is null; empty when no character lies between the places.",
    examples: [
      example(
        "{ head: substring(s, end=2), tail: substring(s, start=-3), inner: substring(s, start=3, end=-3) }",
        "head,tail,inner",
        ["He,rld,lo Wo", "hi,,", ",,"],
      ),
    ],
    evaluation: {
      kind: "host",
      nulls: "free",
      call: ([s, start, end]) => (s === null ? null : substring(s as string, start!, end!)),
    } satisfies HostEvaluation,
  }),
  defineFunction({
    name: "concat",
    signature: "concat(values+: string) -> string",
    family: "string",
    summary: "Strings one after the other, as one string.",
    parameters: { values: "One or more strings; cast numbers with `as string`." },
    nulls: NULLS,
    examples: [
      example("{ greeting: concat(s, ', ', Input.key), one: concat('<', s, '>') }", "greeting,one", [
        '"Hello World, A",<Hello World>',
        '"hi, A",<hi>',
        ",",
      ]),
    ],
    evaluation: {
      kind: "host",
      nulls: "strict",
      call: (values) => values.join(""),
      joins: true,
    } satisfies HostEvaluation,
  }),
  defineFunction({
    name: "contains",
    signature: "contains(s: string, part: string) -> bool",
    family: "string",
    piped: "s",
    summary: "True where a string has a part somewhere.",
    parameters: { s: "The string to look into.", part: "The text to look for; an empty one is everywhere." },
    nulls: NULLS,
    examples: [
      example("{ o: contains(s, 'o'), piped: s | contains('h') }", "o,piped", ["true,false", "false,true", ","]),
    ],
    evaluation: strict((s, part) => s.includes(part)),
  }),
  defineFunction({
    name: "starts_with",
    signature: "starts_with(s: string, part: string) -> bool",
    family: "string",
    piped: "s",
    summary: "True where a string begins with a part.",
    parameters: { s: "The string to look into.", part: "The text to look for." },
    nulls: NULLS,
    examples: [example("{ h: s | starts_with('h') }", "h", ["false", "true", ""])],
    evaluation: strict((s, part) => s.startsWith(part)),
  }),
  defineFunction({
    name: "ends_with",
    signature: "ends_with(s: string, part: string) -> bool",
    family: "string",
    piped: "s",
    summary: "True where a string ends with a part.",
    parameters: { s: "The string to look into.", part: "The text to look for." },
    nulls: NULLS,
    examples: [example("{ d: s | ends_with('d') }", "d", ["true", "false", ""])],
    evaluation: strict((s, part) => s.endsWith(part)),
  }),
  defineFunction({
    name: "trim",
    signature: "trim(s: string) -> string",
    family: "string",
    summary: "The string without white space at its ends.",
    parameters: { s: "A string." },
    nulls: NULLS,
    examples: [example("{ trimmed: trim(concat('  ', s, ' ')) }", "trimmed", ["Hello World", "hi", ""])],
    evaluation: strict((s) => s.trim()),
  }),
  defineFunction({
    name: "split",
    signature: "split(s: string, separator: string) -> list<string>",
    family: "string",
    piped: "s",
    summary: "The parts of a string between separators, as a list; an empty separator gives its characters.",
    parameters: { s: "A string.", separator: "The text between the parts." },
    nulls: `${NULLS} Without a separator in it, a string is the only part.`,
    examples: [
      example("let parts = s | split(' ') in { parts: list_len(parts), second: parts | index(1) }", "parts,second", [
        "2,World",
        "1,",
        ",",
      ]),
    ],
    evaluation: strict((s, separator) => (separator === "" ? [...s] : s.split(separator))),
  }),
  defineFunction({
    name: "replace",
    signature: "replace(s: string, old: string, new: string) -> string",
    family: "string",
    piped: "s",
    summary: "The string with every occurrence of a text replaced by another.",
    parameters: {
      s: "A string.",
      old: "The text to replace; an empty one replaces nothing.",
      new: "What stands in its place.",
    },
    nulls: NULLS,
    examples: [
      example("{ dashed: replace(s, ' ', '-'), piped: s | replace('h', 'H') }", "dashed,piped", [
        "Hello-World,Hello World",
        "hi,Hi",
        ",",
      ]),
    ],
    evaluation: strict((s, old, replacement) => (old === "" ? s : s.replaceAll(old, () => replacement!))),
  }),
  defineFunction({
    name: "regexp_matches",
    signature: "regexp_matches(s: string, const pattern: string) -> bool",
    family: "string",
    piped: "s",
    summary: "True where a regular expression matches somewhere in a string; `^` and `$` tie it to the ends.",
    parameters: { s: "The string to look into.", pattern: "A regular expression as in JavaScript, with the flag `u`." },
    nulls: NULLS,
    constantRules: { pattern: patternRule },
    examples: [example("{ words: s | regexp_matches('^[A-Z][a-z]+ ') }", "words", ["true", "false", ""])],
    evaluation: strict((s, pattern) => regularExpression(pattern).test(s)),
  }),
];

function example(
  query: string,
  header: string,
  rows: readonly [string, string, string],
): FunctionRecord["examples"][0] {
  const lines = rows.map((row, index) => `2021-01-0${index + 1}T00:00:00,A,${row}\n`);
  return { tables: { Input: TEXTS }, query: TEXT + query, result: `_time,_key,${header}\n${lines.join("")}` };
}

function strict(call: (s: string, second: string, third?: string) => HostValue): Evaluation {
  return {
    kind: "host",
    nulls: "strict",
    call: ([s, second, third]) => call(s as string, second as string, third as string),
  };
}

/** Characters outside the basic plane, which are two units of UTF-16. */
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/;

function substring(text: string, start: HostValue, end: HostValue): string {
  const characters = PAIRS.test(text) ? [...text] : null;
  const length = characters?.length ?? text.length;
  const from = start === null ? 0 : placeIn(length, start);
  const to = end === null ? length : placeIn(length, end);
  if (from < 0 || to <= from) return "";
  return characters === null ? text.slice(from, to) : characters.slice(from, to).join("");
}

/** A place counted from the end if it is negative. */
function placeIn(length: number, place: HostValue): number {
  const number = Number(place as bigint);
  return number < 0 ? length + number : number;
}

function patternRule(value: HostValue): string | null {
  if (value === null) return null;
  if (typeof value !== "string") return "must be a string";
  try {
    regularExpression(value);
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `must be a regular expression (${error.message.replace(/^Invalid regular expression: /, "")})`;
  }
}

let compiled = { pattern: "", expression: /(?:)/u };

function regularExpression(pattern: string): RegExp {
  if (compiled.pattern !== pattern) compiled = { pattern, expression: new RegExp(pattern, "u") };
  return compiled.expression;
}

import type { FunctionRecord } from "./define.ts";
import { defineFunction } from "./define.ts";

/** Reading JSON out of strings. */
export const jsonFunctions: readonly FunctionRecord[] = [
  defineFunction({
    name: "json",
    signature: "json(s: string) -> json",
    family: "json",
    experimental: true,
    summary: "Reads a string as a JSON object, whose members are then its fields, as strings.",
    parameters: { s: "A JSON object as text." },
    nulls: "A field is null when the text is null or malformed, the member is absent or its value is null.",
    examples: [
      {
        title: "Strings come without quotes, everything else as its JSON text; cast it to count with it",
        tables: {
          Input:
            'time,key,s\n2021-01-01T00:00:00,A,"{""a"": 10, ""b"": ""dog""}"\n2021-01-02T00:00:00,A,"{""a"": 4}"\n2021-01-03T00:00:00,A,{a: 1}\n',
        },
        query: "let document = json(Input.s) in { a: document.a, b: document.b, next: (document.a as i64) + 1 }",
        result:
          "_time,_key,a,b,next\n2021-01-01T00:00:00,A,10,dog,11\n2021-01-02T00:00:00,A,4,,5\n2021-01-03T00:00:00,A,,,\n",
      },
    ],
    evaluation: { kind: "special", role: "json" },
  }),
];

/**
 * The member of a JSON object as text: a string without quotes, anything else as written, without the white space
 * between tokens. Null where the text is no JSON object, and where the member is absent or null.
 */
export function jsonMember(text: string, name: string): string | null {
  const members = objectMembers(text);
  const value = members?.get(name);
  if (value === undefined || value === "null") return null;
  return value.startsWith('"') ? (JSON.parse(value) as string) : withoutBlanks(value);
}

/** The source texts of an object's values by key; a later member replaces an earlier one of the same name. */
function objectMembers(text: string): ReadonlyMap<string, string> | null {
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  let position = skipBlanks(text, 0);
  if (text[position] !== "{") return null;
  const members = new Map<string, string>();
  position = skipBlanks(text, position + 1);
  while (text[position] !== "}") {
    const keyEnd = stringEnd(text, position);
    const valueStart = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
    const end = valueEnd(text, valueStart);
    members.set(JSON.parse(text.slice(position, keyEnd)) as string, text.slice(valueStart, end));
    position = skipBlanks(text, end);
    if (text[position] === ",") position = skipBlanks(text, position + 1);
  }
  return members;
}

function skipBlanks(text: string, position: number): number {
  let end = position;
  while (" \t\n\r".includes(text[end] ?? "x")) end++;
  return end;
}

function stringEnd(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end + 1;
}

function valueEnd(text: string, start: number): number {
  let depth = 0;
  let position = start;
  for (;;) {
    const character = text[position]!;
    if (character === '"') {
      position = stringEnd(text, position);
      if (depth === 0) return position;
      continue;
    }
    if (depth === 0 && (character === "," || character === "}" || " \t\n\r".includes(character))) return position;
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") depth--;
    position++;
    if (depth === 0 && (character === "}" || character === "]")) return position;
  }
}

function withoutBlanks(value: string): string {
  return value.replace(/("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g, "$1");
}

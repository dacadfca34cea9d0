import type { FunctionRecord } from "../functions/define.ts";

/** A help text in both forms in which front ends show it. */
export interface HelpText {
  readonly plain: string;
  readonly markdown: string;
}

/** A part of a help text: Fenl or CSV, a sentence, or a list of named things. */
export type HelpPart =
  | { readonly kind: "code"; readonly language: "fenl" | "text"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly HelpItem[] };

interface HelpItem {
  readonly name: string;
  readonly text: string;
  /** What the cursor is at. */
  readonly current: boolean;
}

/** Sets a help text in both of its forms. */
export function helpText(parts: readonly HelpPart[]): HelpText {
  return { plain: parts.map(plainPart).join("\n\n"), markdown: parts.map(markdownPart).join("\n\n") };
}

function plainPart(part: HelpPart): string {
  if (part.kind !== "list") return part.text;
  const width = Math.max(...part.items.map(({ name }) => name.length));
  return part.items
    .map(({ name, text, current }) => `${current ? "> " : "  "}${name.padEnd(width)}  ${text}`)
    .join("\n");
}

function markdownPart(part: HelpPart): string {
  switch (part.kind) {
    case "code": {
      const fence = "`".repeat(Math.max(3, ...[...part.text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
      return `${fence}${part.language}\n${part.text}\n${fence}`;
    }
    case "text":
      return part.text;
    case "list":
      return part.items
        .map(({ name, text, current }) => `- ${current ? `**\`${name}\`**` : `\`${name}\``}: ${text}`)
        .join("\n");
  }
}

/** What a function is: its signature, what it does, its parameters (the `current` one marked), nulls and an example. */
export function functionHelp(record: FunctionRecord, current: string | null = null): HelpText {
  const parameters = Object.entries(record.parameters);
  const [example] = record.examples;
  const operator = record.operator === undefined ? "" : ` Written \`${record.operator}\`.`;
  return helpText([
    { kind: "code", language: "fenl", text: record.signature },
    { kind: "text", text: record.summary + operator },
    ...(parameters.length === 0 ? [] : [listOf(parameters, current)]),
    { kind: "text", text: `Nulls: ${record.nulls}` },
    ...(example === undefined ? [] : exampleParts(example)),
  ]);
}

function listOf(parameters: readonly (readonly [string, string])[], current: string | null): HelpPart {
  return { kind: "list", items: parameters.map(([name, text]) => ({ name, text, current: name === current })) };
}

function exampleParts({ title, query, result }: FunctionRecord["examples"][number]): HelpPart[] {
  return [
    { kind: "text", text: title === undefined ? "Example:" : `Example: ${title}` },
    { kind: "code", language: "fenl", text: query },
    { kind: "code", language: "text", text: result.trimEnd() },
  ];
}

import { explainFenl } from "./explain-fenl.ts";
import type { TableSnapshot } from "./tables/table-snapshot.ts";
import type { CodeExample, CodeKind, CodePage, ExampleQuery } from "./text/code-pages/define.ts";
import { CODE_PAGES } from "./text/code-pages/pages.ts";
import type { Diagnostic, SourceTexts } from "./text/diagnostic.ts";
import { renderText } from "./text/render-text.ts";
import { type FenlType, typeName } from "./values/fenl-type.ts";

const WIDTH = 100;

/** The tables that the pages' examples ask, without rows. */
export const EXAMPLE_TABLES: readonly TableSnapshot[] = [
  exampleTable("Purchase", "customer", { product: "string", amount: "f64", quantity: "i64" }),
  exampleTable("Login", "customer", { seconds: "f64" }),
  exampleTable("Review", "product", { stars: "i64" }),
];

function exampleTable(name: string, key: string, columns: Record<string, "string" | "f64" | "i64">): TableSnapshot {
  const own = Object.entries(columns).map(([column, kind]) => ({ name: column, type: { kind } as FenlType }));
  const keyType: FenlType = { kind: "string" };
  return {
    name,
    grouping: key,
    timeColumn: "time",
    keyColumn: key,
    keyType,
    columns: [{ name: "time", type: { kind: "timestamp_ns" } }, { name: key, type: keyType }, ...own],
    files: [],
  };
}

/** The example tables as a line of text each. */
export function exampleTableLines(): string[] {
  return EXAMPLE_TABLES.map(({ name, grouping, columns }) => {
    const list = columns.map((column) => `${column.name}: ${typeName(column.type)}`).join(", ");
    return `${name}, per ${grouping}: { ${list} }`;
  });
}

/** What is found out about an example's query. */
export function diagnoseExample({ query, views = [] }: ExampleQuery): {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: SourceTexts;
} {
  return explainFenl(query, { tables: EXAMPLE_TABLES, views }, "plan");
}

/** The diagnostics of an example's wrong query, as people see them. */
export function exampleText(example: CodeExample): string {
  const { diagnostics, sources } = diagnoseExample(example.wrong);
  return diagnostics.map((diagnostic) => renderText(diagnostic, sources).trimEnd()).join("\n\n");
}

/** An example's query, after the views that it is asked with. */
export function exampleQueryText({ query, views = [] }: ExampleQuery): string {
  return [...views.map(({ name, expression }) => `# view ${name}: ${expression}`), query].join("\n");
}

/** The page of a code as text for a terminal; null for a code that does not exist. Upper and lower case are one. */
export function explainCode(code: string): string | null {
  const found = CODE_PAGES.find((page) => page.code === code.toUpperCase());
  if (found === undefined) return null;
  const blocks = found.kinds.flatMap((kind) => kindBlocks(found, kind));
  if (found.kinds.some(({ examples }) => examples.length > 0)) {
    blocks.push(`Tables of the examples:\n${indented(exampleTableLines().join("\n"))}`);
  }
  return `${blocks.join("\n\n")}\n`;
}

function kindBlocks({ code }: CodePage, kind: CodeKind): string[] {
  return [
    `${kind.severity}[${code}]: ${kind.title}`,
    ...[kind.meaning, kind.why, kind.remedy].map(wrapped),
    ...kind.examples.flatMap((example) => [
      `Wrong:\n${indented(exampleQueryText(example.wrong))}`,
      indented(exampleText(example)),
      `Right:\n${indented(exampleQueryText(example.right))}`,
    ]),
  ];
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "    ");
}

function wrapped(paragraph: string): string {
  const lines = [""];
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}

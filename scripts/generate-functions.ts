import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { allFunctions, signatureOf } from "../src/functions/catalog.ts";
import type { Example, Family, FunctionRecord } from "../src/functions/define.ts";

const FAMILIES: Readonly<Record<Family, { readonly title: string; readonly about: string }>> = {
  aggregation: {
    title: "Aggregations",
    about:
      "They take each entity's new, non-null values up to and including the row, and their results stay until the next one. The argument `window` limits which values count.",
  },
  window: {
    title: "Windows and ticks",
    about: "What the argument `window` of an aggregation can be, and the calendar.",
  },
  time: { title: "Time", about: "All times are UTC, in nanoseconds." },
  math: { title: "Mathematics", about: "Arguments of different number types get their common type first." },
  comparison: { title: "Comparison", about: "Arguments of different types get their common type first." },
  logical: { title: "Logic", about: "A null condition is neither true nor false." },
  string: { title: "Strings", about: "Strings are UTF-8." },
  collection: {
    title: "Collections",
    about: "Lists come from `collect` and `split` or, like maps, from Parquet files.",
  },
  record: { title: "Records", about: "Records are also made by `{ a: 1 }`, and taken apart by `record.a`." },
  grouping: { title: "Groupings", about: "From one kind of entity to another." },
  json: { title: "JSON in strings", about: "Members of JSON objects that strings hold." },
  general: { title: "General", about: "For values of every type." },
};

/** The function reference as Markdown: everything in it comes from the catalog. */
export function functionsPage(): string {
  const records = allFunctions();
  const families = Object.keys(FAMILIES) as Family[];
  const index = families.map((family) => {
    const names = inFamily(records, family).map(({ name }) => `[\`${name}\`](#${name})`);
    return `- [${FAMILIES[family].title}](#${anchor(FAMILIES[family].title)}): ${names.join(", ")}`;
  });
  return [
    "# Functions",
    "<!-- Made by `node --import tsx scripts/generate-functions.ts` from the records in src/functions. -->",
    `The ${records.length} functions of Fenl. Parameters with a default are given by name: \`clamp(x, max=10)\`. In a pipe, \`x | f(a)\`, the value on the left takes the first required parameter that has no argument yet, or the one that the function says.`,
    "Examples show tables as they are read from CSV text: an empty cell is null, except in columns of strings, where it is an empty string. Times are shown without a fraction of zero.",
    index.join("\n"),
    ...families.flatMap((family) => [
      `## ${FAMILIES[family].title}`,
      FAMILIES[family].about,
      ...inFamily(records, family).map(functionSection),
    ]),
    "",
  ].join("\n\n");
}

function inFamily(records: readonly FunctionRecord[], family: Family): readonly FunctionRecord[] {
  return records.filter((record) => record.family === family);
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

function functionSection(record: FunctionRecord): string {
  const parameters = signatureOf(record).parameters.map(({ name }) => `- \`${name}\`: ${record.parameters[name]}`);
  return [
    `### ${record.name}`,
    `\`\`\`\n${record.signature}\n\`\`\``,
    [record.summary, ...remarks(record)].join(" "),
    ...(parameters.length > 0 ? [parameters.join("\n")] : []),
    `Nulls: ${record.nulls}`,
    ...record.examples.map(exampleSection),
  ].join("\n\n");
}

function remarks(record: FunctionRecord): string[] {
  const operators = record.operator?.split(", ").map((operator) => `\`${operator}\``);
  return [
    ...(operators ? [`Written as ${operators.join(" or ")}.`] : []),
    ...(record.piped ? [`In a pipe, the value on the left is \`${record.piped}\`.`] : []),
    ...(record.experimental ? ["Experimental."] : []),
  ];
}

function exampleSection(example: Example): string {
  return [
    ...(example.title ? [`${example.title}:`] : []),
    `\`\`\`fenl\n${example.query}\n\`\`\``,
    ...Object.entries(example.tables).map(([name, csv]) => `${tableTitle(example, name)}\n\n${markdownTable(csv)}`),
    `gives\n\n${markdownTable(example.result)}`,
  ].join("\n\n");
}

function tableTitle(example: Example, name: string): string {
  const grouping = example.groupings?.[name];
  return `\`${name}\`${grouping ? `, of the grouping \`${grouping}\`` : ""}`;
}

function markdownTable(csv: string): string {
  const rows: string[][] = parse(csv);
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const [header = [], ...body] = rows;
  return [line(header), line(header.map(() => "---")), ...body.map(line)].join("\n");
}

/** Where the committed page is. */
export const PAGE = fileURLToPath(new URL("../docs/functions.md", import.meta.url));

/** The committed page. */
export function committedPage(): string {
  return readFileSync(PAGE, "utf8");
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, functionsPage());

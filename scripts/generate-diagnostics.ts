import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { exampleQueryText, exampleTableLines, exampleText } from "../src/explain-code.ts";
import type { CodeExample, CodeKind, CodePage } from "../src/text/code-pages/define.ts";
import { CODE_PAGES } from "../src/text/code-pages/pages.ts";

/** The reference of diagnostic codes as Markdown: the pages that `fenl explain` prints. */
export function diagnosticsPage(): string {
  const index = CODE_PAGES.map(({ code, kinds }) => {
    const titles = kinds.map(({ title, severity }) => `${title} (${severity})`);
    return `- [${code}](#${code.toLowerCase()}): ${titles.join("; ")}`;
  });
  return [
    "# Diagnostics",
    "<!-- Made by `node --import tsx scripts/generate-diagnostics.ts` from the records in src/text/code-pages. -->",
    "What the codes in brackets mean: `error[E0006]: Unbound reference`. `fenl explain E0006` prints one of these pages. An error keeps a query from running; a warning stands beside its answer. One text can have several diagnostics, each with the places it speaks of: `^` marks where the problem is, `-` what it has to do with.",
    index.join("\n"),
    "The examples ask these tables:",
    fenced(exampleTableLines().join("\n")),
    ...CODE_PAGES.flatMap(section),
    "",
  ].join("\n\n");
}

function section(page: CodePage): string[] {
  const several = page.kinds.length > 1;
  return [`## ${page.code}`, ...page.kinds.flatMap((kind) => kindSection(kind, several))];
}

function kindSection(kind: CodeKind, several: boolean): string[] {
  return [
    ...(several ? [`### ${kind.title} (${kind.severity})`] : [`**${kind.title}** (${kind.severity}).`]),
    ...[kind.meaning, kind.why, kind.remedy],
    ...kind.examples.flatMap(exampleSection),
  ];
}

function exampleSection(example: CodeExample): string[] {
  return [
    `Wrong:\n\n${fenced(exampleQueryText(example.wrong), "fenl")}`,
    fenced(exampleText(example)),
    `Right:\n\n${fenced(exampleQueryText(example.right), "fenl")}`,
  ];
}

function fenced(text: string, language = ""): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** Where the committed page is. */
export const PAGE = fileURLToPath(new URL("../docs/diagnostics.md", import.meta.url));

/** The committed page. */
export function committedPage(): string {
  return readFileSync(PAGE, "utf8");
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, diagnosticsPage());

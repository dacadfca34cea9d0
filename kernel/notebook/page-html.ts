import { createHash } from "node:crypto";
import { escapeHtml } from "../display/escape-html.ts";
import { codeHtml } from "./code-html.ts";
import { type Attachments, markdownHtml } from "./markdown-html.ts";
import { type Notebook, type NotebookCell, sourceOf } from "./notebook-file.ts";
import { outputHtml, THEME } from "./output-html.ts";

const STYLE = `${THEME}
main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 64px; }
section { margin: 0 0 14px; }
.code { display: grid; grid-template-columns: 52px minmax(0, 1fr); }
.prompt { color: var(--jp-ui-font-color2); font-size: 12px; padding: 9px 8px 0 0; text-align: right; }
.source { padding: 8px 12px; background: var(--jp-layout-color2); border: 1px solid var(--jp-border-color3); border-radius: 4px; overflow-x: auto; }
.outputs { grid-column: 2; padding: 6px 0 0 12px; }
.outputs > * { margin: 0 0 6px; }
.output { overflow: auto; max-height: 600px; white-space: pre-wrap; overflow-wrap: anywhere; }
.output.result { white-space: pre; }
.stderr { background: var(--stderr-background); padding: 6px 8px; }
.error { background: var(--error-background); padding: 6px 8px; }
iframe { display: block; width: 100%; height: 320px; border: 0; resize: vertical; background: transparent; }
img { max-width: 100%; height: auto; }
.markdown { padding: 0 0 0 52px; }
.outputs .markdown { padding: 0; }
.markdown > :first-child { margin-top: 0.4em; }
.markdown pre { padding: 8px 12px; background: var(--jp-layout-color2); overflow-x: auto; }
.markdown :not(pre) > code, kbd { padding: 1px 4px; background: var(--jp-layout-color2); border-radius: 3px; }
.markdown table { border-collapse: collapse; }
.markdown th, .markdown td { padding: 4px 10px; border: 1px solid var(--jp-border-color2); text-align: left; }
a { color: var(--jp-brand-color1); }
.code-keyword, .code-magic { color: var(--ansi-magenta); }
.code-keyword { font-weight: 600; }
.code-string { color: var(--ansi-red); }
.code-number, .code-parameter { color: var(--ansi-green); }
.code-comment { color: var(--jp-ui-font-color2); font-style: italic; }
.code-function, .code-property { color: var(--ansi-blue); }
.code-argument { color: var(--ansi-cyan); }
@media print { .output { max-height: none; } iframe { break-inside: avoid; } }`;

/** Gives each frame the height of what is in it, again when it changes: a tab may open a longer page. */
const SCRIPT = `for (const frame of document.querySelectorAll("iframe")) {
  const fit = () => {
    const root = frame.contentDocument?.documentElement;
    if (root) frame.style.height = Math.ceil(root.getBoundingClientRect().height) + 20 + "px";
  };
  const watch = () => {
    fit();
    const root = frame.contentDocument?.documentElement;
    if (!root) return;
    frame.style.resize = "none";
    new ResizeObserver(fit).observe(root);
  };
  frame.addEventListener("load", watch);
  if (frame.contentDocument?.readyState === "complete") watch();
}`;

/** Only the script above may run, and nothing is loaded from anywhere: pictures are part of the page. */
const POLICY =
  `default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; ` +
  `script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`;

/** A notebook with its outputs as one HTML page that needs no other file and no network. */
export function pageHtml(notebook: Notebook, name: string): string {
  const cells = notebook.cells.map((cell, at) => cellHtml(cell, at + 1)).filter((html) => html !== "");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(titleOf(notebook) ?? name)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
${cells.join("\n")}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function titleOf({ metadata, cells }: Notebook): string | null {
  if (typeof metadata.title === "string" && metadata.title !== "") return metadata.title;
  const markdown = cells.filter((cell) => cell.cell_type === "markdown").map(sourceOf);
  return markdown.map((text) => /^#\s+(.*\S)/m.exec(text)?.[1]).find((title) => title !== undefined) ?? null;
}

function cellHtml(cell: NotebookCell, number: number): string {
  const source = sourceOf(cell);
  if (cell.cell_type === "markdown") {
    const { attachments } = cell as { readonly attachments?: Attachments };
    return `<section class="markdown">${markdownHtml(source, attachments)}</section>`;
  }
  if (cell.cell_type !== "code")
    return source === "" ? "" : `<section class="markdown"><pre>${escapeHtml(source)}</pre></section>`;
  if (source === "" && (cell.outputs ?? []).length === 0) return "";
  const outputs = (cell.outputs ?? []).map((output, at, { length }) =>
    outputHtml(output, `Output ${length === 1 ? "" : `${at + 1} `}of cell ${number}`),
  );
  const prompt = `[${cell.execution_count ?? " "}]`;
  return (
    `<section class="code" aria-label="Cell ${number}"><div class="prompt" aria-hidden="true">${prompt}</div>` +
    `<pre class="source" tabindex="0"><code>${codeHtml(source)}</code></pre>` +
    `${outputs.length === 0 ? "" : `<div class="outputs">${outputs.join("\n")}</div>`}</section>`
  );
}

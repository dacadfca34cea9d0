import { escapeHtml } from "../display/escape-html.ts";
import { ANSI_STYLE, ansiHtml } from "./ansi-html.ts";
import { imageHtml } from "./image-html.ts";
import { markdownHtml } from "./markdown-html.ts";
import type { NotebookOutput } from "./notebook-file.ts";

/** The colours of a page and of the frames in it, under the names by which JupyterLab's themes know them. */
export const THEME = `
:root { color-scheme: light dark;
  --jp-layout-color0: #ffffff; --jp-layout-color2: #f6f7f9; --jp-ui-font-color1: #1f2328; --jp-ui-font-color2: #59636e;
  --jp-border-color1: #b4bbc4; --jp-border-color2: #d5dae0; --jp-border-color3: #e7eaee; --jp-brand-color1: #1664c0;
  --jp-warn-color1: #a64b00; --error-background: #fdecea; --stderr-background: #fdf3e4; --jp-ui-font-size1: 13px;
  --jp-ui-font-family: system-ui, -apple-system, "Segoe UI", sans-serif;
  --ansi-black: #24292f; --ansi-red: #b3261e; --ansi-green: #1a7f37; --ansi-yellow: #7d5700; --ansi-blue: #0950b0;
  --ansi-magenta: #8250df; --ansi-cyan: #1b6e79; --ansi-white: #59636e; }
@media (prefers-color-scheme: dark) { :root {
  --jp-layout-color0: #14171c; --jp-layout-color2: #1e232a; --jp-ui-font-color1: #e4e8ee; --jp-ui-font-color2: #a3adb9;
  --jp-border-color1: #58616d; --jp-border-color2: #3b434d; --jp-border-color3: #2b3139; --jp-brand-color1: #6cb0f5;
  --jp-warn-color1: #f0a35e; --error-background: #3a1f1e; --stderr-background: #33291a;
  --ansi-black: #a3adb9; --ansi-red: #ff8f85; --ansi-green: #6fd08c; --ansi-yellow: #e5bc63; --ansi-blue: #7fb8ff;
  --ansi-magenta: #cfa8ff; --ansi-cyan: #7ad3de; --ansi-white: #e4e8ee; } }
body { margin: 0; color: var(--jp-ui-font-color1); background: var(--jp-layout-color0); font: 14px/1.55 var(--jp-ui-font-family); }
pre, code, kbd { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px; }
pre { margin: 0; }
${ANSI_STYLE}
`.trim();

/**
 * An output as HTML for a page. HTML that a cell has made is shown in a frame of its own, in which no script runs: it
 * can neither read nor change the page.
 * @param label what the output is, for those who do not see it
 */
export function outputHtml(output: NotebookOutput, label: string): string {
  switch (output.output_type) {
    case "stream":
      return block(output.name === "stderr" ? "stderr" : "stdout", ansiHtml(joined(output.text)));
    case "error":
      return block("error", ansiHtml(output.traceback.join("\n")));
    default:
      return dataHtml(output.data, label);
  }
}

function dataHtml(data: Readonly<Record<string, unknown>>, label: string): string {
  const text = (type: string) => (data[type] === undefined ? null : joined(data[type]));
  const html = text("text/html");
  if (html !== null) return frame(html, label);
  const markdown = text("text/markdown");
  if (markdown !== null) return `<div class="markdown">${markdownHtml(markdown)}</div>`;
  const image = imageHtml(data, label);
  if (image !== null) return image;
  const plain = text("text/plain") ?? text("text/latex");
  if (plain !== null) return block("result", ansiHtml(plain));
  const json = data["application/json"];
  return block(
    "result",
    escapeHtml(json === undefined ? `<${Object.keys(data).join(", ")}>` : JSON.stringify(json, null, 2)),
  );
}

function frame(html: string, label: string): string {
  const page =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><style>${THEME}\nbody { padding: 2px 0; background: transparent; }</style></head>` +
    `<body>${html}</body></html>`;
  return `<iframe title="${escapeHtml(label)}" sandbox="allow-same-origin" srcdoc="${escapeHtml(page)}"></iframe>`;
}

function block(kind: string, html: string): string {
  return `<pre class="output ${kind}" tabindex="0">${html}</pre>`;
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value);
}

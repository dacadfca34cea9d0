import { randomBytes } from "node:crypto";
import { escapeHtml } from "./escape-html.ts";

/** One page of a tabbed output; `html` is trusted. */
export interface Tab {
  readonly title: string;
  readonly html: string;
}

/** Styles of tabs: pages switch by radio inputs, so no script runs and keys work as in any radio group. */
export const TABS_STYLE = `
.fenl-tabs { position: relative; display: flex; flex-wrap: wrap; color: var(--jp-ui-font-color1, inherit); font-size: var(--jp-ui-font-size1, 13px); }
.fenl-tabs > input { position: absolute; opacity: 0; pointer-events: none; }
.fenl-tabs > label { order: 0; padding: 4px 12px; margin: 0 2px 0 0; cursor: pointer; border-bottom: 2px solid transparent; color: var(--jp-ui-font-color2, #616161); }
.fenl-tabs > label:hover { color: var(--jp-ui-font-color1, inherit); border-bottom-color: var(--jp-border-color1, #bdbdbd); }
.fenl-tabs > input:checked + label { color: var(--jp-ui-font-color1, inherit); border-bottom-color: var(--jp-brand-color1, #1976d2); font-weight: 600; }
.fenl-tabs > input:focus-visible + label { outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: -2px; }
.fenl-tabs > section { order: 1; flex: 0 0 100%; display: none; padding: 8px 0 0; border-top: 1px solid var(--jp-border-color2, #e0e0e0); margin-top: -1px; overflow-x: auto; }
.fenl-tabs > input:checked + label + section { display: block; }
.fenl-tabs pre { margin: 0; }
`.trim();

/** Tabs with the page at `start` open; {@link TABS_STYLE} has their looks. */
export function tabsHtml(tabs: readonly Tab[], start = 0): string {
  // Ids must differ between all outputs of a notebook, those of earlier kernels included.
  const group = `fenl-${randomBytes(6).toString("hex")}`;
  const parts = tabs.map(
    (tab, at) =>
      // JupyterLab's shortcuts would take the arrow keys that move between radio inputs.
      `<input type="radio" data-lm-suppress-shortcuts name="${group}" id="${group}-${at}"${at === start ? " checked" : ""}>` +
      `<label for="${group}-${at}">${escapeHtml(tab.title)}</label><section>${tab.html}</section>`,
  );
  return `<div class="fenl-tabs">\n${parts.join("\n")}\n</div>`;
}

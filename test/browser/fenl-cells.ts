/**
 * Writes a query in JupyterLab in Chromium as people do: completes a field, asks for help, and draws the result.
 * Usage: node --import tsx test/browser/fenl-cells.ts JUPYTER_LAB [SCREENSHOT_FOLDER]
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Checks, runInLab } from "./lab-server.ts";
import { chooseFromMenu, kernelRests } from "./notebook-page.ts";

const SETUP = `import { LocalBuilder, createTable, load } from "fenl";
await new LocalBuilder().inMemory(true).build();
await createTable({ tableName: "Purchase", timeColumnName: "at", entityKeyColumnName: "who" });
await load({ tableName: "Purchase", file: "purchases.csv" });
const limit = 5;
"ready"`;
const PLOT = `%%fenl --param limit --plot
{ total: sum(Purchase.amount), large: Purchase.amount > $limit, hourly: count(Purchase) | when(hourly()) }`;

const cell = (source: string) => ({ cell_type: "code", metadata: {}, execution_count: null, outputs: [], source });
const notebook = {
  nbformat: 4,
  nbformat_minor: 4,
  metadata: { kernelspec: { name: "fenl", display_name: "Fenl (TypeScript)", language: "typescript" } },
  cells: [cell(SETUP), cell(PLOT), cell("%%fenl\n{ total: sum(Purchase.")],
};
const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const rows = hours.map(
  (hour, at) => `2022-01-01T${hour}:20:00Z,${at % 3 === 0 ? "<b>bob</b>" : "ann"},${(at * 5) % 17}`,
);

const [lab, screenshots] = process.argv.slice(2);
assert.ok(lab, "the path of jupyter-lab is needed");
const files = {
  "cells.ipynb": JSON.stringify(notebook),
  "purchases.csv": `at,who,amount\n${rows.join("\n")}\n`,
};
await runInLab({ lab, screenshots, files }, checks);

function* checks(server: string, pictures: string): Checks {
  yield [
    "draws a result as timelines",
    async (page) => {
      await page.goto(`${server}/lab/tree/cells.ipynb`);
      await kernelRests(page);
      await chooseFromMenu(page, "Run", "Run All Cells");
      const picture = page.locator("svg.fenl-plot");
      await picture.waitFor();
      assert.deepEqual(await picture.locator(".entity").allTextContents(), ["<b>bob</b>", "ann"]);
      assert.equal(await picture.locator(".step").count(), 2 * 2 + 1);
      await page.screenshot({ path: join(pictures, "plot.png") });
    },
  ];
  yield [
    "completes a field of a table in an unfinished query",
    async (page) => {
      const editor = page.locator(".jp-CodeCell").nth(2).locator(".cm-content");
      await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
      await editor.click();
      await page.keyboard.press("Control+End");
      await page.keyboard.press("Tab");
      await page.locator(".jp-Completer-item").first().waitFor();
      assert.deepEqual(await page.locator(".jp-Completer-match").allTextContents(), ["at", "who", "amount"]);
      await page.screenshot({ path: join(pictures, "completion.png") });
      await page.keyboard.press("Escape");
      await editor.click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("am");
      await page.keyboard.press("Tab");
      await page.locator(".jp-Completer-item", { hasText: "amount" }).waitFor();
      await page.keyboard.press("Enter");
      await editor.filter({ hasText: "sum(Purchase.amount" }).waitFor();
    },
  ];
  yield [
    "shows the signature of the call around the cursor",
    async (page) => {
      await page.keyboard.type(", ");
      await page.keyboard.press("Shift+Tab");
      await page.locator(".jp-Tooltip", { hasText: "sum<N: number>(input: N, window: window = null)" }).waitFor();
      await page.screenshot({ path: join(pictures, "help.png") });
    },
  ];
}

/**
 * Opens a notebook in JupyterLab in Chromium as a newcomer would, runs all cells from the menu, and checks what is on
 * the page. Usage: node --import tsx test/browser/ml-example.ts JUPYTER_LAB [SCREENSHOT_FOLDER]
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Checks, runInLab } from "./lab-server.ts";
import { kernelRests, pictureCells, runAllCells, shownErrors } from "./notebook-page.ts";

const [lab, screenshots] = process.argv.slice(2);
assert.ok(lab, "the path of jupyter-lab is needed");
const notebook = resolve(import.meta.dirname, "../../notebooks/ml-example.ipynb");
await runInLab({ lab, screenshots, files: { "ml-example.ipynb": readFileSync(notebook, "utf8") } }, checks);

function* checks(server: string, pictures: string): Checks {
  const url = `${server}/lab/tree/ml-example.ipynb`;
  yield [
    "opens the notebook with the Fenl kernel",
    async (page) => {
      await page.goto(url);
      await page.getByRole("heading", { name: "From events to a trained model" }).waitFor();
      await kernelRests(page);
    },
  ];
  yield [
    "colours the queries, and leaves the other cells to TypeScript",
    async (page) => {
      const cell = page.locator(".jp-CodeCell", { hasText: "--var training" });
      await cell.scrollIntoViewIfNeeded();
      const looks = async (look: string) => await cell.locator(`.cm-fenl-${look}`).allInnerTexts();
      await cell.locator(".cm-fenl-magic", { hasText: "%%fenl" }).waitFor();
      assert.ok((await looks("function")).includes("shift_to"));
      assert.ok((await looks("keyword")).includes("let"));
      assert.ok((await looks("property")).includes("won"));
      const colour = (look: string) =>
        cell
          .locator(`.cm-fenl-${look}`)
          .first()
          .evaluate((element) => element.ownerDocument.defaultView.getComputedStyle(element).color);
      assert.notEqual(await colour("keyword"), await colour("name"));
      const typescript = page.locator(".jp-CodeCell", { hasText: "import" }).first();
      assert.equal(await typescript.locator(".cm-fenl").count(), 0);
      await page.screenshot({ path: join(pictures, "colours.png") });
    },
  ];
  yield [
    "runs all cells from the menu",
    async (page) => {
      await runAllCells(page);
    },
  ];
  yield [
    "shows no error",
    async (page) => {
      assert.deepEqual(await shownErrors(page), []);
    },
  ];
  yield [
    "shows the examples of step 4 as a table",
    async (page) => {
      const cell = page.locator(".jp-CodeCell", { hasText: "--var training" });
      await cell.scrollIntoViewIfNeeded();
      const rows = await cell.locator("table.fenl-grid").first().locator("tbody tr").allInnerTexts();
      assert.equal(rows.length, 2);
      assert.match(rows[0]!, /2022-01-01 03:56:00.*Bob/s);
      assert.match(rows[1]!, /2022-01-01 08:45:00.*Alice/s);
      await page.screenshot({ path: join(pictures, "step-4.png") });
    },
  ];
  yield [
    "switches to the schema by its tab, with mouse and keyboard",
    async (page) => {
      const cell = page.locator(".jp-CodeCell", { hasText: "--var training" });
      await cell.locator("label", { hasText: "Schema" }).click();
      await cell.getByRole("rowheader", { name: "loss_duration" }).waitFor();
      assert.equal(await cell.locator("table.fenl-grid").first().isVisible(), false);
      await page.screenshot({ path: join(pictures, "schema.png") });
      await cell.locator("input:checked").focus();
      await page.keyboard.press("ArrowLeft");
      await cell.locator("table.fenl-grid").first().waitFor({ state: "visible" });
    },
  ];
  yield [
    "pictures the whole notebook",
    async (page) => {
      await pictureCells(page, join(pictures, "notebook"));
    },
  ];
}

/**
 * Opens every notebook of `notebooks/` in JupyterLab in Chromium, runs all cells from the menu, and pictures the outputs in
 * the light theme and in the dark one. Usage: node --import tsx test/browser/notebooks.ts JUPYTER_LAB [SCREENSHOT_FOLDER]
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Checks, runInLab } from "./lab-server.ts";
import { chooseTheme, pictureCells, runAllCells, shownErrors } from "./notebook-page.ts";

const [lab, screenshots, ...only] = process.argv.slice(2);
assert.ok(lab, "the path of jupyter-lab is needed");
const folder = resolve(import.meta.dirname, "../../notebooks");
const names = readdirSync(folder).filter((name) => name.endsWith(".ipynb") && !name.endsWith(".executed.ipynb"));
const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
await runInLab({ lab, screenshots, files }, checks);

function* checks(server: string, pictures: string): Checks {
  for (const name of names.filter((each) => only.length === 0 || only.includes(each))) {
    const title = name.replace(/\.ipynb$/, "");
    yield [
      `${title} runs from top to bottom`,
      async (page) => {
        await page.goto(`${server}/lab/tree/${name}?reset`);
        await runAllCells(page);
        assert.deepEqual(await shownErrors(page), []);
      },
    ];
    yield [
      `${title} is pictured in both themes`,
      async (page) => {
        await pictureCells(page, join(pictures, title));
        await chooseTheme(page, "JupyterLab Dark");
        await pictureCells(page, join(pictures, `${title}-dark`));
        await chooseTheme(page, "JupyterLab Light");
      },
    ];
  }
}

import type { Locator, Page } from "playwright-core";

/** Runs in the page: every code cell has its number, and the kernel rests. */
const ALL_CELLS_RAN = `(() => {
  const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")].map((prompt) => prompt.textContent);
  const idle = document.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]') !== null;
  return idle && prompts.length > 0 && prompts.every((prompt) => /\\[\\d+\\]/.test(prompt));
})()`;

/** Waits until the Fenl kernel of the notebook that is open rests. */
export async function kernelRests(page: Page): Promise<void> {
  await page.locator(".jp-Toolbar-kernelName", { hasText: "Fenl" }).waitFor();
  await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
}

/** Chooses an entry of one of the menus. */
export async function chooseFromMenu(page: Page, menu: string, entry: string): Promise<void> {
  await page.getByRole("menuitem", { name: menu, exact: true }).click();
  await page.locator(".lm-Menu-itemLabel").getByText(entry, { exact: true }).click();
}

/** Waits until every code cell of the notebook has run. */
export async function allCellsRan(page: Page): Promise<void> {
  await page.waitForFunction(ALL_CELLS_RAN);
}

/** Runs all cells of the notebook that is open, as people do, and waits for the last. */
export async function runAllCells(page: Page): Promise<void> {
  await kernelRests(page);
  await chooseFromMenu(page, "Run", "Run All Cells");
  await page.locator(".jp-CodeCell").last().scrollIntoViewIfNeeded();
  await allCellsRan(page);
}

/** The texts of errors and of what was written to standard error. */
export async function shownErrors(page: Page): Promise<string[]> {
  const texts = await Promise.all(
    ["error", "stderr"].map((type) =>
      page.locator(`.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.${type}"]`).allTextContents(),
    ),
  );
  return texts.flat();
}

/** Changes the theme in the menu of settings. */
export async function chooseTheme(page: Page, name: "JupyterLab Light" | "JupyterLab Dark"): Promise<void> {
  await page.getByRole("menuitem", { name: "Settings", exact: true }).click();
  await page.locator(".lm-Menu-itemLabel", { hasText: /^Theme$/ }).hover();
  await page.locator(".lm-Menu-itemLabel").getByText(name, { exact: true }).click();
  await page.locator(`body[data-jp-theme-name="${name}"]`).waitFor({ state: "attached" });
}

/** Screenshots of all cells, a page at a time: PATH-1.png and so on. */
export async function pictureCells(page: Page, path: string): Promise<void> {
  const cells = page.locator(".jp-Notebook .jp-Cell");
  const count = await cells.count();
  let picture = 0;
  let at = 0;
  while (at < count) {
    await cells.nth(at).evaluate((element) => element.scrollIntoView({ block: "start" }));
    await page.waitForTimeout(200);
    await page.screenshot({ path: `${path}-${++picture}.png` });
    const bottoms = await cells.evaluateAll((elements) =>
      elements.map((element) => element.getBoundingClientRect().bottom),
    );
    const height = page.viewportSize()?.height ?? 0;
    const next = bottoms.findIndex((bottom, index) => index > at && bottom > height);
    at = next < 0 ? count : next;
  }
}

/** The output area of a cell that has one. */
export function outputOf(cell: Locator): Locator {
  return cell.locator(".jp-OutputArea-output").first();
}

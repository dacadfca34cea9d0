/**
 * A newcomer's first session in JupyterLab in Chromium: a new notebook, completion and help in TypeScript, errors, a loop
 * that must be stopped, a query with its tabs and plot, restart and run all, the dark theme.
 * Usage: node --import tsx test/browser/newcomer.ts JUPYTER_LAB [SCREENSHOT_FOLDER]
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { type Checks, runInLab } from "./lab-server.ts";
import { allCellsRan, chooseFromMenu, chooseTheme, kernelRests, outputOf } from "./notebook-page.ts";

const [lab, screenshots] = process.argv.slice(2);
assert.ok(lab, "the path of jupyter-lab is needed");
const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const rows = hours.map((hour, at) => {
  const who = at % 3 === 0 ? "<script>alert(1)</script>" : "ann";
  return `2022-01-01T${hour}:20:00Z,${who},${(at * 5) % 17},${at === 5 ? "" : at / 4}`;
});
await runInLab({ lab, screenshots, files: { "sales.csv": `at,who,amount,share\n${rows.join("\n")}\n` } }, checks);

/** Writes a cell anew. */
async function write(page: Page, cell: Locator, source: string): Promise<void> {
  await cell.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  // Typed text would get the editor's own indentation and brackets.
  await page.keyboard.insertText(source);
}

/** Writes the last cell of the notebook and runs it, as Shift+Enter does. @returns the cell */
async function runCell(page: Page, source: string): Promise<Locator> {
  await write(page, page.locator(".jp-CodeCell").last(), source);
  await page.keyboard.press("Shift+Enter");
  // JupyterLab takes cells that are far out of sight from the page, so a cell's number there is no name for it.
  return page.locator(".jp-CodeCell", {
    has: page.locator(".cm-line").getByText(source.split("\n").at(-1)!, { exact: true }),
  });
}

function prompt(cell: Locator): Locator {
  return cell.locator(".jp-InputArea-prompt");
}

async function finished(cell: Locator): Promise<void> {
  await prompt(cell)
    .filter({ hasText: /\[\d+\]/ })
    .waitFor();
}

function* checks(server: string, pictures: string): Checks {
  const picture = (page: Page, name: string) => page.screenshot({ path: join(pictures, `newcomer-${name}.png`) });
  let failed: Locator;
  let query: Locator;
  yield [
    "makes a notebook from the launcher",
    async (page) => {
      await page.goto(`${server}/lab`);
      await page.locator('.jp-LauncherCard[data-category="Notebook"]', { hasText: "Fenl" }).click();
      await kernelRests(page);
      const cell = await runCell(page, "const greeting: string = 'hello';\ngreeting.toUpperCase()");
      assert.equal(await outputOf(cell).innerText(), "'HELLO'");
    },
  ];
  yield [
    "completes a method of a value, with Tab",
    async (page) => {
      const cell = page.locator(".jp-CodeCell").last();
      await write(page, cell, "greeting.toLow");
      await page.keyboard.press("Tab");
      await cell
        .locator(".cm-content", { hasText: /toLowerCase|toLocaleLowerCase/ })
        .or(page.locator(".jp-Completer-item"))
        .first()
        .waitFor();
      await picture(page, "complete");
      await page
        .locator(".jp-Completer-item")
        .getByText("toLowerCase", { exact: true })
        .or(cell.getByText("greeting.toLowerCase"))
        .first()
        .waitFor();
      await page.keyboard.press("Escape");
    },
  ];
  yield [
    "tells the type of a name, with Shift+Tab",
    async (page) => {
      const cell = page.locator(".jp-CodeCell").last();
      await write(page, cell, "greeting");
      await page.keyboard.press("Shift+Tab");
      await page.locator(".jp-Tooltip", { hasText: /greeting: string/ }).waitFor();
      await picture(page, "inspect");
      await page.keyboard.press("Escape");
    },
  ];
  yield [
    "shows an error at its line, without the kernel's insides",
    async (page) => {
      failed = await runCell(page, "function half(n: number) {\n  return missing / n;\n}\nhalf(2)");
      const text = await outputOf(failed).innerText();
      assert.match(text, /ReferenceError: missing is not defined/);
      assert.match(text, /line 2/);
      assert.doesNotMatch(text, /node:|dist\/|chunks/);
      await picture(page, "error");
    },
  ];
  yield [
    "stops an endless loop, and keeps the variables",
    async (page) => {
      const cell = await runCell(page, "let turns = 0;\nwhile (true) turns++;");
      await page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').waitFor();
      await chooseFromMenu(page, "Kernel", "Interrupt Kernel");
      await finished(cell);
      await outputOf(cell)
        .filter({ hasText: /Interrupt/ })
        .waitFor();
      const after = await runCell(page, "[greeting, turns > 0]");
      await outputOf(after).filter({ hasText: "[ 'hello', true ]" }).waitFor();
      await picture(page, "interrupt");
    },
  ];
  yield [
    "shows a result with its tabs, values escaped, nulls apart",
    async (page) => {
      await runCell(
        page,
        `import { LocalBuilder, createTable, load } from "fenl";
await new LocalBuilder().inMemory(true).build();
await createTable({ tableName: "Sale", timeColumnName: "at", entityKeyColumnName: "who" });
await load({ tableName: "Sale", file: "sales.csv" })`,
      );
      query = await runCell(
        page,
        "%%fenl --var sales\n{ who: Sale.who, amount: Sale.amount, share: Sale.share, total: sum(Sale.amount) }",
      );
      const grid = query.locator("table.fenl-grid").first();
      await grid.waitFor();
      assert.equal(await grid.locator("tbody tr:visible").count(), 10);
      assert.equal(await grid.locator("td", { hasText: "<script>alert(1)</script>" }).first().isVisible(), true);
      assert.equal(await grid.locator("td.fenl-null").first().innerText(), "null");
      assert.deepEqual(await query.locator(".fenl-tabs > label").allInnerTexts(), [
        "Dataframe",
        "Schema",
        "Details",
        "Diagnostics",
        "Plan",
      ]);
      await picture(page, "result");
    },
  ];
  yield [
    "shows more rows and the other tabs by keyboard alone",
    async (page) => {
      const box = query.getByRole("checkbox", { name: "show 24 rows" });
      await box.focus();
      await page.keyboard.press("Space");
      assert.equal(await query.locator("table.fenl-grid tbody tr:visible").count(), 24);
      await query.getByRole("radio", { name: "Dataframe" }).focus();
      for (const [name, text] of [
        ["Schema", /total\s+i64/],
        ["Details", /rows produced\s+24/],
        ["Diagnostics", /No errors, no warnings/],
        ["Plan", /events of Sale/],
      ] as const) {
        await page.keyboard.press("ArrowRight");
        assert.equal(await query.getByRole("radio", { name }).isChecked(), true, name);
        assert.match(await query.locator(".fenl-tabs > section:visible").innerText(), text);
        await picture(page, name.toLowerCase());
      }
    },
  ];
  yield [
    "names the nearest field of a wrong query",
    async (page) => {
      const cell = await runCell(page, "%%fenl\n{ total: sum(Sale.amuont) }");
      await outputOf(cell)
        .filter({ hasText: /Nearest fields: 'amount'/ })
        .waitFor();
      assert.match(await outputOf(cell).innerText(), /\^+ No field named 'amuont'/);
    },
  ];
  yield [
    "knows the columns of a result in the next cell",
    async (page) => {
      const cell = page.locator(".jp-CodeCell").last();
      const offered = page.locator(".jp-Completer-item", { hasText: "amount" });
      const done = cell.getByText('sales.dataframe["amount');
      // The service that knows the types starts with the first question; until it is there, nothing is offered.
      for (let attempt = 0; attempt < 30 && !(await offered.or(done).first().isVisible()); attempt++) {
        await write(page, cell, 'sales.dataframe["am');
        await page.keyboard.press("Tab");
        await page.waitForTimeout(1000);
      }
      assert.ok(await offered.or(done).first().isVisible());
      await picture(page, "columns");
      await page.keyboard.press("Escape");
    },
  ];
  yield [
    "draws timelines in the colours of the dark theme",
    async (page) => {
      const cell = await runCell(page, "plot(sales, { fields: ['amount', 'total'] })");
      const svg = cell.locator("svg.fenl-plot");
      await svg.waitFor();
      const colour = () =>
        svg
          .locator(".entity")
          .first()
          .evaluate((element) => element.ownerDocument.defaultView.getComputedStyle(element).fill);
      const light = await colour();
      await picture(page, "plot");
      await chooseTheme(page, "JupyterLab Dark");
      assert.notEqual(await colour(), light);
      await picture(page, "plot-dark");
      await query.scrollIntoViewIfNeeded();
      await query.locator(".fenl-tabs > label", { hasText: "Dataframe" }).click();
      await picture(page, "result-dark");
    },
  ];
  yield [
    "restarts the kernel and runs all cells; a cell that fails ends the run",
    async (page) => {
      const restart = async () => {
        await chooseFromMenu(page, "Kernel", "Restart Kernel and Run All Cells…");
        await page.getByRole("button", { name: "Confirm Kernel Restart" }).click();
      };
      await restart();
      await prompt(failed).filter({ hasText: "[2]" }).waitFor();
      await kernelRests(page);
      assert.equal(await prompt(query).innerText(), "[ ]:");
      // Without the cells that are meant to fail, all of it runs.
      for (const text of ["missing / n", "while (true)", "amuont"]) {
        await write(page, page.locator(".jp-CodeCell", { hasText: text }), "let turns = 1;");
      }
      await write(page, page.locator(".jp-CodeCell").last(), "'the end'");
      await restart();
      await outputOf(page.locator(".jp-CodeCell").last()).filter({ hasText: "the end" }).waitFor();
      await allCellsRan(page);
      await picture(page, "restarted");
    },
  ];
}

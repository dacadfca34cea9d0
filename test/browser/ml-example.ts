/**
 * Opens a notebook in JupyterLab in Chromium as a newcomer would, runs all cells from the menu, and checks what is on
 * the page. Usage: node --import tsx test/browser/ml-example.ts JUPYTER_LAB [SCREENSHOT_FOLDER]
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const PATIENCE = 60_000;

/** Runs in the page: every code cell has its number, and the kernel rests. */
const ALL_CELLS_RAN = `(() => {
  const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")].map((prompt) => prompt.textContent);
  const idle = document.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]') !== null;
  return idle && prompts.length > 0 && prompts.every((prompt) => /\\[\\d+\\]/.test(prompt));
})()`;

const [lab, screenshots] = process.argv.slice(2);
assert.ok(lab, "the path of jupyter-lab is needed");
const scratch = mkdtempSync(join(tmpdir(), "fenl-lab-"));
const root = join(scratch, "notebooks");
const pictures = resolve(screenshots ?? join(scratch, "screenshots"));
for (const folder of [root, pictures]) mkdirSync(folder, { recursive: true });
cpSync(resolve(import.meta.dirname, "../../notebooks/ml-example.ipynb"), join(root, "ml-example.ipynb"));

let server: ChildProcess | undefined;
let browser: Browser | undefined;
try {
  const port = await freePort();
  server = startLab(port);
  await answers(`http://127.0.0.1:${port}/api`);
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: CHROMIUM_FLAGS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.setDefaultTimeout(PATIENCE);
  let passed = 0;
  for (const [name, check] of checks(`http://127.0.0.1:${port}/lab/tree/ml-example.ipynb`)) {
    const start = performance.now();
    try {
      await check(page);
    } catch (error) {
      await page.screenshot({ path: join(pictures, "failure.png") }).catch(() => {});
      console.log(`${passed} passed, 1 failed`);
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
    passed++;
    console.log(`  ok ${name} (${Math.round(performance.now() - start)} ms)`);
  }
  console.log(`${passed} passed, 0 failed`);
} finally {
  await browser?.close();
  await stop(server);
  rmSync(scratch, { recursive: true, force: true });
}

function* checks(url: string): Generator<[string, (page: Page) => Promise<void>]> {
  yield [
    "opens the notebook with the Fenl kernel",
    async (page) => {
      await page.goto(url);
      await page.getByRole("heading", { name: "From events to a trained model" }).waitFor();
      await page.locator(".jp-Toolbar-kernelName", { hasText: "Fenl" }).waitFor();
      await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
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
      await page.getByRole("menuitem", { name: "Run", exact: true }).click();
      await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
      const last = page.locator(".jp-CodeCell").last();
      await last.scrollIntoViewIfNeeded();
      await page.waitForFunction(ALL_CELLS_RAN);
    },
  ];
  yield [
    "shows no error",
    async (page) => {
      const errors = await page
        .locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]')
        .allTextContents();
      assert.deepEqual(errors, []);
      const warnings = await page
        .locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]')
        .allTextContents();
      assert.deepEqual(warnings, []);
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
      const cells = page.locator(".jp-Notebook .jp-Cell");
      const count = await cells.count();
      let picture = 0;
      for (let at = 0; at < count; at += 6) {
        await cells.nth(at).evaluate((element) => element.scrollIntoView({ block: "start" }));
        await page.waitForTimeout(200);
        await page.screenshot({ path: join(pictures, `notebook-${++picture}.png`) });
      }
    },
  ];
}

function startLab(port: number): ChildProcess {
  const options = [
    "--no-browser",
    "--allow-root",
    `--port=${port}`,
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    `--ServerApp.root_dir=${root}`,
    "--LabApp.news_url=None",
  ];
  const child = spawn(lab!, options, {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      JUPYTER_CONFIG_DIR: join(scratch, "config"),
      JUPYTERLAB_SETTINGS_DIR: join(scratch, "settings"),
    },
  });
  let log = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-20_000);
    });
  }
  child.once("exit", (code) => {
    if (code !== 0 && code !== null) console.error(log);
  });
  return child;
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await new Promise((tick) => setTimeout(tick, 200));
  }
  throw new Error(`JupyterLab did not answer at ${url}`);
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

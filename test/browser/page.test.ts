import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { vectorFromArray } from "apache-arrow";
import type { Browser, Page } from "playwright-core";
import { toMimeBundle } from "../../kernel/display/mime-bundle.ts";
import type { NotebookCell } from "../../kernel/notebook/notebook-file.ts";
import { pageHtml } from "../../kernel/notebook/page-html.ts";
import { CHROMIUM, startChromium } from "./lab-server.ts";

const CALLS = "parent.hacked = top.hacked = window.hacked = true; alert(1); fetch('https://example.org/')";
const HOSTILE = [
  `<script>${CALLS}</script>`,
  `<img src="x" onerror="${CALLS}">`,
  `<svg onload="${CALLS}"><script>${CALLS}</script></svg>`,
  `</iframe></pre></main><script>${CALLS}</script><style>body { display: none !important }</style>`,
  `<meta http-equiv="refresh" content="0; url=https://example.org/"><base href="https://example.org/">`,
  `<link rel="stylesheet" href="https://example.org/x.css"><img src="https://example.org/x.png">`,
  `<iframe src="https://example.org/"></iframe><object data="https://example.org/"></object>`,
  `<form action="https://example.org/"><input autofocus onfocus="${CALLS}"></form>`,
];

describe("a notebook as a page, in Chromium", function () {
  this.timeout(60_000);
  let browser: Browser;
  let page: Page;
  let folder: string;
  const requests: string[] = [];
  const dialogs: string[] = [];
  before(async function () {
    if (!existsSync(CHROMIUM)) {
      console.log(`    NOT RUN, for want of ${CHROMIUM}: a notebook as a page, in Chromium`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "fenl-page-"));
    const bundle = toMimeBundle({
      schema: { fields: [{ name: "n", type: { typeId: 2, isSigned: true, bitWidth: 32 } }] },
      batches: [],
      numRows: 30,
      numCols: 1,
      getChildAt: () => vectorFromArray(Int32Array.from({ length: 30 }, (_, at) => at)),
    });
    const display = (data: Record<string, unknown>) => ({ output_type: "display_data" as const, data, metadata: {} });
    const cell = (outputs: NotebookCell["outputs"], source = "") => {
      return { cell_type: "code", metadata: {}, source, execution_count: 1, outputs };
    };
    const cells = [
      cell([display(bundle)], "the table"),
      ...HOSTILE.flatMap((html) => [
        cell(
          [
            display({ "text/html": html }),
            display({ "text/markdown": html }),
            display({ "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${html}</svg>` }),
            { output_type: "stream", name: "stdout", text: html },
            { output_type: "error", ename: html, evalue: html, traceback: [html] },
          ],
          html,
        ),
        { cell_type: "markdown", metadata: {}, source: html },
      ]),
      cell([], "the end"),
    ];
    const file = join(folder, "page.html");
    writeFileSync(file, pageHtml({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }, HOSTILE[3]!));
    browser = await startChromium();
    page = await browser.newPage();
    // Requests that the page's policy refuses are reported as well: they have not left the browser.
    page.on("requestfinished", (request) => requests.push(request.url()));
    page.on("requestfailed", (request) => {
      if (request.failure()?.errorText !== "csp") requests.push(request.url());
    });
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(file).href);
    await page.getByText("the end").waitFor();
  });
  after(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it("runs nothing of what is in it, loads nothing, and stays where it is", async () => {
    await page.waitForTimeout(500);
    assert.deepEqual(dialogs, []);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:") && !url.startsWith("about:")),
      [],
    );
    assert.equal(await page.evaluate("window.hacked"), undefined);
    assert.match(page.url(), /page\.html$/);
    assert.equal(await page.getByText("the end").isVisible(), true);
  });

  it("gives frames the height of their outputs, again when they grow", async () => {
    const frame = page.locator("iframe").first();
    const height = async () => (await frame.boundingBox())!.height;
    const table = page.frameLocator("iframe").first().locator("table");
    const before = await height();
    assert.ok(before > (await table.boundingBox())!.height, "the table is not cut");
    await page.frameLocator("iframe").first().getByRole("checkbox").check();
    await page.waitForTimeout(200);
    assert.ok((await height()) > before * 2, "the frame has grown with the rows");
    assert.ok((await height()) > (await table.boundingBox())!.height);
  });
});

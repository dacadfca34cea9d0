import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { installKernelspec } from "../../kernelspec/install.ts";

/** Where Debian has it. */
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

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

/** Checks of one page, in order, each with what it shows. */
export type Checks = Iterable<[string, (page: Page) => Promise<void>]>;

/** A JupyterLab over a folder of its own. */
export interface LabRun {
  /** The path of `jupyter-lab`. */
  readonly lab: string;
  /** The folder of the screenshots; absent: they are thrown away. */
  readonly screenshots: string | undefined;
  /** The texts of the folder's files, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** Starts Chromium without a window. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
}

/** Starts JupyterLab and Chromium, runs the checks, and prints how many passed. @throws for the first that fails */
export async function runInLab(
  { lab, screenshots, files }: LabRun,
  checks: (server: string, pictures: string) => Checks,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "fenl-lab-"));
  const root = join(scratch, "notebooks");
  const pictures = resolve(screenshots ?? join(scratch, "screenshots"));
  const settings = join(scratch, "settings/@jupyterlab/apputils-extension");
  for (const folder of [root, pictures, settings]) mkdirSync(folder, { recursive: true });
  // Else JupyterLab asks whether to fetch news, above the notebook.
  writeFileSync(join(settings, "notification.jupyterlab-settings"), '{ "fetchNews": "false" }');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  let server: ChildProcess | undefined;
  let browser: Browser | undefined;
  try {
    await installKernelspec({ prefix: join(scratch, "prefix") });
    const port = await freePort();
    server = startLab(lab, port, root, scratch);
    await answers(`http://127.0.0.1:${port}/api`);
    browser = await startChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    page.setDefaultTimeout(PATIENCE);
    let passed = 0;
    for (const [name, check] of checks(`http://127.0.0.1:${port}`, pictures)) {
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
}

function startLab(lab: string, port: number, root: string, scratch: string): ChildProcess {
  const options = [
    "--no-browser",
    "--allow-root",
    `--port=${port}`,
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    `--ServerApp.root_dir=${root}`,
    "--LabApp.news_url=None",
  ];
  const child = spawn(lab, options, {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      // The kernel of this folder, whatever is installed elsewhere.
      JUPYTER_PATH: join(scratch, "prefix/share/jupyter"),
      JUPYTER_CONFIG_DIR: join(scratch, "config"),
      JUPYTERLAB_SETTINGS_DIR: join(scratch, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(scratch, "workspaces"),
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

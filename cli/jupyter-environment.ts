import { type SpawnSyncOptionsWithStringEncoding, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** The JupyterLab that is installed when there is none. */
const LAB = "jupyterlab>=4.4,<5";

/** A JupyterLab that can be started, and the folder that holds what this project adds to it. */
export interface JupyterEnvironment {
  readonly lab: string;
  /** Has `share/jupyter` below it; Jupyter finds it by its JUPYTER_PATH. */
  readonly prefix: string;
}

/** Something that is missing on this machine; the message tells what to do. */
export class JupyterMissingError extends Error {
  override readonly name = "JupyterMissingError";
}

/** Finds JupyterLab: in `.venv` of the working folder, on the PATH, or in an environment of our own, made if need be. */
export function findJupyter(print: (text: string) => void): JupyterEnvironment {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "fenl", "jupyter");
  const prefix = join(folder, "prefix");
  const own = inEnvironment(join(folder, "venv"), "jupyter-lab");
  const found = [inEnvironment(resolve(".venv"), "jupyter-lab"), onPath("jupyter-lab"), own].find(
    (lab) => lab !== null && existsSync(lab),
  );
  return { lab: found ?? makeEnvironment(join(folder, "venv"), print), prefix };
}

function makeEnvironment(folder: string, print: (text: string) => void): string {
  const python = ["python3", "python"].find((name) => isRecentPython(name));
  if (python === undefined) {
    throw new JupyterMissingError("JupyterLab is not installed, and to install it Python 3.10 or newer is needed");
  }
  print(`JupyterLab is not installed: installing it into ${folder} (this takes a minute)\n`);
  mkdirSync(folder, { recursive: true });
  check(spawnSync(python, ["-m", "venv", folder], PIPED), `cannot make a virtual environment in ${folder}`);
  const pip = [inEnvironment(folder, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", LAB];
  check(spawnSync(pip[0]!, pip.slice(1), PIPED), "cannot install JupyterLab");
  return inEnvironment(folder, "jupyter-lab");
}

const PIPED: SpawnSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };

function check(result: SpawnSyncReturns<string>, message: string): void {
  if (result.status === 0) return;
  throw new JupyterMissingError(`${message}:\n${(result.stderr || String(result.error ?? result.stdout)).trim()}`);
}

function isRecentPython(name: string): boolean {
  return spawnSync(name, ["-c", "import sys, venv; sys.exit(sys.version_info < (3, 10))"]).status === 0;
}

function inEnvironment(folder: string, program: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", `${program}.exe`) : join(folder, "bin", program);
}

function onPath(program: string): string | null {
  const names = process.platform === "win32" ? [`${program}.exe`] : [program];
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null;
}

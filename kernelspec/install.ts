import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { jupyterDataDir, prefixDataDir } from "./jupyter-paths.ts";
import { kernelJson } from "./kernel-json.ts";

/** Where to install the kernelspec: for the user (also when nothing is asked for), below a prefix, or below Python's own. */
export interface InstallOptions {
  readonly user?: boolean;
  readonly prefix?: string;
  readonly sysPrefix?: boolean;
  /** The name by which Jupyter knows the kernel: `fenl` unless given. */
  readonly name?: string;
}

const LOGOS = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

/**
 * Tells Jupyter of this kernel, and JupyterLab of the extension that colours its `%%fenl` cells.
 * @returns the folder that was written.
 * @throws Error that says what stands in the way.
 */
export async function installKernelspec(options: InstallOptions = {}): Promise<string> {
  const name = options.name ?? "fenl";
  if (!/^[a-z0-9._-]+$/i.test(name) || /^\.+$/.test(name)) {
    throw new Error(`"${name}" cannot be the name of a kernel: letters, digits, ".", "_" and "-" can`);
  }
  const main = fileURLToPath(new URL("../dist/kernel/main.js", import.meta.url));
  if (!(await isFile(main))) throw new Error(`${main} is not there yet: "npm run build" makes it`);
  const logos = fileURLToPath(new URL("./logos/", import.meta.url));
  const data = await dataFolder(options);
  const folder = join(data, "kernels", name);
  await mkdir(folder, { recursive: true });
  for (const logo of LOGOS) {
    await copyFile(join(logos, logo), join(folder, logo));
  }
  // A front end may look for kernels at any moment: it finds the former kernel.json or the new one.
  const temporary = join(folder, `kernel.json.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(kernelJson(process.execPath, main), null, 2)}\n`);
  await rename(temporary, join(folder, "kernel.json"));
  await installLabExtension(join(data, "labextensions"));
  return folder;
}

/** JupyterLab looks for prebuilt extensions below `labextensions`, each in a folder with its name. */
async function installLabExtension(labextensions: string): Promise<void> {
  const source = fileURLToPath(new URL("../dist/labextension/", import.meta.url));
  const folder = join(labextensions, "fenl");
  const [next, former] = [`${folder}.next-${process.pid}`, `${folder}.former-${process.pid}`];
  await mkdir(labextensions, { recursive: true });
  await rm(next, { recursive: true, force: true });
  await cp(source, next, { recursive: true });
  try {
    await rename(folder, former);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await rename(next, folder);
  await rm(former, { recursive: true, force: true });
}

async function dataFolder({ user, prefix, sysPrefix }: InstallOptions): Promise<string> {
  const asked = [user === true && "user", prefix !== undefined && "prefix", sysPrefix === true && "sysPrefix"];
  const places = asked.filter((place) => place !== false);
  if (places.length > 1) throw new Error(`Only one of ${places.join(" and ")} can be the place of the kernelspec`);
  if (prefix !== undefined) return prefixDataDir(resolve(prefix));
  if (sysPrefix === true) return prefixDataDir(await pythonPrefix());
  return jupyterDataDir();
}

/** The prefix of the Python that is active: the virtual environment's, if there is one. */
async function pythonPrefix(): Promise<string> {
  const active = process.env.VIRTUAL_ENV || process.env.CONDA_PREFIX;
  if (active) return active;
  const programs = process.platform === "win32" ? ["python", "py"] : ["python3", "python"];
  for (const program of programs) {
    try {
      const { stdout } = await promisify(execFile)(program, ["-c", "import sys; print(sys.prefix)"]);
      if (stdout.trim() !== "") return stdout.trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error("No Python was found whose prefix could be used; user and prefix need none");
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

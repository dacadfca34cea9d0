import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { InitializeHook, LoadHook, ResolveFnOutput, ResolveHook, ResolveHookContext } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readCellSpecifier } from "./cell-specifier.ts";
import { LocalFiles } from "./local-files.ts";
import { scriptOfFile } from "./strip-file.ts";

/** What the hooks are told when they are registered. */
export interface ImportHookData {
  /** The modules of this very package, which the kernel itself has loaded, by specifier. */
  readonly ownModules: ReadonlyMap<string, string>;
  /** From where the kernel's own dependencies are found. */
  readonly ownUrl: string;
}

let data: ImportHookData = { ownModules: new Map(), ownUrl: "" };
const files = new LocalFiles();

const TYPESCRIPT = /\.[mc]?tsx?$/;
/** What an import without an extension may mean, in this order, as in bundlers. */
const ENDINGS = [".ts", ".mts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];

/** Node calls it once, in the thread of the hooks. */
export const initialize: InitializeHook<ImportHookData> = (given) => {
  data = given;
};

/** Resolves for cells from the notebook's folder, then from the kernel; gives local files a version when they change. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const fromCell = readCellSpecifier(specifier);
  const wanted = fromCell?.specifier ?? specifier;
  const own = data.ownModules.get(wanted);
  if (own !== undefined) return { url: own, shortCircuit: true };
  if (fromCell === null) return resolveLocal(await resolveFile(wanted, context, next), context.parentURL);
  files.refresh();
  for (const path of fromCell.changed) files.renew(path);
  const inFolder = { ...context, parentURL: fromCell.parent };
  let resolved: ResolveFnOutput;
  try {
    resolved = await resolveFile(wanted, inFolder, next);
  } catch (error) {
    if (!isNotFound(error) || isPath(wanted)) throw error;
    try {
      resolved = await next(wanted, { ...context, parentURL: data.ownUrl });
    } catch {
      // The folder of the notebook is what the user knows, so the first error is the one to report.
      throw error;
    }
  }
  if (fromCell.afterFailure && isLocal(resolved.url)) files.renew(pathOf(resolved.url));
  return resolveLocal(resolved, fromCell.parent);
};

/** Loads TypeScript as JavaScript. */
export const load: LoadHook = async (url, context, next) => {
  if (!isLocal(url)) return next(url, context);
  const path = pathOf(url);
  if (TYPESCRIPT.test(path)) {
    const text = await readFile(path, "utf8");
    return {
      format: path.endsWith(".cts") ? "commonjs" : "module",
      source: scriptOfFile(text, path),
      shortCircuit: true,
    };
  }
  return next(url, context);
};

type Next = Parameters<ResolveHook>[2];

async function resolveFile(specifier: string, context: ResolveHookContext, next: Next): Promise<ResolveFnOutput> {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isPath(specifier) || context.parentURL === undefined || !isNotFound(error)) throw error;
    const url = new URL(specifier.startsWith("/") ? pathToFileURL(specifier) : specifier, context.parentURL);
    if (url.protocol !== "file:" || !isLocal(url.href)) throw error;
    const path = fileURLToPath(url);
    const swapped = /\.[mc]?js$/.test(path) ? [path.replace(/js$/, "ts")] : [];
    const found = [...swapped, ...ENDINGS.map((ending) => path + ending)].find(isFile);
    if (found === undefined) throw error;
    return next(pathToFileURL(found).href, context);
  }
}

function resolveLocal(resolved: ResolveFnOutput, parent: string | undefined): ResolveFnOutput {
  if (!isLocal(resolved.url)) return { ...resolved, shortCircuit: true };
  const path = pathOf(resolved.url);
  const version = files.version(path, parent !== undefined && isLocal(parent) ? pathOf(parent) : null);
  const url = new URL(resolved.url);
  if (version > 0) url.searchParams.set("v", String(version));
  const answer = { ...resolved, url: url.href, shortCircuit: true };
  return path.endsWith(".json") ? { ...answer, format: "json", importAttributes: { type: "json" } } : answer;
}

/** Whether a URL is a file that the user may edit, rather than an installed package. */
function isLocal(url: string): boolean {
  return url.startsWith("file:") && !url.includes("/node_modules/") && ![...data.ownModules.values()].includes(url);
}

function pathOf(url: string): string {
  return fileURLToPath(url.replace(/[?#].*$/, ""));
}

function isPath(specifier: string): boolean {
  return /^(\.{0,2}\/|file:)/.test(specifier);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isNotFound(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" || code === "ERR_UNSUPPORTED_DIR_IMPORT";
}

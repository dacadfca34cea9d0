import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { packageRoot } from "../session/own-package.ts";

const root = fileURLToPath(packageRoot);
const ownFile = join(root, "package.json");

/** Where TypeScript finds the modules that cells import. */
export class ModulePaths {
  readonly #own = ownTypes();
  readonly #options: ts.CompilerOptions;
  readonly #cache: ts.ModuleResolutionCache;

  constructor(options: ts.CompilerOptions) {
    this.#options = options;
    this.#cache = ts.createModuleResolutionCache(root, (name) => name, options);
  }

  /** The file with the types of a module: from the folder of the importing file, then from this package. */
  resolve(specifier: string, importer: string, fromCell: boolean): ts.ResolvedModuleFull | undefined {
    const own = this.#own.get(specifier);
    if (own !== undefined)
      return { resolvedFileName: own, extension: extensionOf(own), isExternalLibraryImport: false };
    const found = this.#lookUp(specifier, importer, fromCell ? undefined : this.#cache);
    if (!fromCell || (found !== undefined && found.extension !== ".js") || specifier.startsWith(".")) return found;
    return this.#lookUp(specifier, ownFile, this.#cache) ?? found;
  }

  #lookUp(
    specifier: string,
    importer: string,
    cache: ts.ModuleResolutionCache | undefined,
  ): ts.ResolvedModuleFull | undefined {
    const mode = ts.ModuleKind.ESNext;
    return ts.resolveModuleName(specifier, importer, this.#options, ts.sys, cache, undefined, mode).resolvedModule;
  }
}

/** The declarations of Node's own modules and globals; null when they are not installed. */
export function nodeTypes(): string | null {
  try {
    return join(dirname(createRequire(ownFile).resolve("@types/node/package.json")), "index.d.ts");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}

/** The types of this package's modules by specifier: its declarations where they are built, or else its sources. */
function ownTypes(): Map<string, string> {
  const manifest = JSON.parse(readFileSync(ownFile, "utf8")) as {
    name: string;
    exports: Record<string, string | { types?: string }>;
  };
  const types = new Map<string, string>();
  for (const [path, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string" || target.types === undefined) continue;
    const source = target.types.replace("./dist/types/", "./").replace(/\.d\.ts$/, ".ts");
    const file = [target.types, source].map((name) => join(root, name)).find(existsSync);
    if (file !== undefined) types.set(manifest.name + path.slice(1), file);
  }
  return types;
}

function extensionOf(file: string): ts.Extension {
  return file.endsWith(".d.ts") ? ts.Extension.Dts : ts.Extension.Ts;
}

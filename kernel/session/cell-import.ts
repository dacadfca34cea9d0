import { createRequire, register } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { nearest } from "../../src/text/nearest.ts";
import { writeCellSpecifier } from "./cell-specifier.ts";
import type { ImportHookData } from "./import-hook.ts";
import { ownModules, packageRoot } from "./own-package.ts";
import { RequiredFiles } from "./required-files.ts";
import type { ImportNeed } from "./rewrite-cell.ts";

type Namespace = Readonly<Record<string, unknown>>;

/** Imports modules for cells. */
export class CellImporter {
  readonly #failed = new Set<string>();
  readonly #required = new RequiredFiles();
  #registered = false;
  #serial = 0;

  /** `require` for cells: a file that has changed is read again. */
  get require(): NodeJS.Require {
    const original = createRequire(this.meta().url);
    const require = (specifier: string) => {
      this.#required.forgetChanged();
      try {
        return original(specifier);
      } finally {
        this.#required.note();
      }
    };
    return Object.assign(require, original);
  }

  /** What `import.meta` is in a cell. */
  meta(): ImportMeta {
    const folder = process.cwd();
    const filename = `${folder}/cell.ts`;
    const url = pathToFileURL(filename).href;
    return { url, dirname: folder, filename } as ImportMeta;
  }

  /**
   * Imports a module from the notebook's folder, or else from the kernel's own dependencies.
   * @throws Error that names the package, and where it was looked for.
   */
  async import(specifier: string): Promise<Namespace> {
    this.#register();
    const afterFailure = this.#failed.delete(specifier);
    const parent = this.meta().url;
    const changed = this.#required.forgetChanged();
    try {
      return await import(writeCellSpecifier({ specifier, parent, serial: ++this.#serial, changed, afterFailure }));
    } catch (error) {
      this.#failed.add(specifier);
      throw explain(error, specifier);
    } finally {
      this.#required.note();
    }
  }

  /** Imports what a static import names. @param needs how the cell uses each imported name. */
  async importNames(
    specifier: string,
    needs: Readonly<Record<string, ImportNeed>>,
    warn: (text: string) => void,
  ): Promise<Namespace> {
    const namespace = await this.import(specifier);
    const missing = Object.keys(needs).filter((name) => !(name in namespace));
    if (missing.length === 0) return namespace;
    const names = new Map(Object.entries(needs).map(([name]) => [name, namespace[name]]));
    // A CommonJS module's names are guessed from its text; those that were missed are members of its one export.
    const whole = namespace.default;
    for (const name of missing) {
      if (name !== "default" && isHolder(whole) && name in whole) names.set(name, whole[name]);
      else if (needs[name] === "value") throw noSuchExport(specifier, name, namespace);
      else if (needs[name] === "unused") {
        warn(`"${specifier}" has no export named "${name}": unless that is a type, it is undefined\n`);
      }
    }
    return Object.fromEntries(names);
  }

  #register(): void {
    if (this.#registered) return;
    const data: ImportHookData = { ownModules: ownModules(), ownUrl: new URL("package.json", packageRoot).href };
    register(new URL("./import-hook.ts", import.meta.url), { data });
    this.#registered = true;
  }
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function noSuchExport(specifier: string, name: string, namespace: Namespace): SyntaxError {
  const names = Object.keys(namespace).filter((candidate) => candidate !== "default");
  const matches = nearest(name, names, 3);
  const advice = matches.length > 0 ? `; nearest: ${matches.join(", ")}` : "";
  if (name === "default") return new SyntaxError(`"${specifier}" has no default export${advice}`);
  return new SyntaxError(`"${specifier}" has no export named "${name}"${advice}`);
}

/** Node's words for a package that is not there speak of a file that the user has not written. */
function explain(error: unknown, specifier: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== "ERR_MODULE_NOT_FOUND" || !(error instanceof Error)) return error;
  const folder = process.cwd();
  if (!message.includes("cell.ts")) return error;
  if (/^(\.{0,2}\/|file:)/.test(specifier)) {
    return Object.assign(new Error(`Cannot find the module "${specifier}" from ${folder}`), { code });
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const advice = `If that is its name, "!npm install ${name}" installs it beside the notebook`;
  return Object.assign(new Error(`Cannot find the package "${name}" from ${folder}. ${advice}`), { code });
}

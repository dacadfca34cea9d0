import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { fileStamp } from "./local-files.ts";
import { packageRoot } from "./own-package.ts";

const { cache } = createRequire(import.meta.url);
const kernelFolder = fileURLToPath(packageRoot);

/** The user's own CommonJS files that have been loaded: Node keeps them by path, whatever becomes of the file. */
export class RequiredFiles {
  readonly #stamps = new Map<string, string>();

  /** Has changed files, and those that require them, loaded again at their next use. @returns their paths. */
  forgetChanged(): string[] {
    const stale = new Set<string>();
    for (const [path, stamp] of this.#stamps) if (fileStamp(path) !== stamp) stale.add(path);
    for (const path of stale) {
      for (const [parent, module] of Object.entries(cache)) {
        if (module?.children?.some((child) => child.filename === path)) stale.add(parent);
      }
    }
    for (const path of stale) {
      delete cache[path];
      this.#stamps.delete(path);
    }
    return [...stale];
  }

  /** Takes note of the files that have been loaded since the last time. */
  note(): void {
    for (const path of Object.keys(cache)) {
      if (this.#stamps.has(path) || path.includes("/node_modules/") || path.startsWith(kernelFolder)) continue;
      this.#stamps.set(path, fileStamp(path));
    }
  }
}

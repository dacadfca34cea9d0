import { existsSync, readFileSync } from "node:fs";

/** The folder of this package, as a URL that ends in a slash. */
export const packageRoot: URL = findRoot();

/** Whether this code runs from its TypeScript sources rather than from `dist`. */
const fromSources = import.meta.url.endsWith(".ts");

function findRoot(): URL {
  for (let folder = new URL("./", import.meta.url); ; folder = new URL("../", folder)) {
    if (existsSync(new URL("package.json", folder))) return folder;
    if (folder.pathname === "/") throw new Error(`The package that holds ${import.meta.url} has no package.json`);
  }
}

/** The module that each specifier of this package stands for: `fenl`, `fenl/table` and so on. */
export function ownModules(): Map<string, string> {
  const manifest = JSON.parse(readFileSync(new URL("package.json", packageRoot), "utf8")) as {
    name: string;
    exports: Record<string, string | { default: string }>;
  };
  const modules = new Map<string, string>();
  for (const [path, target] of Object.entries(manifest.exports)) {
    const built = typeof target === "string" ? target : target.default;
    if (!built.endsWith(".js")) continue;
    const file = fromSources ? built.replace("./dist/", "./").replace(/\.js$/, ".ts") : built;
    modules.set(manifest.name + path.slice(1), new URL(file, packageRoot).href);
  }
  return modules;
}

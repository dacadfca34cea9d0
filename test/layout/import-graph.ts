import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** The repository's root. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** One `import` or `export ... from` of a source file, type-only ones included. */
export interface ImportEdge {
  readonly from: string;
  /** A path from the root for a relative import, otherwise the package's specifier. */
  readonly to: string;
  readonly line: number;
}

const IMPORT =
  /(?:^|[;}\n])\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s*)?["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/g;

/** Every TypeScript file under the given folders, as paths from the root. */
export function sourceFiles(...folders: readonly string[]): string[] {
  return folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
        .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
    )
    .filter((file) => !file.includes("node_modules") && !file.startsWith("dist/"))
    .sort();
}

/** The imports of a source text: static, re-exporting, type-only and dynamic with a literal specifier. */
export function importsOf(file: string, text: string): ImportEdge[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  return [...code.matchAll(IMPORT)].map((match) => {
    const specifier = (match[1] ?? match[2])!;
    const to = specifier.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier;
    return { from: file, to, line: code.slice(0, match.index + match[0].length).split("\n").length };
  });
}

/** The imports of files on disk. */
export function importEdges(files: readonly string[]): ImportEdge[] {
  return files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), "utf8")));
}

/** The cycles of a graph, each as the files along it, the first one again at the end; none is listed twice. */
export function findCycles(edges: readonly ImportEdge[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const edge of edges) targets.set(edge.from, [...(targets.get(edge.from) ?? []), edge.to]);
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, "open");
    path.push(file);
    for (const target of targets.get(file) ?? []) visit(target);
    path.pop();
    state.set(file, "done");
  };
  for (const file of targets.keys()) visit(file);
  return cycles;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const LOCATION = /new URL\(\s*"(\.[^"]*)",\s*import\.meta\.url\s*\)/g;

function sourceFiles(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
}

/** Modules that run in a thread or as a hook of their own: those that others name by `new URL("./x.ts", ...)`. */
function separateModules(): string[] {
  const files = ["src", "kernel", "kernelspec", "cli"].flatMap(sourceFiles);
  const targets = files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(LOCATION)]
      .map(([, target]) => join(dirname(file), target!))
      .filter((target) => target.endsWith(".ts") && existsSync(join(root, target))),
  );
  return targets.map((target) => target.split(sep).join("/"));
}

const PRODUCT = [
  "src/index.ts",
  "src/api/table.ts",
  "src/api/query.ts",
  "src/api/view.ts",
  "src/api/materialization.ts",
  "kernel/main.ts",
  "cli/main.ts",
];
/** What the benchmarks measure: `build.ts --bench` bundles it as the product is bundled. */
const BENCHMARKS = ["bench/compare/engine-process.ts", "bench/job/job.ts"];
const isBench = process.argv.includes("--bench");
const outdir = isBench ? "bench/build/dist" : "dist";

// Bundles share chunks, so that the kernel and a cell's `import "fenl"` meet in one copy of each module's state.
const entryPoints = [...new Set([...(isBench ? BENCHMARKS : PRODUCT), ...separateModules()])].filter((entry) =>
  existsSync(join(root, entry)),
);

/**
 * Keeps `new URL("./file", import.meta.url)` of a source file pointing at that file, or at the bundle made of it,
 * wherever in `dist` the code ends up.
 */
const fileLocations: Plugin = {
  name: "file-locations",
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return null;
      const contents = (await readFile(path, "utf8")).replace(LOCATION, (_, target: string) => {
        const file =
          relative(root, resolve(dirname(path), target))
            .split(sep)
            .join("/") + (/\/$/.test(target) ? "/" : "");
        const built = entryPoints.includes(file) ? file.replace(/\.ts$/, ".js") : `../${file}`;
        return `new URL(${JSON.stringify(built)}, import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/") + 6))`;
      });
      return { contents, loader: "ts" };
    });
  },
};

const started = performance.now();
await rm(join(root, outdir), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outdir,
  outbase: ".",
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
  plugins: [fileLocations],
  logLevel: "warning",
}).catch(() => process.exit(1));
if (!isBench) {
  await buildLabExtension();
  const command = join(root, "dist/cli/main.js");
  if (existsSync(command)) await chmod(command, 0o755);
}
console.log(`${outdir}/: ${entryPoints.length} entry points in ${Math.round(performance.now() - started)} ms`);

/** Makes the prebuilt extension of JupyterLab: a module-federation container, which JupyterLab loads as a script. */
async function buildLabExtension(): Promise<void> {
  const folder = "dist/labextension";
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { remoteEntry: "kernelspec/labextension/remote-entry.ts" },
    outdir: `${folder}/static`,
    // Browsers keep what they have loaded under a name.
    entryNames: "[name].[hash]",
    bundle: true,
    format: "iife",
    platform: "browser",
    target: "es2020",
    metafile: true,
    logLevel: "warning",
  });
  const [entry] = Object.keys(metafile.outputs);
  const { version, description, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const load = relative(folder, entry!).split(sep).join("/");
  const jupyterlab = { extension: true, _build: { load, extension: "./extension" } };
  const manifest = { name: "fenl", version, description, license, jupyterlab };
  await writeFile(join(root, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

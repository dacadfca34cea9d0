import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

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

/** The modules by which the product is entered. */
export const PRODUCT = [
  "src/index.ts",
  "src/api/table.ts",
  "src/api/query.ts",
  "src/api/view.ts",
  "src/api/materialization.ts",
  "kernel/main.ts",
  "cli/main.ts",
];

/**
 * Keeps `new URL("./file", import.meta.url)` of a source file pointing at that file, or at the bundle made of it,
 * wherever in `dist` the code ends up.
 */
const fileLocations = (entryPoints: readonly string[]): Plugin => ({
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
});

/** Packages that are bundled always: as CommonJS, or as many files, they would take much longer to read. */
const BROUGHT_ALONG = ["ohm-js", "wabt"];

const broughtAlong: Plugin = {
  name: "brought-along",
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: new RegExp(`^(${BROUGHT_ALONG.join("|")})$`) }, ({ path }) => ({
      path: createRequire(import.meta.url).resolve(path),
    }));
  },
};

/** Threads that bring their packages along: reading a package's many files takes longer than what they do at first. */
const WHOLE_THREADS = [
  "src/tables/bulk/bulk-worker.ts",
  "src/execute/worker.ts",
  "src/frames/parquet/parquet-worker.ts",
];
/** What finds a file beside itself stays a package. */
const OWN_FILES = ["parquet-wasm"];

/** Bundled CommonJS asks for Node's own modules by `require`, which modules do not have. */
export const REQUIRE = `import { createRequire as createBundleRequire } from "node:module"; const require = createBundleRequire(import.meta.url);`;

/**
 * Bundles modules, with those that run in threads of their own, into a folder called `dist`.
 * @param options what differs from a bundle that finds all packages beside it
 * @returns how many entry points there are
 */
export async function bundle(
  outdir: string,
  modules: readonly string[],
  options: BuildOptions = { packages: "external" },
): Promise<number> {
  // Bundles share chunks, so that the kernel and a cell's `import "fenl"` meet in one copy of each module's state.
  const entryPoints = [...new Set([...modules, ...separateModules()])].filter((entry) => existsSync(join(root, entry)));
  await rm(outdir, { recursive: true, force: true });
  const settings: BuildOptions = {
    absWorkingDir: root,
    outdir,
    outbase: ".",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    plugins: [fileLocations(entryPoints), broughtAlong],
    // Of what is brought along: where it would look for files that it does not have.
    define: { __dirname: '"."' },
    banner: { js: REQUIRE },
    logLevel: "warning",
  };
  await build({
    ...settings,
    entryPoints: entryPoints.filter((entry) => !WHOLE_THREADS.includes(entry)),
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    ...options,
  });
  await build({
    ...settings,
    ...options,
    entryPoints: WHOLE_THREADS,
    packages: "bundle",
    external: OWN_FILES,
    // A thread that goes on as one of another module has read already what both need.
    splitting: true,
    chunkNames: "chunks/thread-[name]-[hash]",
  });
  return entryPoints.length;
}

/** Makes the prebuilt extension of JupyterLab: a module-federation container, which JupyterLab loads as a script. */
export async function bundleLabExtension(outdir: string): Promise<void> {
  const folder = join(outdir, "labextension");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { remoteEntry: "kernelspec/labextension/remote-entry.ts" },
    outdir: join(folder, "static"),
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
  const load = relative(folder, resolve(root, entry!)).split(sep).join("/");
  const jupyterlab = { extension: true, _build: { load, extension: "./extension" } };
  const manifest = { name: "fenl", version, description, license, jupyterlab };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Makes what travels with a Spark job: files that need nothing but Node. */
export async function bundleForSpark(outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { "fenl-worker": "src/spark/worker.ts", "fenl-planner": "src/spark/planner.ts" },
    outdir: join(outdir, "spark"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: `${REQUIRE} const __dirname = import.meta.dirname;` },
    logLevel: "warning",
  });
}

import { existsSync } from "node:fs";
import { chmod, readFile, rm } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

// Bundles share chunks, so that the kernel and a cell's `import "fenl"` meet in one copy of each module's state.
const entryPoints = [
  "src/index.ts",
  "src/api/table.ts",
  "src/api/query.ts",
  "src/api/view.ts",
  "src/api/materialization.ts",
  "src/execute/worker.ts",
  "kernel/main.ts",
  "kernel/wire/wire-thread.ts",
  "kernel/session/type-service-thread.ts",
  "kernel/notebook/run-notebook.ts",
  "cli/main.ts",
].filter((entry) => existsSync(join(root, entry)));

/**
 * Keeps `new URL("./file", import.meta.url)` of a source file pointing at that file, or at the bundle made of it,
 * wherever in `dist` the code ends up.
 */
const fileLocations: Plugin = {
  name: "file-locations",
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes(`${sep}node_modules${sep}`)) return null;
      const contents = (await readFile(path, "utf8")).replace(
        /new URL\(\s*"(\.[^"]*)",\s*import\.meta\.url\s*\)/g,
        (_, target: string) => {
          const file =
            relative(root, resolve(dirname(path), target))
              .split(sep)
              .join("/") + (/\/$/.test(target) ? "/" : "");
          const built = entryPoints.includes(file) ? file.replace(/\.ts$/, ".js") : `../${file}`;
          return `new URL(${JSON.stringify(built)}, import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/") + 6))`;
        },
      );
      return { contents, loader: "ts" };
    });
  },
};

const started = performance.now();
await rm(join(root, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outdir: "dist",
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
});
const command = join(root, "dist/cli/main.js");
if (existsSync(command)) await chmod(command, 0o755);
console.log(`dist/: ${entryPoints.length} entry points in ${Math.round(performance.now() - started)} ms`);

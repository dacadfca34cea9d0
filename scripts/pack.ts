/**
 * Makes the tarball that installs on any machine: npm run pack [-- FOLDER]. What is pure JavaScript is bundled; Danfo, whose
 * own dependencies do not install, is a package inside, with the stand-ins of `vendor/` in it.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundle, bundleForSpark, bundleLabExtension, PRODUCT, REQUIRE } from "./bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** Packages that the tarball names as dependencies: the others are bundled. */
const INSTALLED = [
  // They have native binaries, or WebAssembly in files of its own.
  ...["zeromq", "@duckdb/node-api", "esbuild", "@swc/wasm-typescript", "parquet-wasm", "wabt"],
  // Their types are read from their files.
  ...["typescript", "@types/node"],
  // Cells import them as well, and must get the very copy that results and frames are made of.
  ...["apache-arrow", "@tensorflow/tfjs-core", "@tensorflow/tfjs-layers", "@tensorflow/tfjs-backend-cpu"],
];

const DANFO = "danfojs-node";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [property: string]: unknown;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}

function writeManifest(folder: string, manifest: object): void {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function run(command: string, parameters: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${parameters.join(" ")}: ${error?.message ?? stderr + stdout}`);
  return stdout;
}

async function bundleProduct(folder: string): Promise<void> {
  const external = [...INSTALLED, DANFO].flatMap((name) => [name, `${name}/*`]);
  const dist = join(folder, "dist");
  await bundle(dist, PRODUCT, { external, banner: { js: REQUIRE }, sourcemap: false, legalComments: "linked" });
  await bundleLabExtension(dist);
  await bundleForSpark(dist);
  const main = join(folder, "dist/cli/main.js");
  const [shebang, ...lines] = readFileSync(main, "utf8").split("\n");
  if (!shebang!.startsWith("#!")) throw new Error(`${main} does not begin with the line that names node`);
  writeFileSync(main, [shebang, ...lines].join("\n"));
  chmodSync(main, 0o755);
  run(
    process.execPath,
    [require.resolve("typescript/bin/tsc"), "-p", "tsconfig.types.json", "--outDir", join(folder, "dist/types")],
    root,
  );
}

async function bundleDanfo(folder: string): Promise<void> {
  const manifest = readManifest(join(root, "node_modules", DANFO, "package.json"));
  const types = dirname(String(manifest.types));
  const names = Object.keys(require(DANFO)).filter((name) => name !== "default");
  await build({
    stdin: {
      // Named one by one, so that a module's import finds them.
      contents: `import * as danfo from "${DANFO}";\n${names.map((name) => `export const ${name} = danfo.${name};`).join("\n")}`,
      resolveDir: root,
    },
    outfile: join(folder, "index.js"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    // Danfo's plots ask for plotly when they are first used; it is not among its dependencies.
    external: [...INSTALLED, "plotly.js-dist-min"],
    legalComments: "linked",
    logLevel: "warning",
  });
  cpSync(join(root, "node_modules", DANFO, types), join(folder, types), {
    recursive: true,
    filter: (file) => !/\.(js|map)$/.test(file),
  });
  const { name, version, license, description, repository } = manifest;
  writeManifest(folder, { name, version, description, license, repository, main: "index.js", types: manifest.types });
}

function writeOwnManifest(folder: string, danfoVersion: string): void {
  const {
    dependencies,
    devDependencies: _dev,
    overrides: _overrides,
    scripts: _scripts,
    private: _private,
    ...manifest
  } = readManifest(join(root, "package.json"));
  const installed = INSTALLED.map((name) => {
    if (dependencies[name] === undefined) throw new Error(`package.json has no dependency ${name}`);
    return [name, dependencies[name]];
  });
  writeManifest(folder, {
    ...manifest,
    dependencies: { ...Object.fromEntries(installed), [DANFO]: danfoVersion },
    bundleDependencies: [DANFO],
    files: ["dist", "kernelspec/logos", "notebooks", "spark", "docs", "LICENSE", "CHANGELOG.md", "README.md"],
  });
}

const destination = resolve(process.argv[2] ?? root);
const stage = mkdtempSync(join(tmpdir(), "fenl-pack-"));
try {
  const started = performance.now();
  await bundleProduct(stage);
  const danfo = join(stage, "node_modules", DANFO);
  await bundleDanfo(danfo);
  writeOwnManifest(stage, readManifest(join(danfo, "package.json")).version);
  for (const file of [
    "kernelspec/logos",
    "spark/fenl_driver.py",
    "spark/fenl_worker.py",
    "spark/spark-connect.protoset",
    "docs",
    "LICENSE",
    "CHANGELOG.md",
    "README.md",
  ]) {
    cpSync(join(root, file), join(stage, file), { recursive: true });
  }
  const notebooks = run("git", ["ls-files", "notebooks/*.ipynb"], root).trim().split("\n");
  for (const file of notebooks) cpSync(join(root, file), join(stage, file));
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", destination], stage));
  if (!packed.bundled.includes(DANFO)) throw new Error(`npm pack has left ${DANFO} out`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${join(destination, packed.filename)}: ${(packed.size / 1e6).toFixed(1)} MB, made in ${seconds} s`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

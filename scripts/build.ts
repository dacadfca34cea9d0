import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, bundleForSpark, bundleLabExtension, PRODUCT } from "./bundle.ts";

/** What the benchmarks measure: `build.ts --bench` bundles it as the product is bundled. */
const BENCHMARKS = ["bench/compare/engine-process.ts", "bench/job/job.ts", "bench/memory/measure.ts"];

const isBench = process.argv.includes("--bench");
const folder = isBench ? "bench/build/dist" : "dist";
const outdir = fileURLToPath(new URL(`../${folder}`, import.meta.url));
const started = performance.now();
try {
  const entryPoints = await bundle(outdir, isBench ? BENCHMARKS : PRODUCT);
  if (!isBench) {
    await bundleLabExtension(outdir);
    await bundleForSpark(outdir);
    chmodSync(join(outdir, "cli/main.js"), 0o755);
  }
  console.log(`${folder}/: ${entryPoints} entry points in ${Math.round(performance.now() - started)} ms`);
} catch (error) {
  // What is wrong with a source, esbuild has told.
  if (!(error as Error).message.startsWith("Build failed")) throw error;
  process.exitCode = 1;
}

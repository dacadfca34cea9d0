import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/** Starts a thread of this program: bundled code as it is, TypeScript with the loader that the main thread has. */
export function startThread(name: string, module: URL): Worker {
  return new Worker(module.pathname.endsWith(".ts") ? withLoader(module) : module, { name });
}

/** A thread does not take over the loader of the main one. */
function withLoader(module: URL): URL {
  const loader = JSON.stringify(
    pathToFileURL(
      createRequire(import.meta.url)
        .resolve("tsx/esm/api")
        .replace(/cjs$/, "mjs"),
    ).href,
  );
  const code = `import { register } from ${loader}; register(); await import(${JSON.stringify(module.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

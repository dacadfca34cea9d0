import { basename, dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Command, InvalidArgumentError } from "commander";

/** `fenl run NOTEBOOK`: executes a notebook without Jupyter. */
export function runCommand(): Command {
  return new Command("run")
    .description("Execute a notebook from top to bottom, print its outputs, and write the executed notebook.")
    .argument("<notebook>", "a .ipynb file")
    .option("-o, --out <file>", "where the executed notebook goes (default: NOTEBOOK.executed.ipynb beside it)")
    .option("-t, --timeout <seconds>", "the most time that one cell may take", readSeconds)
    .action(run);
}

async function run(path: string, options: { readonly out?: string; readonly timeout?: number }): Promise<void> {
  const { runNotebook } = await import("../kernel/notebook/run-notebook.ts");
  const out = options.out ?? join(dirname(path), `${basename(path, ".ipynb")}.executed.ipynb`);
  const start = performance.now();
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  try {
    const { executed, failure } = await runNotebook(path, {
      out,
      timeout: options.timeout,
      signal: interrupted.signal,
      print: (text) => process.stdout.write(process.stdout.isTTY ? text : stripVTControlCharacters(text)),
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (failure !== null) {
      console.error(`\nCell ${failure.cell} failed: ${failure.head}\n${stripVTControlCharacters(failure.error)}`);
      process.exitCode = 1;
    }
    console.log(`\n${executed} ${executed === 1 ? "cell" : "cells"} executed in ${seconds} s, written to ${out}`);
  } catch (error) {
    if (!(error instanceof Error) || !["NotebookFileError", "KernelError"].includes(error.name)) throw error;
    console.error(`fenl run: ${error.message}`);
    process.exitCode = 1;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("It must be a number of seconds above 0.");
  return seconds;
}

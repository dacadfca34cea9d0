import { basename, dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Command, InvalidArgumentError } from "commander";
import type { NotebookParameter } from "../kernel/notebook/parameters-cell.ts";
import { readScalar, splitNamedValue } from "./named-value.ts";

interface RunOptions {
  readonly out?: string;
  readonly html?: string | true;
  readonly param?: ReadonlyMap<string, NotebookParameter>;
  readonly timeout?: number;
}

/** `fenl run NOTEBOOK`: executes a notebook without Jupyter. */
export function runCommand(): Command {
  return new Command("run")
    .usage("[options] <notebook>")
    .description("Execute a notebook from top to bottom, print its outputs, and write the executed notebook.")
    .argument("[notebook]", "a .ipynb file")
    .option("-o, --out <file>", "where the executed notebook goes (default: NOTEBOOK.executed.ipynb beside it)")
    .option("--html [file]", "write it as an HTML page as well (default: OUT.html for OUT.ipynb)")
    .option(
      "-p, --param <name=value>",
      "a value for a variable of the cell tagged parameters: a number, true, false, null, a JSON list or object, or a text; may be repeated",
      readParameter,
    )
    .option("-t, --timeout <seconds>", "the most time that one cell may take", readSeconds)
    .addHelpText(
      "after",
      `
The exit status is 0 if every cell ran, and 1 if one failed, which is named.

Examples:
  fenl run report.ipynb --param limit=100 --param region=north --out north.ipynb
  fenl run report.ipynb --html`,
    )
    .action(run);
}

async function run(argument: string | undefined, given: RunOptions, command: Command): Promise<void> {
  // In "--html notebook.ipynb" the notebook is not where the page goes.
  const isSwallowed = argument === undefined && typeof given.html === "string" && given.html.endsWith(".ipynb");
  const path = isSwallowed ? (given.html as string) : argument;
  const options: RunOptions = isSwallowed ? { ...given, html: true } : given;
  if (path === undefined) command.error("error: missing required argument 'notebook'");
  const { runNotebook } = await import("../kernel/notebook/run-notebook.ts");
  const out = options.out ?? join(dirname(path), `${basename(path, ".ipynb")}.executed.ipynb`);
  const html = options.html === true ? `${out.replace(/\.ipynb$/, "")}.html` : options.html;
  const start = performance.now();
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  try {
    const { executed, failure } = await runNotebook(path, {
      out,
      html,
      parameters: options.param,
      timeout: options.timeout,
      signal: interrupted.signal,
      print: (text) => process.stdout.write(process.stdout.isTTY ? text : stripVTControlCharacters(text)),
      warn: (text) => console.error(`fenl run: ${text}`),
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (failure !== null) {
      console.error(`\nCell ${failure.cell} failed: ${failure.head}\n${stripVTControlCharacters(failure.error)}`);
      process.exitCode = 1;
    }
    const written = html === undefined ? out : `${out} and ${html}`;
    console.log(`\n${executed} ${executed === 1 ? "cell" : "cells"} executed in ${seconds} s, written to ${written}`);
  } catch (error) {
    if (!(error instanceof Error) || !["NotebookFileError", "KernelError"].includes(error.name)) throw error;
    console.error(`fenl run: ${error.message}`);
    process.exitCode = 1;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function readParameter(text: string, before: ReadonlyMap<string, NotebookParameter> = new Map()) {
  const [name, value] = splitNamedValue(text, before);
  return new Map(before).set(name, parameterValue(value));
}

function parameterValue(text: string): NotebookParameter {
  if (!/^\s*[[{]/.test(text)) return readScalar(text) as NotebookParameter;
  try {
    return JSON.parse(text) as NotebookParameter;
  } catch (error) {
    throw new InvalidArgumentError(`A list or an object must be written as JSON: ${(error as Error).message}`);
  }
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("It must be a number of seconds above 0.");
  return seconds;
}

import { basename, dirname, resolve } from "node:path";
import { CellOutputs } from "./cell-outputs.ts";
import { KernelClient } from "./kernel-client.ts";
import {
  type Notebook,
  type NotebookCell,
  type NotebookOutput,
  readNotebook,
  sourceOf,
  writeNotebook,
  writeWhole,
} from "./notebook-file.ts";
import { cellHead, outputText } from "./output-text.ts";
import { injectParameters, type NotebookParameter } from "./parameters-cell.ts";

export interface RunNotebookOptions {
  /** Where the executed notebook goes. */
  readonly out: string;
  /** Where the executed notebook goes as an HTML page; absent: nowhere. */
  readonly html?: string;
  /** Values for the variables of the cell that is tagged `parameters`. */
  readonly parameters?: ReadonlyMap<string, NotebookParameter>;
  /** The most seconds that one cell may take; absent: no limit. */
  readonly timeout?: number;
  /** Takes the text of what happens, as it happens. */
  print(text: string): void;
  /** Takes what the user should know about the call. */
  warn(text: string): void;
  /** Ends the run when it is aborted. */
  readonly signal?: AbortSignal;
}

/** How a run ended: the cell that failed, counted from 1 among all cells, with its error; or null. */
export interface RunOutcome {
  readonly executed: number;
  readonly failure: { readonly cell: number; readonly head: string; readonly error: string } | null;
}

/**
 * Executes a notebook from top to bottom in a new kernel, over ZeroMQ as Jupyter would, and writes it with its outputs.
 * A failing cell ends the run, unless it is tagged `raises-exception`; what was executed is written in any case.
 */
export async function runNotebook(path: string, options: RunNotebookOptions): Promise<RunOutcome> {
  const notebook = await readNotebook(path);
  if (options.parameters !== undefined && options.parameters.size > 0) {
    for (const warning of await injectParameters(notebook, options.parameters)) options.warn(warning);
  }
  for (const cell of notebook.cells.filter(isCode)) Object.assign(cell, { outputs: [], execution_count: null });
  const client = await KernelClient.start({ folder: dirname(resolve(path)) });
  const displays = new Map<string, NotebookOutput[]>();
  let executed = 0;
  try {
    const info = await client.kernelInfo();
    notebook.metadata.language_info = info.language_info;
    for (const [at, cell] of notebook.cells.entries()) {
      if (!isCode(cell) || sourceOf(cell).trim() === "") continue;
      const error = await runCodeCell(cell, client, displays, options);
      executed++;
      if (error !== null && !isExpectedToFail(cell)) {
        return { executed, failure: { cell: at + 1, head: cellHead(sourceOf(cell)), error } };
      }
    }
    return { executed, failure: null };
  } finally {
    await client.shutdown();
    await writeNotebook(options.out, notebook);
    if (options.html !== undefined) await writePage(options.html, notebook, path);
  }
}

async function writePage(out: string, notebook: Notebook, path: string): Promise<void> {
  const { pageHtml } = await import("./page-html.ts");
  await writeWhole(out, pageHtml(notebook, basename(path, ".ipynb")));
}

/** Runs one cell into its outputs. @returns its error in one line, or null. */
async function runCodeCell(
  cell: NotebookCell,
  client: KernelClient,
  displays: Map<string, NotebookOutput[]>,
  options: RunNotebookOptions,
): Promise<string | null> {
  const source = sourceOf(cell);
  const collected = new CellOutputs(displays);
  cell.outputs = collected.outputs;
  let started = false;
  const start = (count: number | null) => {
    if (started) return;
    started = true;
    cell.execution_count = count;
    options.print(`\n[${count ?? " "}] ${cellHead(source)}\n`);
  };
  const reply = await client.execute(source, {
    timeout: options.timeout,
    signal: options.signal,
    onOutput(message) {
      if (message.type === "execute_input") return start(message.content.execution_count as number);
      start(null);
      collected.add(message);
      options.print(outputText(message));
    },
  });
  start(reply.executionCount);
  cell.execution_count = reply.executionCount;
  if (reply.error === null) return null;
  if (!collected.outputs.some((output) => output.output_type === "error")) {
    const content = { ...reply.error, traceback: [`${reply.error.ename}: ${reply.error.evalue}`] };
    collected.add({ type: "error", content });
    options.print(outputText({ type: "error", content }));
  }
  return `${reply.error.ename}: ${reply.error.evalue}`;
}

function isCode(cell: NotebookCell): boolean {
  return cell.cell_type === "code";
}

function isExpectedToFail(cell: NotebookCell): boolean {
  const tags = cell.metadata.tags;
  return Array.isArray(tags) && tags.includes("raises-exception");
}

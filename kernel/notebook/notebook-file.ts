import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";

/** A notebook of format 4, as far as running it needs; everything else in the file is kept as it is. */
export interface Notebook {
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
  cells: NotebookCell[];
}

export interface NotebookCell {
  cell_type: string;
  id?: string;
  metadata: Record<string, unknown>;
  source: string | string[];
  outputs?: NotebookOutput[];
  execution_count?: number | null;
}

/** An output as the file holds it. */
export type NotebookOutput =
  | { output_type: "stream"; name: string; text: string | string[] }
  | { output_type: "display_data"; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | {
      output_type: "execute_result";
      execution_count: number | null;
      data: Record<string, unknown>;
      metadata: Record<string, unknown>;
    }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

/** A notebook that cannot be read or written; the message is for the user. */
export class NotebookFileError extends Error {
  override readonly name = "NotebookFileError";
}

/** Reads a notebook; cells without an id, as older formats have them, get one. */
export async function readNotebook(path: string): Promise<Notebook> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code);
    throw new NotebookFileError(`cannot read ${path}: ${reason}`);
  }
  let notebook: Partial<Notebook> | null;
  try {
    notebook = JSON.parse(text) as Partial<Notebook> | null;
  } catch (error) {
    throw new NotebookFileError(`${path} is not a notebook: ${(error as Error).message}`);
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new NotebookFileError(`${path} is not a notebook of format 4 (it has no "nbformat": 4 with a list of cells)`);
  }
  for (const [at, cell] of notebook.cells.entries()) {
    if (typeof cell?.cell_type !== "string" || !(typeof cell.source === "string" || Array.isArray(cell.source))) {
      throw new NotebookFileError(`${path} is damaged: cell ${at + 1} has no cell_type or no source`);
    }
    cell.metadata ??= {};
    cell.id ??= randomBytes(4).toString("hex");
  }
  return { ...notebook, metadata: notebook.metadata ?? {}, nbformat: 4, nbformat_minor: 5, cells: notebook.cells };
}

/** Writes a notebook as Jupyter does, all or nothing. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeWhole(path, `${JSON.stringify(splitLines(notebook), null, 1)}\n`);
}

/** Writes a text to a file, all or nothing. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}.part`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new NotebookFileError(`cannot write ${path}: ${(error as Error).message}`);
  }
}

/** The text of a cell. */
export function sourceOf(cell: NotebookCell): string {
  return Array.isArray(cell.source) ? cell.source.join("") : cell.source;
}

/** Texts of more than a line as lists of lines, which differ line by line under version control. */
function splitLines(notebook: Notebook): Notebook {
  return {
    ...notebook,
    cells: notebook.cells.map((cell) => ({
      ...cell,
      source: linesOf(sourceOf(cell)),
      ...(cell.outputs && { outputs: cell.outputs.map(splitOutput) }),
    })),
  };
}

function splitOutput(output: NotebookOutput): NotebookOutput {
  if (output.output_type === "stream") return { ...output, text: linesOf([output.text].flat().join("")) };
  if (output.output_type === "error") return output;
  const data = Object.entries(output.data).map(([mime, value]) => [
    mime,
    typeof value === "string" && !mime.startsWith("image/png") ? linesOf(value) : value,
  ]);
  return { ...output, data: Object.fromEntries(data) };
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

import { randomBytes } from "node:crypto";
import { nearest } from "../../src/text/nearest.ts";
import { parseCell } from "../session/parse-cell.ts";
import { type Notebook, type NotebookCell, NotebookFileError, sourceOf } from "./notebook-file.ts";

/** A value for a parameter: JSON, and whole numbers of any size. */
export type NotebookParameter =
  | boolean
  | number
  | bigint
  | string
  | null
  | readonly NotebookParameter[]
  | { readonly [name: string]: NotebookParameter };

/** The tags by which papermill knows its cells, too. */
const PARAMETERS = "parameters";
const INJECTED = "injected-parameters";

/**
 * Gives a notebook's parameters values: a cell behind the one that is tagged `parameters` (without such a cell, at the
 * top) declares them anew. A cell that was put there before is replaced.
 * @returns what the user should know.
 * @throws NotebookFileError for a name that no variable can have
 */
export async function injectParameters(
  notebook: Notebook,
  values: ReadonlyMap<string, NotebookParameter>,
): Promise<string[]> {
  const declarations = [...values].map(([name, value]) => {
    const declaration = `let ${name} = ${literal(value)};`;
    try {
      parseCell(declaration);
    } catch {
      throw new NotebookFileError(`"${name}" cannot be the name of a parameter: no variable can be called so`);
    }
    return declaration;
  });
  const source = ["// Parameters", ...declarations].join("\n");
  const former = notebook.cells.findIndex((cell) => isTagged(cell, INJECTED));
  const defaults = notebook.cells.findIndex((cell) => isTagged(cell, PARAMETERS));
  if (former >= 0) notebook.cells[former]!.source = source;
  else notebook.cells.splice(defaults + 1, 0, injectedCell(source));
  if (defaults < 0) {
    return ['no cell is tagged "parameters": the values are set in a new first cell, and a later cell may change them'];
  }
  return await unknownNames(sourceOf(notebook.cells[defaults]!), values.keys());
}

function injectedCell(source: string): NotebookCell {
  const id = randomBytes(4).toString("hex");
  return { cell_type: "code", id, metadata: { tags: [INJECTED] }, source, outputs: [], execution_count: null };
}

async function unknownNames(defaults: string, names: Iterable<string>): Promise<string[]> {
  const { readNames } = await import("../types/cell-names.ts");
  const { declared } = readNames(defaults);
  return [...names]
    .filter((name) => !declared.has(name))
    .map((name) => {
      const [close] = nearest(name, declared, 1);
      const hint = close === undefined ? "" : `; the nearest that it has is ${close}`;
      return `the cell tagged "parameters" declares no ${name}${hint}`;
    });
}

function isTagged(cell: NotebookCell, tag: string): boolean {
  const { tags } = cell.metadata;
  return cell.cell_type === "code" && Array.isArray(tags) && tags.includes(tag);
}

/** A value as TypeScript writes it. */
function literal(value: NotebookParameter): string {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? String(value) : `${value}n`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    // In brackets, `__proto__` is a property like any other.
    const properties = Object.entries(value).map(([name, each]) => `[${JSON.stringify(name)}]: ${literal(each)}`);
    return properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`;
  }
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

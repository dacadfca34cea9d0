import assert from "node:assert/strict";
import { type NotebookCell, type NotebookOutput, readNotebook, sourceOf } from "../../kernel/notebook/notebook-file.ts";

/** A notebook that was executed, and what its cells show. */
export class ExecutedNotebook {
  readonly cells: readonly NotebookCell[];

  private constructor(cells: readonly NotebookCell[]) {
    this.cells = cells;
  }

  static async read(path: string): Promise<ExecutedNotebook> {
    return new ExecutedNotebook((await readNotebook(path)).cells);
  }

  get code(): readonly NotebookCell[] {
    return this.cells.filter((cell) => cell.cell_type === "code");
  }

  /** Checks that every cell ran, in order, and that none shows an error or wrote to standard error. */
  checkRan(): void {
    assert.deepEqual(
      this.code.map((cell) => cell.execution_count),
      this.code.map((_, at) => at + 1),
      "the numbers of the cells",
    );
    for (const cell of this.code) {
      const bad = outputsOf(cell).filter((output) => output.output_type === "error" || isStderr(output));
      assert.deepEqual(bad, [], sourceOf(cell));
    }
  }

  /** The cell with an id. */
  cell(id: string): NotebookCell {
    const found = this.cells.find((cell) => cell.id === id);
    assert.ok(found, `a cell ${id}`);
    return found;
  }

  /** All that a cell shows as plain text. */
  text(id: string): string {
    return outputsOf(this.cell(id))
      .map((output) => {
        if (output.output_type === "stream") return joined(output.text);
        return output.output_type === "error" ? output.evalue : joined(output.data["text/plain"]);
      })
      .join("\n");
  }

  /** What a cell shows as HTML. */
  html(id: string): string {
    return outputsOf(this.cell(id))
      .map((output) => ("data" in output ? joined(output.data["text/html"] ?? "") : ""))
      .join("");
  }

  /** The rows of the result that a cell shows: the time without its zeros at the end, the key, and the fields. */
  rows(id: string): string[][] {
    return resultRows(this.text(id));
  }
}

/** The rows of a result drawn as text: `_time` without zeros at its end, `_key`, and the fields. */
export function resultRows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => /^\d{4}-\d\d-\d\d \d\d:/.test(line))
    .map((line) => {
      const [time, _subsort, _keyHash, ...rest] = line.trim().split(/ {2,}/);
      return [time!.replace(/:00(\.0+)?$/, ""), ...rest];
    });
}

function outputsOf(cell: NotebookCell): readonly NotebookOutput[] {
  return cell.outputs ?? [];
}

function isStderr(output: NotebookOutput): boolean {
  return output.output_type === "stream" && output.name === "stderr";
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value);
}

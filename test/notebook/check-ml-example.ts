import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { type NotebookCell, type NotebookOutput, readNotebook, sourceOf } from "../../kernel/notebook/notebook-file.ts";

/** Rows of each query cell of the ML example: `_time`, `_key` and the fields, as text. */
const EXPECTED: readonly { readonly holds: string; readonly rows: readonly (readonly string[])[] }[] = [
  {
    holds: "%%fenl\nGamePlay",
    rows: [
      ["02:30", "Alice", "10", "true"],
      ["02:35", "Bob", "3", "false"],
      ["03:46", "Bob", "8", "false"],
      ["03:58", "Bob", "23", "true"],
      ["04:25", "Bob", "8", "true"],
      ["05:05", "Alice", "53", "true"],
      ["05:36", "Alice", "2", "false"],
      ["07:22", "Bob", "7", "false"],
      ["08:35", "Alice", "5", "false"],
      ["10:01", "Alice", "43", "true"],
    ],
  },
  {
    holds: "in features\n",
    rows: [
      ["02:35", "Bob", "3"],
      ["03:46", "Bob", "11"],
      ["05:36", "Alice", "2"],
      ["07:22", "Bob", "18"],
      ["08:35", "Alice", "7"],
    ],
  },
  {
    holds: "in features | when(is_prediction_time)\n",
    rows: [
      ["03:46", "Bob", "11"],
      ["08:35", "Alice", "7"],
    ],
  },
  {
    holds: "shift_by(seconds(60*10))\n",
    rows: [
      ["03:56", "Bob", "11"],
      ["08:45", "Alice", "7"],
    ],
  },
  {
    holds: "--var training",
    rows: [
      ["03:56", "Bob", "11", "null", "true"],
      ["08:45", "Alice", "7", "2", "false"],
    ],
  },
];

/** Checks the outputs of an executed ML example: every cell ran without error, and every query has its rows. */
export async function checkMlExample(path: string): Promise<void> {
  const { cells } = await readNotebook(path);
  const code = cells.filter((cell) => cell.cell_type === "code");
  assert.deepEqual(
    code.map((cell) => cell.execution_count),
    code.map((_, at) => at + 1),
    "the numbers of the cells",
  );
  for (const cell of code) {
    const bad = outputs(cell).filter((output) => output.output_type === "error" || isStderr(output));
    assert.deepEqual(bad, [], sourceOf(cell));
  }
  for (const { holds, rows } of EXPECTED) {
    const cell = code.find((candidate) => `${sourceOf(candidate)}\n`.includes(holds));
    assert.ok(cell, `a cell with ${holds}`);
    const [output] = outputs(cell);
    assert.ok(output?.output_type === "execute_result", holds);
    assert.match(textOf(output.data["text/html"]), /<table/, holds);
    assert.deepEqual(shownRows(textOf(output.data["text/plain"]), rows[0]!.length), rows, holds);
  }
  const last = outputs(code.at(-1)!)[0];
  assert.ok(last?.output_type === "execute_result", "the last cell shows its prediction");
  const predicted = textOf(last.data["text/plain"]);
  assert.match(predicted, /Bob +11 +true +0\.9\d* +true/);
  assert.match(predicted, /Alice +7 +false +0\.0\d* +false/);
}

/** Rows of a result drawn as text: the time of day, the key, and the last `cells - 2` fields. */
function shownRows(text: string, cells: number): string[][] {
  const rows = text.split("\n").filter((line) => line.startsWith("2022-01-01 "));
  return rows.map((line) => {
    const [time, _subsort, _keyHash, key, ...fields] = line.trim().split(/ {2,}/);
    return [time!.slice("2022-01-01 ".length, -":00".length), key!, ...fields.slice(2 - cells)];
  });
}

function outputs(cell: NotebookCell): readonly NotebookOutput[] {
  return cell.outputs ?? [];
}

function isStderr(output: NotebookOutput): boolean {
  return output.output_type === "stream" && output.name === "stderr";
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await checkMlExample(process.argv[2] ?? "notebooks/ml-example.executed.ipynb");
  console.log("the outputs of the ML example are right");
}

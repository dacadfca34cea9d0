import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { sourceOf } from "../../kernel/notebook/notebook-file.ts";
import { ExecutedNotebook } from "./executed-notebook.ts";

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
  const notebook = await ExecutedNotebook.read(path);
  notebook.checkRan();
  for (const { holds, rows } of EXPECTED) {
    const cell = notebook.code.find((candidate) => `${sourceOf(candidate)}\n`.includes(holds));
    assert.ok(cell?.id, `a cell with ${holds}`);
    assert.match(notebook.html(cell.id), /<table/, holds);
    const shown = notebook.rows(cell.id).map(([time, key, ...fields]) => {
      return [time!.slice("2022-01-01 ".length), key!, ...fields.slice(2 - rows[0]!.length)];
    });
    assert.deepEqual(shown, rows, holds);
  }
  const predicted = notebook.text(notebook.code.at(-1)!.id!);
  assert.match(predicted, /Bob +11 +true +0\.9\d* +true/);
  assert.match(predicted, /Alice +7 +false +0\.0\d* +false/);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await checkMlExample(process.argv[2] ?? "notebooks/ml-example.executed.ipynb");
  console.log("the outputs of the ML example are right");
}

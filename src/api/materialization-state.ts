import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { FinalState } from "../execute/incremental-run.ts";
import type { RowSetColumn } from "../execute/rows/row-set.ts";
import { sweepDrafts } from "../frames/sweep-drafts.ts";
import { writeFailure, writeFileWhole } from "../frames/write-file.ts";
import { discard } from "../tables/discard.ts";
import { storeFailure } from "../tables/store-failure.ts";

/** Changed with the form of a state, so that one of another form is not used. */
const FORMAT = 2;
const DIGEST_BYTES = 32;

function pathOf(directory: string, id: string): string {
  return join(directory, "materializations", `${id}.state`);
}

/** A copy in memory of its own: what threads share cannot be written. */
function ownColumn(column: RowSetColumn): RowSetColumn {
  const { valid } = column;
  return { ...column, values: column.values.slice(), ...(valid === undefined ? {} : { valid: valid.slice() }) };
}

function ownState(state: FinalState): FinalState {
  const { rows, key } = state.rows;
  return {
    ...state,
    rows: {
      rows: {
        rows: rows.rows,
        keyHash: rows.keyHash.slice(),
        time: rows.time.slice(),
        subsort: rows.subsort.slice(),
        columns: rows.columns.map(ownColumn),
      },
      key: ownColumn(key),
    },
  };
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Keeps a materialization's rows for the next time. */
export async function keepState(directory: string, id: string, state: FinalState): Promise<void> {
  const content = serialize({ format: FORMAT, state: ownState(state) });
  const path = pathOf(directory, id);
  try {
    await mkdir(dirname(path), { recursive: true });
    await sweepDrafts(path);
  } catch (error) {
    throw writeFailure(path, error);
  }
  const write = (temporary: string) => writeFile(temporary, Buffer.concat([digestOf(content), content]));
  await writeFileWhole(path, write, { durable: true });
}

/** What was kept; null where there is nothing that can be used. */
export function keptState(directory: string, id: string): FinalState | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(pathOf(directory, id));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw storeFailure("read", pathOf(directory, id), error);
  }
  const content = bytes.subarray(DIGEST_BYTES);
  if (!digestOf(content).equals(bytes.subarray(0, DIGEST_BYTES))) return null;
  const kept = deserialize(content) as { format: number; state: FinalState };
  return kept.format === FORMAT ? kept.state : null;
}

/** Forgets what was kept. */
export function dropState(directory: string, id: string): void {
  discard(pathOf(directory, id));
}

import type { FenlType } from "../../values/fenl-type.ts";
import type { RowArray } from "./allocate.ts";
import { dictionaryBytes } from "./dictionary.ts";
import { mapArrays } from "./gather.ts";
import type { StoredRows } from "./row-set.ts";

/** Rows between stages, in one order: in memory that all threads see, or in a temporary file. */
export type RowRun = StoredRows | SpilledRun;

/** Rows in a temporary file, block after block. */
export interface SpilledRun {
  readonly kind: "spilled";
  readonly path: string;
  readonly rows: number;
  /** At least one; each has its own dictionaries. */
  readonly blocks: readonly SpilledBlock[];
}

/** Some rows in a file, of the form of {@link StoredRows}. */
export interface SpilledBlock {
  readonly rows: number;
  readonly keyHash: SpilledArray;
  readonly time: SpilledArray;
  readonly subsort: SpilledArray;
  readonly rank?: SpilledArray;
  readonly origin?: SpilledArray;
  readonly ordinal?: SpilledArray;
  readonly localKeyHash?: SpilledArray;
  readonly key?: SpilledColumn;
  readonly columns: readonly SpilledColumn[];
}

export type ArrayName =
  | "Int32Array"
  | "BigInt64Array"
  | "Float32Array"
  | "Float64Array"
  | "BigUint64Array"
  | "Uint8Array";

/** Where an array starts in a file, and what it is. */
export interface SpilledArray {
  readonly array: ArrayName;
  readonly offset: number;
}

export interface SpilledColumn {
  readonly name: string;
  readonly type: FenlType;
  readonly values: SpilledArray;
  readonly valid?: SpilledArray;
  readonly dictionary?: SpilledDictionary;
  /** What is added to codes, so that they are of a dictionary which the query has instead of the column's own. */
  readonly base?: number;
}

/** Values that codes stand for, as V8 writes them. */
export interface SpilledDictionary {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

export function isSpilled(run: RowRun): run is SpilledRun {
  return "kind" in run;
}

/** Whether a run's file holds texts of entity keys. */
export function hasKeyTexts({ blocks }: SpilledRun): boolean {
  return blocks.some(({ key }) => key?.dictionary !== undefined);
}

/** Of a run's columns those at some places, with the entity's key or without. */
export function chooseColumns(run: RowRun, places: readonly number[], withKey: boolean): RowRun {
  if (isSpilled(run)) return { ...run, blocks: run.blocks.map((block) => choose(block, places, withKey)) };
  return choose(run, places, withKey);
}

function choose<C, T extends { readonly columns: readonly C[]; readonly key?: unknown }>(
  of: T,
  places: readonly number[],
  withKey: boolean,
): T {
  const chosen = { ...of, columns: places.map((place) => of.columns[place]!) };
  return withKey ? chosen : { ...chosen, key: undefined };
}

/** The type of the entity keys that came with a run's rows, where they did. */
export function keyTypeOf(run: RowRun): FenlType | undefined {
  return isSpilled(run) ? run.blocks[0]!.key?.type : run.key?.type;
}

/** Which columns of identity some runs' rows have. */
export function identityParts(runs: readonly RowRun[]): { rank: boolean; origin: boolean; ordinal: boolean } {
  const parts = runs.flatMap((run): readonly (StoredRows | SpilledBlock)[] => (isSpilled(run) ? run.blocks : [run]));
  const has = (part: "rank" | "origin" | "ordinal") => parts.some((one) => one[part] !== undefined);
  return { rank: has("rank"), origin: has("origin"), ordinal: has("ordinal") };
}

/** Whether a column of a run has a value on each row. */
export function isComplete(run: RowRun, place: number): boolean {
  const blocks = isSpilled(run) ? run.blocks : [run];
  return blocks.every(({ columns }) => columns[place]!.valid === undefined);
}

/** The bytes that rows take in memory with their dictionaries, about. */
export function bytesOf(rows: StoredRows): number {
  let bytes = 0;
  mapArrays(rows, rows.rows, <T extends RowArray>(values: T): T => {
    bytes += values.byteLength;
    return values;
  });
  for (const { dictionary } of rows.key ? [...rows.columns, rows.key] : rows.columns) {
    if (dictionary !== undefined && rows.rows > 0) bytes += dictionaryBytes(dictionary);
  }
  return bytes;
}

import type { HostImport, StringLiteral } from "../compile/host-import.ts";
import type { StageLayout } from "../compile/stage-layout.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { IdentityColumn } from "./lanes.ts";

/**
 * A query as steps of Spark: whoever drives Spark builds a data frame for each, in order. Plain data; expressions are
 * Spark SQL, names are quoted in them.
 */
export interface SparkJob {
  readonly steps: readonly SparkStep[];
  readonly result: SparkResult;
}

export type SparkStep =
  /** The files of a table, with the columns that are asked for. */
  | {
      readonly kind: "read";
      readonly id: string;
      readonly paths: readonly string[];
      readonly select: readonly string[];
    }
  /** Rows are changed where they are. */
  | { readonly kind: "map"; readonly id: string; readonly input: string; readonly task: Task; readonly schema: string }
  /** Rows of all inputs are brought together by `_h`, in the order of `sort`, and stages run over them. */
  | {
      readonly kind: "shuffle";
      readonly id: string;
      readonly inputs: readonly { readonly step: string; readonly select: readonly string[] }[];
      readonly partitions: number;
      readonly sort: readonly string[];
      /** The columns of the rows after that: all, and which partition they are in. */
      readonly select: readonly string[];
      readonly task: Task;
      readonly schema: string;
    }
  /** One number over all rows: it is computed at once, and known to later steps by the step's id. */
  | { readonly kind: "fact"; readonly id: string; readonly input: string; readonly expression: string };

/** Where the answer is. */
export interface SparkResult {
  readonly step: string;
  /** The columns of rows that are handed back; the last one tells apart rows that are equal in their identity. */
  readonly select: readonly string[];
  /** Columns by which these rows are in the order of a result. */
  readonly order: readonly string[];
  /** The columns of a Parquet file. */
  readonly write: readonly string[];
}

/** What a Node process does with the rows of a partition. */
export type Task = PrepareTask | StagesTask | FilesTask;

/** A number that is known once facts are: the greatest of them plus `plus`, or `plus` alone where there is none. */
export interface FactSum {
  readonly facts: readonly string[];
  readonly plus: string;
}

/** Looks at files: their schemas are read by Python, their bytes are digested here. */
export interface FilesTask {
  readonly kind: "files";
}

/** A file of a table. */
export interface TaskFile {
  readonly path: string;
  /** The generated subsort of its first row, decimal; null where the table has a column of subsorts. */
  readonly subsort: string | null;
}

/** A column of a task's input: its name there, and the values' type. */
export interface TaskColumn {
  readonly name: string;
  readonly type: FenlType;
}

/** Which entities are kept; hashes as decimal text. */
export type TaskSlice =
  | { readonly kind: "up to"; readonly last: string }
  | { readonly kind: "these"; readonly hashes: readonly string[] };

/** Gives rows of a table their identity. Input: `_f` (file), `_i` (row in the file) and the columns. */
export interface PrepareTask {
  readonly kind: "prepare";
  /** By `_f`, decimal text, in the order of the files. */
  readonly files: Readonly<Record<string, TaskFile>>;
  readonly names: { readonly time: string; readonly key: string; readonly subsort: string | null };
  readonly time: TaskColumn;
  readonly key: TaskColumn;
  readonly subsort: TaskColumn | null;
  /** The values that are handed on, as `c0`, `c1` ... */
  readonly columns: readonly TaskColumn[];
  /** Whether the key is handed on, as `k`. */
  readonly emitKey: boolean;
  readonly slice: TaskSlice | null;
}

/** Runs stages, one after the other, over whole entities of the rows that come in. */
export interface StagesTask {
  readonly kind: "stages";
  readonly partitions: number;
  /** By the tag `_x` of their rows. */
  readonly inputs: readonly TaskInput[];
  readonly stages: readonly TaskStage[];
  /** Numbers that depend on facts; the driver adds their values to `known`. */
  readonly parameters: Readonly<Record<string, FactSum>>;
  readonly known: Readonly<Record<string, string>>;
  readonly emit: TaskEmit;
}

/** Rows of one kind that a task reads. */
export interface TaskInput {
  readonly kind: "scan" | "stored" | "answers" | "requests";
  /** What messages call it. */
  readonly label: string;
  readonly columns: readonly TaskColumn[];
  readonly key: TaskColumn | null;
  readonly slice: TaskSlice | null;
}

/** A compiled stage. */
export interface TaskStage {
  /** The module, base64. */
  readonly wasm: string;
  readonly layout: StageLayout;
  readonly imports: readonly HostImport[];
  readonly strings: readonly StringLiteral[];
  readonly sources: readonly TaskSource[];
  readonly shifts: boolean;
  /** By the names of the layout's parameters: what the task's parameters call them. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Where a stage's rows come from: an input, or an earlier stage of the task; and which of its columns. */
export interface TaskSource {
  readonly from: "input" | "stage";
  readonly index: number;
  readonly columns: readonly number[];
  readonly key: boolean;
}

/** What a task hands out: rows of its last stage, or no more than their last time. */
export type TaskEmit =
  | {
      readonly kind: "rows";
      readonly identity: readonly IdentityColumn[];
      /** Whether the entity key is handed out, as `k`. */
      readonly key: boolean;
      /** The parameter with the time of all rows: final results. */
      readonly stamp: string | null;
      /** Columns (`c0` ...) of compound values that come out as Spark's own, by their place. */
      readonly compound: readonly number[];
    }
  | { readonly kind: "last time" };

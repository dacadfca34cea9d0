import type { HostImport, StringLiteral } from "../../compile/host-import.ts";
import type { StageLayout } from "../../compile/stage-layout.ts";
import type { PreparedFile } from "../../tables/table-snapshot.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import type { WasmModule } from "../../values/web-assembly.ts";
import type { Recoding, ValuesCopy } from "./copy-values.ts";
import type { MemoryPlan } from "./memory-plan.ts";
import type { RowRun } from "./row-run.ts";
import type { StoredRows } from "./row-set.ts";
import type { HashSlice } from "./slice.ts";
import type { TextBytes } from "./text-bytes.ts";

export type { StoredRows } from "./row-set.ts";

/** A range of key hashes, both ends included, as decimal text. */
export interface HashRange {
  readonly first: string;
  readonly last: string;
}

/** What a worker can be asked to do. All of it is cloneable; rows are in memory that all threads see. */
export type Job = ChainJob | ExchangeJob | OrderJob | OrderSlotsJob;

/** One run of a stage over one range of entities. */
export interface StageJob {
  readonly module: WasmModule;
  readonly layout: StageLayout;
  readonly imports: readonly HostImport[];
  readonly strings: readonly StringLiteral[];
  readonly parameters: Readonly<Record<string, bigint>>;
  readonly sources: readonly JobSource[];
  readonly output: JobOutput;
  /** Memory that nobody uses any more, for the rows of this run. */
  readonly spares: readonly SharedArrayBuffer[];
  /** Set to 1 to make the worker stop. */
  readonly stop: SharedArrayBuffer;
  readonly memory: MemoryPlan;
  readonly spill: SpillPlace;
}

/** Stages that are run one after the other over one range of entities; what they hand to each other stays in the worker. */
export interface ChainJob {
  readonly kind: "chain";
  /** One at least; all but the last one move rows in time. */
  readonly stages: readonly ChainedStage[];
}

/** One of them. */
export type ChainedStage = Omit<StageJob, "sources"> & { readonly sources: readonly ChainSource[] };

export type ChainSource =
  | JobSource
  | SentSource
  /** What an earlier stage of the chain has handed out: its columns at some places, with the entities' key or without. */
  | { readonly kind: "chained"; readonly stage: number; readonly places: readonly number[]; readonly withKey: boolean };

/** Rows that several runs sent to one range of entities, which the stage that reads them puts in order. */
export interface SentSource extends Pick<ExchangeJob, "parts" | "keyBases" | "sorter" | "asked"> {
  readonly kind: "sent";
  /** Whether they are rows under new entities, which are numbered by the entity they come from. */
  readonly rekeyed: boolean;
}

/** Where rows go that have no place in memory. */
export interface SpillPlace {
  /** It is made when it is needed. */
  readonly directory: string;
  /** The bytes of the query's rows that are in memory, as one 64-bit number. */
  readonly held: SharedArrayBuffer;
}

/** What becomes of the rows that a stage gives. */
export type JobOutput =
  /**
   * They stay as they come; `timed`: the whole result will be put in the order of time, for which they are divided.
   * `numbers`: the module that numbers codes, where rows of a result stay in the order of entities. `keyTexts`: there is one
   * for each entity, which has no time, and takes the text of its key along where that is at hand.
   */
  | {
      readonly kind: "plain";
      readonly timed: boolean;
      readonly slots?: TimeSlots;
      readonly numbers?: WasmModule;
      readonly keyTexts?: boolean;
    }
  /** They moved in time, within their entities: they are put in order and numbered anew. */
  | { readonly kind: "shifted" }
  /**
   * They go to other entities: they are divided among 2^`bits` ranges of key hashes. `returnTo`: they are requests of this
   * range, with the places where the answers belong instead of the entities that ask. `sorter`: the module that divides.
   */
  | { readonly kind: "divided"; readonly bits: number; readonly sorter: WasmModule; readonly returnTo?: number }
  /** They are answers with such places, and nothing else that would tell whose they are. */
  | { readonly kind: "returned"; readonly bits: number; readonly sorter: WasmModule };

/** Equal slots of time, by which the rows of a result are divided where they are made: they are put in order slot by slot. */
export interface TimeSlots {
  /** The module that divides rows. */
  readonly sorter: WasmModule;
  /** Where the first slot begins. What is before it belongs to it, and what is after the last one to that. */
  readonly first: bigint;
  /** Each is 2^`shift` nanoseconds long. */
  readonly shift: number;
  readonly count: number;
}

export type JobSource =
  /** Prepared files; with `keys` only the entities of these hashes (sorted, decimal text). */
  | {
      readonly kind: "scan";
      readonly files: readonly ScanFile[];
      readonly range: HashRange;
      readonly keys?: readonly string[];
      /** Those that are not `read` the stage knows otherwise. */
      readonly columns: readonly { readonly name: string; readonly type: FenlType; readonly read: boolean }[];
      /** The column that holds the entity key, where the stage wants it. */
      readonly keyColumn?: { readonly name: string; readonly type: FenlType };
    }
  | { readonly kind: "rows"; readonly rows: RowRun };

/** A prepared file in a scan. */
export interface ScanFile {
  readonly file: PreparedFile;
  /** What is added to the codes of a text key column, so that they are codes of the query's one dictionary of keys. */
  readonly keyBase: number;
  /** Whether the file's checksum is to be verified. */
  readonly verify: boolean;
}

/** Puts rows that several runs sent to one range of entities in order. */
export interface ExchangeJob {
  readonly kind: "exchange";
  /** The module that sorts. */
  readonly sorter: WasmModule;
  readonly parts: readonly RowRun[];
  /** For each part what is added to the codes of its keys. */
  readonly keyBases: readonly number[];
  /** Rows under new entities are numbered by the entity they come from; of others only these entities stay. */
  readonly rekeyed: { readonly slice: HashSlice | null } | null;
  /** For answers that are written to the places of their requests: these. */
  readonly asked?: readonly StoredRows[];
  readonly memory: MemoryPlan;
  readonly spill: SpillPlace;
}

/** Puts the result's rows between two times in order. */
export interface OrderJob {
  readonly kind: "order";
  /** The module that sorts. */
  readonly sorter: WasmModule;
  readonly parts: readonly StoredRows[];
  /** The first time, and the first time after the last one; decimal text. Absent: no bound. */
  readonly from?: string;
  readonly before?: string;
  /** The whole result, to be filled. */
  readonly target: StoredRows;
  /** Whether some of its memory is new, and not that of an earlier result. */
  readonly isNew: boolean;
  /** For each span of time one more than the number of its rows, once it is known. */
  readonly counts: SharedArrayBuffer;
  /** Which span this is. */
  readonly index: number;
}

/** Puts the rows of some slots of time, by which all parts are divided, in order. */
export interface OrderSlotsJob {
  readonly kind: "order slots";
  /** The module that sorts. */
  readonly sorter: WasmModule;
  readonly parts: readonly StoredRows[];
  /** For columns of codes: for each part how these become codes of the joint dictionary. */
  readonly recodings: readonly (readonly Recoding[])[];
  /** What else is to be copied: its share of the joint dictionaries. */
  readonly copies: readonly ValuesCopy[];
  /** The slots, without the last one. */
  readonly from: number;
  readonly to: number;
  /** How many rows are in the slots before. */
  readonly before: number;
  /** Columns whose texts are in the order of rows, and are brought into that of the result. */
  readonly texts: readonly OrderedTexts[];
  /** Where keys are numbered: what is added to the numbers of each part. */
  readonly keyBases?: readonly number[];
  /** The whole result, to be filled. */
  readonly target: StoredRows;
  /** Whether some of its memory is new, and not that of an earlier result. */
  readonly isNew: boolean;
}

/** Texts of one column, in the order of the rows. */
export interface OrderedTexts {
  readonly column: number;
  /** Those of each part. */
  readonly parts: readonly TextBytes[];
  /** Room for those of the result. */
  readonly into: TextBytes;
}

/** What a worker answers. */
export interface JobResult {
  readonly rows: readonly RowRun[];
  /** Requests whose answers will come to their places: who asked when, in order. */
  readonly asked?: readonly StoredRows[];
  /** Divided rows: a list for each range. */
  readonly divided?: readonly (readonly RowRun[])[];
  readonly rowsRead: number;
  /** The last time of shifted rows, if there are any. */
  readonly lastTime?: bigint;
  /** The same of each stage of a chain but the last. */
  readonly lastTimes?: readonly (bigint | null)[];
}

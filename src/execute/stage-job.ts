import type { HostImport, StringLiteral } from "../compile/host-import.ts";
import type { StageLayout } from "../compile/stage-layout.ts";
import type { PreparedFile } from "../tables/table-snapshot.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { WasmModule } from "../values/web-assembly.ts";
import type { RowSet, RowSetColumn } from "./row-set.ts";

/** A range of key hashes, both ends included, as decimal text. */
export interface HashRange {
  readonly first: string;
  readonly last: string;
}

/** One run of a stage over one range of entities: everything that a worker needs, cloneable. */
export interface StageJob {
  readonly module: WasmModule;
  readonly layout: StageLayout;
  readonly imports: readonly HostImport[];
  readonly strings: readonly StringLiteral[];
  readonly parameters: Readonly<Record<string, bigint>>;
  readonly sources: readonly JobSource[];
  /** Set to 1 to make the worker stop. */
  readonly stop: SharedArrayBuffer;
}

export type JobSource =
  /** Prepared files; with `keys` only the entities of these hashes (sorted, decimal text). */
  | {
      readonly kind: "scan";
      readonly files: readonly PreparedFile[];
      readonly range: HashRange;
      readonly keys?: readonly string[];
      readonly columns: readonly { readonly name: string; readonly type: FenlType }[];
      /** The column that holds the entity key, where the stage wants it. */
      readonly keyColumn?: string;
    }
  | { readonly kind: "rows"; readonly rows: StoredRows };

/** Rows between stages: what the sink wrote, under the entities that the next stage reads them for. */
export interface StoredRows extends RowSet {
  readonly key?: RowSetColumn;
  /** The hash of the entity that the rows come from: rows put under new entities, requests. */
  readonly localKeyHash?: BigUint64Array;
  /** The groups of shift_until that were released, and when. */
  readonly releases?: { readonly group: BigInt64Array; readonly time: BigInt64Array };
}

/** What a worker answers. */
export interface JobResult {
  readonly rows: StoredRows;
  readonly rowsRead: number;
}

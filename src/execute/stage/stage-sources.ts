import type { ColumnSlots, SourceSlots, StageLayout } from "../../compile/stage-layout.ts";
import { entityIndex, firstRows } from "../../tables/prepared/entity-index.ts";
import { subsortsAbove } from "../../tables/prepared/stored-identity.ts";
import { owned } from "../rows/allocate.ts";
import type { Interner } from "../rows/interner.ts";
import type { MemoryPlan } from "../rows/memory-plan.ts";
import { pick } from "../rows/pick.ts";
import type { RowSetColumn, StoredRows } from "../rows/row-set.ts";
import type { JobSource } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { loadScan } from "../scan/load-scan.ts";
import { scannedRows } from "../scan/prepared-reader.ts";
import { firstSubsort, readScan, type ScanRead, verifyFiles } from "../scan/read-scan.ts";
import { rowStream } from "../scan/row-stream.ts";
import { wholeRun } from "../spill/run-reader.ts";
import type { KeptRows } from "./kept-rows.ts";
import type { SeenScans } from "./seen-scans.ts";
import { type InPlaceSource, writeSent } from "./sent-rows.ts";
import { SourceWindow } from "./source-window.ts";

/** Rows between two looks at whether the user wants to stop. */
const ROWS_BETWEEN_YIELDS = 1 << 17;

/** What a stage reads: what was brought to its worker, or rows that are in the worker's memory already. */
export type ReadSource =
  | JobSource
  | InPlaceSource
  | { readonly kind: "kept"; readonly rows: KeptRows; readonly places: readonly number[] };

/** The rows that a stage reads, in its memory. */
export interface StageSources {
  /** Rows that a stage walks at most before it comes back. */
  readonly fuel: number;
  /** Whether only some rows of each source are in memory at a time. */
  readonly isWindowed: boolean;
  /** Rows that are in memory at a time, at most. */
  readonly rowsAtOnce: number;
  /** Brings in what the next run may walk. */
  prepare(): void;
  /** Reads the subsorts of a source that were left for later. @returns their address */
  subsorts(index: number): number;
  /** Rows of tables that were read. */
  rowsRead(): number;
  close(): void;
}

/**
 * All rows at once.
 * @param seen what earlier stages of a chain have read
 */
export function wholeSources(
  all: readonly ReadSource[],
  layout: StageLayout,
  memory: StageMemory,
  interner: Interner,
  seen?: SeenScans,
): StageSources {
  let rowsRead = 0;
  let rowsAtOnce = 0;
  const scans: (ScanRead | null)[] = [];
  for (const [index, source] of all.entries()) {
    const slots = layout.sources[index]!;
    const scan =
      source.kind === "scan" ? (seen?.find(source, slots) ?? writeScan(source, slots, memory, interner)) : null;
    scans.push(scan);
    const rows = scan?.rows ?? writeRows(source, slots, memory, interner);
    rowsAtOnce += rows;
    if (source.kind === "scan") rowsRead += rows;
  }
  for (const [index, source] of all.entries()) {
    const scan = scans[index];
    if (seen && scan && source.kind === "scan") seen.add(source, layout.sources[index]!, scan, layout.bytes);
  }
  return {
    fuel: ROWS_BETWEEN_YIELDS,
    isWindowed: false,
    rowsAtOnce,
    prepare() {},
    subsorts: (index) => scans[index]!.readSubsorts(),
    rowsRead: () => rowsRead,
    close() {},
  };
}

/** Whether a source has more rows than a stage may have in memory. */
export function isLarge(sources: readonly ReadSource[], memory: MemoryPlan): boolean {
  return sources.some((source) => {
    if (source.kind === "kept" || source.kind === "sent") return false;
    if (source.kind === "rows") return source.rows.rows > memory.windowRows;
    const { range, files } = source;
    const [first, last] = [BigInt(range.first), BigInt(range.last)];
    const read = files.filter(({ file }) => BigInt(file.lastKeyHash) >= first && BigInt(file.firstKeyHash) <= last);
    // What files have in all can be told without a look at them.
    if (read.reduce((sum, { file }) => sum + file.rows, 0) <= memory.windowRows) return false;
    return read.reduce((sum, scan) => sum + scannedRows(source, scan), 0) > memory.windowRows;
  });
}

/** Windows that move on over the rows. */
export function windowedSources(
  all: readonly JobSource[],
  layout: StageLayout,
  { windowRows }: MemoryPlan,
  memory: StageMemory,
  interner: Interner,
): StageSources {
  const fuel = Math.max(2, Math.min(ROWS_BETWEEN_YIELDS, Math.floor(windowRows / 2)));
  const capacity = Math.max(windowRows, fuel);
  const windows = all.map((source, index) => {
    if (source.kind === "scan") verifyFiles(source);
    const slots = layout.sources[index]!;
    if (slots.firstSubsort !== undefined) memory.setSlot64(slots.firstSubsort, firstSubsort(source));
    return new SourceWindow(rowStream(source, interner, capacity), slots, memory, capacity);
  });
  return {
    fuel,
    isWindowed: true,
    rowsAtOnce: capacity * windows.length,
    prepare() {
      for (const window of windows) window.fill(fuel);
    },
    subsorts: (index) => memory.slot(layout.sources[index]!.identity.subsort),
    rowsRead: () => windows.reduce((sum, one, at) => sum + (all[at]!.kind === "scan" ? one.rowsRead : 0), 0),
    close() {
      for (const window of windows) window.close();
    },
  };
}

function writeScan(
  source: Extract<JobSource, { kind: "scan" }>,
  slots: SourceSlots,
  memory: StageMemory,
  interner: Interner,
): ScanRead | null {
  verifyFiles(source);
  return readScan(source, slots, memory, interner);
}

function writeRows(source: ReadSource, slots: SourceSlots, memory: StageMemory, interner: Interner): number {
  if (source.kind === "kept") return source.rows.readFrom(slots, source.places, interner);
  if (source.kind === "sent") return writeSent(source, slots, memory, interner);
  const rows: StoredRows = source.kind === "scan" ? loadScan(source) : wholeRun(source.rows);
  memory.setSlot(slots.rows, rows.rows);
  const { identity, entities } = slots;
  const index = entities ? entityIndex(rows.keyHash) : null;
  if (entities && index) {
    memory.setSlot(entities.hashes, memory.writeMore(index.hashes));
    memory.setSlot(entities.ends, memory.writeMore(index.ends));
  } else memory.setSlot(identity.keyHash!, writeKeys(memory, rows.keyHash));
  memory.setSlot(identity.time, memory.write(rows.time));
  if (slots.firstSubsort === undefined) memory.setSlot(identity.subsort, memory.write(rows.subsort));
  else {
    const first = firstSubsort(source);
    memory.setSlot64(slots.firstSubsort, first);
    memory.setSlot(identity.subsort, memory.write(subsortsAbove(first, rows.subsort)));
  }
  if (identity.rank !== undefined)
    memory.setSlot(identity.rank, memory.write(rows.rank ?? new Uint8Array(rows.rows).fill(1)));
  if (identity.origin !== undefined)
    memory.setSlot(identity.origin, memory.write(rows.origin ?? new Int32Array(rows.rows)));
  if (identity.ordinal !== undefined)
    memory.setSlot(identity.ordinal, memory.write(rows.ordinal ?? new Int32Array(rows.rows)));
  if (slots.localKeyHash !== undefined) memory.setSlot(slots.localKeyHash, memory.write(rows.localKeyHash!));
  for (const [index, column] of slots.columns.entries()) writeColumn(memory, interner, column, rows.columns[index]!);
  if (slots.key && rows.key) {
    const key = index ? pickRows(rows.key, firstRows(index)) : rows.key;
    writeColumn(memory, interner, slots.key, key);
  }
  return rows.rows;
}

/** The values of a column that some rows have. */
function pickRows(column: RowSetColumn, rows: Uint32Array): RowSetColumn {
  const { values, valid } = column;
  return { ...column, values: pick(values, rows, owned), ...(valid ? { valid: pick(valid, rows, owned) } : {}) };
}

function writeKeys(memory: StageMemory, keys: BigUint64Array): number {
  const address = memory.allocateKeys(keys.length);
  memory.bytes.set(new Uint8Array(keys.buffer, keys.byteOffset, keys.byteLength), address);
  memory.endKeys(address, keys.length);
  return address;
}

function writeColumn(memory: StageMemory, interner: Interner, slots: ColumnSlots, column: RowSetColumn): void {
  let values: ArrayBufferView = column.values;
  if (column.dictionary) {
    const codes = interner.addAll(column.dictionary);
    values = (column.values as Int32Array).map((code) => codes[code] ?? 0);
  } else if (slots.bytes) {
    values = Uint8Array.from(column.values as Int32Array);
  }
  memory.setSlot(slots.values, memory.write(values));
  memory.setSlot(slots.valid, column.valid ? memory.write(column.valid) : 0);
}

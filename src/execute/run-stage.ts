import { type ColumnSlots, type SourceSlots, STATUS } from "../compile/stage-layout.ts";
import { hostMath } from "../functions/wat-runtime.ts";
import { Wasm } from "../values/web-assembly.ts";
import { giveSpares, shared } from "./allocate.ts";
import { dividedRows } from "./divide.ts";
import { concatRows, mapArrays } from "./gather.ts";
import { hostFunctions } from "./host-functions.ts";
import { Interner } from "./interner.ts";
import { loadScan } from "./load-scan.ts";
import { readScan, verifyFiles } from "./read-scan.ts";
import type { RowSetColumn } from "./row-set.ts";
import { SinkMemory, withDictionaries } from "./sink-memory.ts";
import { recycleHere } from "./spare-memory.ts";
import type { JobResult, JobSource, StageJob, StoredRows } from "./stage-job.ts";
import type { StageMemory } from "./stage-memory.ts";
import { lastTime, releasedRows, shiftedRows } from "./stored-rows.ts";

/** The user has stopped the query. */
export class Stopped extends Error {}

/** Runs a stage over one range of entities. */
export function runStage(job: StageJob, memory: StageMemory): JobResult {
  const { layout } = job;
  giveSpares(job.spares);
  const interner = new Interner();
  memory.start(layout.bytes);
  let rowsRead = 0;
  for (const [index, source] of job.sources.entries()) {
    const rows = writeSource(source, layout.sources[index]!, memory, interner);
    if (source.kind === "scan") rowsRead += rows;
  }
  const sink = new SinkMemory(memory, layout.sink);
  for (const [name, offset] of Object.entries(layout.parameters)) {
    memory.setSlot64(offset, job.parameters[name] ?? missing(name));
  }
  const run = instantiate(job, memory, interner);
  const stop = new Int32Array(job.stop);
  const taken: StoredRows[] = [];
  for (let status = -1; status !== STATUS.done; ) {
    if (Atomics.load(stop, 0) !== 0) throw new Stopped();
    status = run();
    if (status !== STATUS.full) continue;
    const rows = sink.makeRoom();
    if (rows) taken.push(rows);
  }
  taken.push(sink.take());
  return { ...output(job, taken, sink, interner), rowsRead };
}

function instantiate(job: StageJob, memory: StageMemory, interner: Interner): () => number {
  const setValid = (valid: boolean) => memory.setHostValid(valid);
  const texts = job.strings.map(({ name, text }) => [name, interner.code(text)]);
  const host = {
    memory: memory.memory,
    grow: (address: number, bytes: number, wanted: number) => memory.grow(address, bytes, wanted),
    ...Object.fromEntries(texts),
    ...hostFunctions(job.imports, interner, setValid),
  };
  const math = Object.fromEntries(Object.entries(hostMath).map(([name, { call }]) => [name, call]));
  return new Wasm.Instance(job.module, { host, math }).exports.run as () => number;
}

function missing(name: string): never {
  throw new Error(`parameter '${name}' of the stage is not set`);
}

/** Brings rows on their way: in order, divided, with dictionaries of their own. */
function output(
  job: StageJob,
  taken: readonly StoredRows[],
  sink: SinkMemory,
  interner: Interner,
): Omit<JobResult, "rowsRead"> {
  const finish = (rows: StoredRows) => withDictionaries(rows, job.layout.sink, interner);
  const full = taken.length === 1 ? taken : taken.filter(({ rows }) => rows > 0);
  const parts = full.length === 0 ? [taken[0]!] : full;
  switch (job.output.kind) {
    case "plain":
      return { rows: parts.map(finish) };
    case "shifted": {
      const releases = sink.releases();
      const moved = releases ? parts.map((part) => releasedRows(part, releases)) : parts;
      const rows = shiftedRows(concatRows(moved));
      return { rows: [finish(rows)], ...(rows.rows > 0 ? { lastTime: lastTime(rows) } : {}) };
    }
    case "divided": {
      const { bits } = job.output;
      const divided = Array.from({ length: 1 << bits }, (): StoredRows[] => []);
      for (const part of parts) {
        for (const [index, rows] of dividedRows(part, bits)) divided[index]!.push(finish(rows));
        if (bits > 0) recycleHere(part);
      }
      return { rows: [finish(emptied(parts[0]!))], divided };
    }
  }
}

/** No rows, of the form of others. */
function emptied(rows: StoredRows): StoredRows {
  return mapArrays(rows, 0, (values) => shared(values, 0));
}

function writeSource(source: JobSource, slots: SourceSlots, memory: StageMemory, interner: Interner): number {
  if (source.kind === "scan") {
    verifyFiles(source);
    const read = readScan(source, slots, memory, interner);
    if (read) return read.rows;
  }
  const rows = source.kind === "scan" ? loadScan(source) : source.rows;
  memory.setSlot(slots.rows, rows.rows);
  const { identity } = slots;
  memory.setSlot(identity.keyHash, memory.write(rows.keyHash));
  memory.setSlot(identity.time, memory.write(rows.time));
  memory.setSlot(identity.subsort, memory.write(rows.subsort));
  if (identity.rank !== undefined)
    memory.setSlot(identity.rank, memory.write(rows.rank ?? new Uint8Array(rows.rows).fill(1)));
  if (identity.origin !== undefined)
    memory.setSlot(identity.origin, memory.write(rows.origin ?? new Int32Array(rows.rows)));
  if (identity.ordinal !== undefined)
    memory.setSlot(identity.ordinal, memory.write(rows.ordinal ?? new Int32Array(rows.rows)));
  if (slots.localKeyHash !== undefined) memory.setSlot(slots.localKeyHash, memory.write(rows.localKeyHash!));
  for (const [index, column] of slots.columns.entries()) writeColumn(memory, interner, column, rows.columns[index]!);
  if (slots.key && rows.key) writeColumn(memory, interner, slots.key, rows.key);
  return rows.rows;
}

function writeColumn(memory: StageMemory, interner: Interner, slots: ColumnSlots, column: RowSetColumn): void {
  let values: ArrayBufferView = column.values;
  if (column.dictionary) {
    const codes = column.dictionary.map((value) => interner.add(value));
    values = (column.values as Int32Array).map((code) => codes[code] ?? 0);
  } else if (slots.bytes) {
    values = Uint8Array.from(column.values as Int32Array);
  }
  memory.setSlot(slots.values, memory.write(values));
  memory.setSlot(slots.valid, column.valid ? memory.write(column.valid) : 0);
}

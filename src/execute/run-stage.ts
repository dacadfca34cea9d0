import { type ColumnSlots, type SinkSlots, type SourceSlots, STATUS } from "../compile/stage-layout.ts";
import { hostMath } from "../functions/wat-runtime.ts";
import { type FenlType, isHostType, type Representation, representationOf } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";
import { Wasm } from "../values/web-assembly.ts";
import { concatRows } from "./gather.ts";
import { hostFunctions } from "./host-functions.ts";
import { Interner } from "./interner.ts";
import { loadScan } from "./load-scan.ts";
import type { RowSetColumn } from "./row-set.ts";
import type { JobResult, StageJob, StoredRows } from "./stage-job.ts";
import type { StageMemory } from "./stage-memory.ts";

/** Rows that a sink holds before they are taken out. */
const SINK_ROWS = 1 << 16;

/** The user has stopped the query. */
export class Stopped extends Error {}

/** Runs a stage over one range of entities. */
export function runStage(job: StageJob, memory: StageMemory): JobResult {
  const { layout } = job;
  const interner = new Interner();
  memory.start(layout.bytes);
  let rowsRead = 0;
  job.sources.forEach((source, index) => {
    const rows = source.kind === "scan" ? loadScan(source) : source.rows;
    if (source.kind === "scan") rowsRead += rows.rows;
    writeSource(memory, interner, layout.sources[index]!, rows);
  });
  const sink = new SinkMemory(memory, layout.sink, interner);
  for (const [name, offset] of Object.entries(layout.parameters)) {
    memory.setSlot64(offset, job.parameters[name] ?? missing(name));
  }
  const setValid = (valid: boolean) => memory.setHostValid(valid);
  const texts = job.strings.map(({ name, text }) => [name, interner.code(text)]);
  const host = {
    memory: memory.memory,
    grow: (address: number, bytes: number, wanted: number) => memory.grow(address, bytes, wanted),
    ...Object.fromEntries(texts),
    ...hostFunctions(job.imports, interner, setValid),
  };
  const math = Object.fromEntries(Object.entries(hostMath).map(([name, { call }]) => [name, call]));
  const instance = new Wasm.Instance(job.module, { host, math });
  const run = instance.exports.run as () => number;
  const stop = new Int32Array(job.stop);
  const taken: StoredRows[] = [];
  for (let status = -1; status !== STATUS.done; ) {
    if (Atomics.load(stop, 0) !== 0) throw new Stopped();
    status = run();
    if (status !== STATUS.yielded) taken.push(sink.take());
  }
  return { rows: { ...concatRows(taken), ...sink.releases() }, rowsRead };
}

function missing(name: string): never {
  throw new Error(`parameter '${name}' of the stage is not set`);
}

function writeSource(memory: StageMemory, interner: Interner, slots: SourceSlots, rows: StoredRows): void {
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
}

function writeColumn(memory: StageMemory, interner: Interner, slots: ColumnSlots, column: RowSetColumn): void {
  let { values } = column;
  if (column.dictionary) {
    const codes = column.dictionary.map((value) => interner.add(value));
    values = (values as Int32Array).map((code) => codes[code] ?? 0);
  }
  memory.setSlot(slots.values, memory.write(values));
  memory.setSlot(slots.valid, column.valid ? memory.write(column.valid) : 0);
}

const WIDTH: Record<Representation, number> = { i32: 4, f32: 4, i64: 8, f64: 8 };

/** The rows that a running stage hands out, in its memory. */
class SinkMemory {
  readonly #memory: StageMemory;
  readonly #slots: SinkSlots;
  readonly #interner: Interner;
  readonly #groups: BigInt64Array[] = [];
  readonly #times: BigInt64Array[] = [];

  constructor(memory: StageMemory, slots: SinkSlots, interner: Interner) {
    this.#memory = memory;
    this.#slots = slots;
    this.#interner = interner;
    const { identity } = slots;
    memory.setSlot(slots.capacity, SINK_ROWS);
    for (const offset of [identity.keyHash, identity.time, identity.subsort, slots.localKeyHash]) this.#room(offset, 8);
    this.#room(identity.rank, 1);
    this.#room(identity.origin, 4);
    this.#room(identity.ordinal, 4);
    for (const column of [...slots.columns, ...(slots.key ? [slots.key] : [])]) {
      this.#room(column.values, WIDTH[representationOf(column.type)]);
      this.#room(column.valid, 1);
    }
    if (slots.releases) {
      memory.setSlot(slots.releases.capacity, SINK_ROWS);
      this.#room(slots.releases.group, 8);
      this.#room(slots.releases.time, 8);
    }
  }

  #room(offset: number | undefined, width: number): void {
    if (offset !== undefined) this.#memory.setSlot(offset, this.#memory.allocate(SINK_ROWS * width));
  }

  /** Copies the rows out and empties the sink. */
  take(): StoredRows {
    const { identity, key, localKeyHash, releases } = this.#slots;
    const rows = this.#memory.slot(this.#slots.rows);
    this.#memory.setSlot(this.#slots.rows, 0);
    if (releases) {
      const count = this.#memory.slot(releases.rows);
      this.#memory.setSlot(releases.rows, 0);
      this.#groups.push(this.#copy(BigInt64Array, releases.group, count));
      this.#times.push(this.#copy(BigInt64Array, releases.time, count));
    }
    const optional = <T>(offset: number | undefined, copy: (offset: number) => T): T | undefined =>
      offset === undefined ? undefined : copy(offset);
    return {
      rows,
      keyHash: this.#copy(BigUint64Array, identity.keyHash, rows),
      time: this.#copy(BigInt64Array, identity.time, rows),
      subsort: this.#copy(BigUint64Array, identity.subsort, rows),
      rank: optional(identity.rank, (offset) => this.#copy(Uint8Array, offset, rows)),
      origin: optional(identity.origin, (offset) => this.#copy(Int32Array, offset, rows)),
      ordinal: optional(identity.ordinal, (offset) => this.#copy(Int32Array, offset, rows)),
      localKeyHash: optional(localKeyHash, (offset) => this.#copy(BigUint64Array, offset, rows)),
      key: key ? this.#column(key, rows) : undefined,
      columns: this.#slots.columns.map((column) => this.#column(column, rows)),
    };
  }

  /** All releases of waiting rows so far. */
  releases(): Pick<StoredRows, "releases"> {
    if (!this.#slots.releases) return {};
    return { releases: { group: joined(this.#groups), time: joined(this.#times) } };
  }

  #copy<T>(
    type: {
      new (buffer: ArrayBufferLike, offset: number, length: number): T & { slice(): T };
      BYTES_PER_ELEMENT: number;
    },
    offset: number,
    rows: number,
  ): T {
    return new type(this.#memory.memory.buffer, this.#memory.slot(offset), rows).slice();
  }

  #column(slots: ColumnSlots, rows: number): RowSetColumn {
    const valid = this.#copy(Uint8Array, slots.valid, rows);
    const column = { name: "", type: slots.type, ...(valid.includes(0) ? { valid } : {}) };
    switch (representationOf(slots.type)) {
      case "i64":
        return { ...column, values: this.#copy(BigInt64Array, slots.values, rows) };
      case "f64":
        return { ...column, values: this.#copy(Float64Array, slots.values, rows) };
      case "f32":
        return { ...column, values: this.#copy(Float32Array, slots.values, rows) };
      default: {
        const values = this.#copy(Int32Array, slots.values, rows);
        return isCoded(slots.type) ? { ...column, ...this.#localCodes(values, valid) } : { ...column, values };
      }
    }
  }

  /** Codes of a dictionary of the column's own, instead of the worker's. */
  #localCodes(codes: Int32Array, valid: Uint8Array): { values: Int32Array; dictionary: HostValue[] } {
    const dictionary: HostValue[] = [];
    const known = new Map<number, number>();
    const values = codes.map((code, row) => {
      if (!valid[row]) return 0;
      let local = known.get(code);
      if (local === undefined) {
        local = dictionary.push(this.#interner.get(code)) - 1;
        known.set(code, local);
      }
      return local;
    });
    return { values, dictionary };
  }
}

function isCoded(type: FenlType): boolean {
  return isHostType(type) || type.kind === "record";
}

function joined(parts: readonly BigInt64Array[]): BigInt64Array {
  const whole = new BigInt64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

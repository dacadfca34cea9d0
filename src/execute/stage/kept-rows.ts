import { CONTEXT, type ColumnSlots, type SinkSlots, type SourceSlots } from "../../compile/stage-layout.ts";
import { isHostType, isText } from "../../values/fenl-type.ts";
import type { Interner } from "../rows/interner.ts";
import type { JobResult, StageJob } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { EndedStage } from "./ended-stage.ts";

/** With so many rows for each of its codes, all codes of a stage become those of another. */
const FEW = 8;

/** Rows that a stage has handed out and that stay in its memory, in order, for the stages that follow in its chain. */
export class KeptRows {
  readonly rows: number;
  /** The last of their times, where there are any. */
  readonly lastTime: bigint | null;
  readonly #memory: StageMemory;
  readonly #slots: SinkSlots;
  readonly #ended: EndedStage;
  /** The stage's context block, which belongs to the next stage by now. */
  readonly #context: Uint8Array;

  constructor(job: Pick<StageJob, "layout">, ended: EndedStage, lastMoved: bigint, memory: StageMemory) {
    this.#memory = memory;
    this.#slots = job.layout.sink;
    this.#ended = ended;
    this.#context = memory.bytes.slice(CONTEXT, CONTEXT + job.layout.bytes);
    this.rows = memory.slot(this.#slots.rows);
    this.lastTime = this.rows > 0 ? lastMoved : null;
  }

  /**
   * Tells a stage where these rows are, of the columns those at some places.
   * @param interner what codes of the stage are of
   * @returns how many rows they are
   */
  readFrom(slots: SourceSlots, places: readonly number[], interner: Interner): number {
    const memory = this.#memory;
    const context = new DataView(this.#context.buffer, this.#context.byteOffset);
    const address = (offset: number) => context.getUint32(offset, true);
    const { identity, key, columns } = this.#slots;
    const keys = address(identity.keyHash);
    memory.endKeys(keys, this.rows);
    memory.setSlot(slots.rows, this.rows);
    memory.setSlot(slots.identity.keyHash!, keys);
    memory.setSlot(slots.identity.time, address(identity.time));
    memory.setSlot(slots.identity.subsort, address(identity.subsort));
    const column = (to: ColumnSlots, from: ColumnSlots) => {
      const isRecoded = isHostType(from.type) && from.coded !== true;
      const [values, valid] = [address(from.values), address(from.valid)];
      memory.setSlot(to.values, isRecoded ? this.#recoded(values, valid, interner) : values);
      memory.setSlot(to.valid, valid);
    };
    for (const [index, to] of slots.columns.entries()) column(to, columns[places[index]!]!);
    if (slots.key && key) column(slots.key, key);
    return this.rows;
  }

  /** Texts of rows by codes of another stage. @returns their address */
  #recoded(values: number, valid: number, interner: Interner): number {
    const memory = this.#memory;
    const to = memory.allocate(4 * this.rows);
    const { buffer } = memory.memory;
    const isThere = new Uint8Array(buffer, valid, this.rows);
    const before = new Int32Array(buffer, values, this.rows);
    const after = new Int32Array(buffer, to, this.rows);
    const own = this.#ended.interner;
    if (FEW * own.size <= this.rows) {
      // A row without a text gets any code: to look whether it has one costs more.
      const codes = Int32Array.from({ length: own.size }, (_, code) => interner.add(own.get(code)));
      for (let row = 0; row < before.length; row++) after[row] = codes[before[row]! & -isThere[row]!]!;
      return to;
    }
    /** By code one more than the new code. */
    const known = new Int32Array(own.size);
    for (let row = 0; row < before.length; row++) {
      if (isThere[row] === 0) {
        after[row] = 0;
        continue;
      }
      const code = before[row]!;
      let next = known[code]!;
      if (next === 0) next = known[code] = 1 + interner.code(own.get(code) as string);
      after[row] = next - 1;
    }
    return to;
  }

  /** Sends the rows on their way after all. No stage may be running. */
  send(): JobResult {
    this.#memory.bytes.set(this.#context, CONTEXT);
    return this.#ended.finish();
  }

  /** Nobody reads them any more. */
  close(): void {
    this.#ended.close();
  }
}

/** The rows of a stage that may stay where they are: all in one place, in order, and without values that only JavaScript knows. */
export function keptRows(job: Pick<StageJob, "layout">, ended: EndedStage, memory: StageMemory): KeptRows | null {
  const { columns, key } = job.layout.sink;
  if (ended.hasTaken || (key ? [...columns, key] : columns).some(isHosted)) return null;
  ended.release?.();
  const last = ended.sink.lastMoved();
  return last === null ? null : new KeptRows(job, ended, last, memory);
}

/** Whether JavaScript alone knows what codes stand for, and another stage would not know it by the text. */
function isHosted({ type, coded, madeBy }: ColumnSlots): boolean {
  if (coded === true || !isHostType(type)) return false;
  return madeBy !== undefined || !isText(type);
}

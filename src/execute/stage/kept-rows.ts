import { CONTEXT, type ColumnSlots, type SinkSlots, type SourceSlots } from "../../compile/stage-layout.ts";
import { isHostType } from "../../values/fenl-type.ts";
import type { JobResult, StageJob } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import type { EndedStage } from "./ended-stage.ts";

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

  /** Tells a stage where these rows are, of the columns those at some places. @returns how many they are */
  readFrom(slots: SourceSlots, places: readonly number[]): number {
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
      memory.setSlot(to.values, address(from.values));
      memory.setSlot(to.valid, address(from.valid));
    };
    for (const [index, to] of slots.columns.entries()) column(to, columns[places[index]!]!);
    if (slots.key && key) column(slots.key, key);
    return this.rows;
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
  const { columns, key, releases } = job.layout.sink;
  const isHosted = columns.some(({ type }) => isHostType(type)) || (key && isHostType(key.type) && !key.coded);
  const last = ended.sink.lastMoved();
  if (ended.hasTaken || releases || isHosted || last === null) return null;
  return new KeptRows(job, ended, last, memory);
}

import { STATUS } from "../../compile/stage-layout.ts";
import { hostMath } from "../../functions/wat-runtime.ts";
import { Wasm } from "../../values/web-assembly.ts";
import { giveSpares, limitSpares } from "../rows/allocate.ts";
import { Interner } from "../rows/interner.ts";
import type { JobResult, StageJob, StoredRows } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { CodeTables } from "./code-tables.ts";
import type { EndedStage } from "./ended-stage.ts";
import { HeldStates } from "./held-states.ts";
import { hostFunctions } from "./host-functions.ts";
import { OutgoingRows } from "./outgoing-rows.ts";
import { OwnDictionaries } from "./own-dictionaries.ts";
import { SinkMemory } from "./sink-memory.ts";
import { StageCodes } from "./stage-codes.ts";
import { isLarge, type StageSources, wholeSources, windowedSources } from "./stage-sources.ts";

const BYTES_PER_CODE = 4;

/** The user has stopped the query. */
export class Stopped extends Error {}

/** Runs a stage over one range of entities. */
export function runStage(job: StageJob, memory: StageMemory): JobResult {
  const { layout, sources } = job;
  takeSpares(job);
  const interner = ownInterner(job);
  memory.start(layout.bytes);
  const read = isLarge(sources, job.memory)
    ? windowedSources(sources, layout, job.memory, memory, interner)
    : wholeSources(sources, layout, memory, interner);
  return runOver(read, job, memory, interner).finish();
}

/** An interner for one run of a stage, in which the stage's literals have codes. */
export function ownInterner({ strings }: Pick<StageJob, "strings">): Interner {
  return new Interner(strings.map(({ text }) => text));
}

/** Takes the memory that came with a job. */
export function takeSpares({ memory, spares }: Pick<StageJob, "memory" | "spares">): void {
  limitSpares(memory.spareBytes);
  giveSpares(spares);
}

/** Runs a stage over what was brought into memory for it, behind a context block that is clear. */
export function runOver(
  sources: StageSources,
  job: Omit<StageJob, "sources">,
  memory: StageMemory,
  interner: Interner,
): EndedStage {
  const { layout } = job;
  try {
    const tables = new CodeTables(memory, interner);
    const dictionaries = new OwnDictionaries(interner, tables.joined);
    const { sinkRows } = job.memory;
    const sink = new SinkMemory(memory, layout.sink, sinkRows, sources.rowsAtOnce, job.output, dictionaries);
    for (const [name, offset] of Object.entries(layout.parameters)) {
      memory.setSlot64(offset, job.parameters[name] ?? missing(name));
    }
    memory.setSlot(layout.fuel, sources.fuel);
    if (layout.windowed !== undefined) memory.setSlot(layout.windowed, sources.isWindowed ? 1 : 0);
    const states = new HeldStates();
    for (const { function: name, tail, itemBytes } of layout.codes.queues) {
      states.add(name, () => memory.slot(tail) * itemBytes);
    }
    const { run, release } = instantiate(job, memory, interner, tables, sources, states);
    const stop = new Int32Array(job.stop);
    const outgoing = new OutgoingRows(job, sink, dictionaries);
    let hasTaken = false;
    interner.hold(new StageCodes(memory, layout));
    const codedBytes = () => interner.bytes + tables.bytes;
    const { codedBytes: share, stateBytes } = job.memory;
    const entity = () => memory.slot64(layout.entity);
    const limitOf = (bytes: number) => (share === 0 ? 0 : Math.max(share, 2 * bytes));
    let mostBytes = limitOf(codedBytes());
    const handOut = (rows: StoredRows | null) => {
      if (rows === null) return;
      outgoing.add(rows);
      hasTaken = true;
    };
    try {
      for (let status = -1; status !== STATUS.done; ) {
        if (Atomics.load(stop, 0) !== 0) throw new Stopped();
        sources.prepare();
        tables.makeRoom(sources.rowsAtOnce);
        status = run();
        states.check(stateBytes, 0, entity);
        if (status === STATUS.full) handOut(sink.makeRoom());
        if (status === STATUS.done || codedBytes() <= mostBytes) continue;
        // What has gone needs no other codes.
        handOut(sink.drain());
        outgoing.settle();
        interner.renew(tables.joined);
        // Most texts are those of rows that are read, until more of them are kept.
        if (states.codeBytes > BYTES_PER_CODE * sources.rowsAtOnce) states.check(stateBytes, codedBytes(), entity);
        mostBytes = limitOf(codedBytes());
      }
    } catch (error) {
      outgoing.close();
      throw error;
    }
    const rowsRead = sources.rowsRead();
    const finish = (): JobResult => {
      try {
        outgoing.add(sink.take());
        return { ...outgoing.finish(), rowsRead };
      } finally {
        outgoing.close();
      }
    };
    const ended = { sink, interner, hasTaken, finish, close: () => outgoing.close() };
    return release === undefined ? ended : { ...ended, release: () => sink.setReleased(release()) };
  } finally {
    sources.close();
  }
}

/** What the module of a stage exports. */
interface StageExports {
  /** Walks rows. @returns why it came back */
  run(): number;
  /** Where rows wait in the sink: has those stay that were released, in order. @returns the last of their times */
  release?(): bigint;
}

function instantiate(
  job: Omit<StageJob, "sources">,
  memory: StageMemory,
  interner: Interner,
  tables: CodeTables,
  sources: StageSources,
  states: HeldStates,
): StageExports {
  const texts = job.strings.map(({ name, text }) => [name, interner.code(text)]);
  const setValid = (valid: boolean) => memory.setHostValid(valid);
  const host = {
    memory: memory.memory,
    grow: (address: number, bytes: number, wanted: number) => memory.grow(address, bytes, wanted),
    subsorts: (index: number) => sources.subsorts(index),
    ...Object.fromEntries(texts),
    ...hostFunctions(job.imports, interner, setValid, tables, states),
  };
  const math = Object.fromEntries(Object.entries(hostMath).map(([name, { call }]) => [name, call]));
  return new Wasm.Instance(job.module, { host, math }).exports as unknown as StageExports;
}

function missing(name: string): never {
  throw new Error(`parameter '${name}' of the stage is not set`);
}

import type { ValueId } from "../plan/plan.ts";
import type { Stage, StageSource } from "../plan/stages.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { representationOf } from "../values/fenl-type.ts";
import type { RowStream } from "./row-cases.ts";
import { isTextKey, rowAddress, type SourceSlots } from "./stage-layout.ts";
import { balanced, type StageWriter } from "./stage-writer.ts";

/** What is known of a stage's sources before it is compiled. */
export interface SourceFacts {
  /** The type of the entity key, where the source has it. */
  readonly keyType?: FenlType;
  /** Whether it has the most rows of those that have the key, and so the keys of most entities, one after the other. */
  readonly mostRows?: boolean;
  /** For scans: whether rows may share key hash, time and subsort. */
  readonly ties?: boolean;
  /** For scans: whether what is read of subsorts is what they have above a first one. */
  readonly shortSubsorts?: boolean;
  /** Values of the source that are never null on its rows. */
  readonly neverNull?: readonly ValueId[];
  /** Values of the source that are the time of its rows, in units of so many nanoseconds; they need not be read. */
  readonly times?: ReadonlyMap<ValueId, number>;
  /** For rows that other entities sent, or that come back from them: the columns of identity that they have; by default all. */
  readonly identity?: IdentityParts;
}

/** Columns of identity in which rows may differ; where they have none, it is 1 for the rank and 0 for the others. */
export interface IdentityParts {
  readonly rank: boolean;
  readonly origin: boolean;
  readonly ordinal: boolean;
}

/** One stream of rows in identity order: a source or a tick. Components are WebAssembly text. */
interface Head {
  /** Whether the entity has a next row here. */
  readonly active: string;
  /** Its time; the last of all times where there is none. */
  readonly time: string;
  readonly rank: string;
  readonly subsort: string;
  /** 1 for requests, which come after all rows of their instant and are never one with another row. */
  readonly late: string;
  readonly origin: string;
  readonly ordinal: string;
  readonly present: string;
}

const ZERO = "(i32.const 0)";

/** The time of a stream without a next row. */
const LAST_TIME = "(i64.const 0x7fffffffffffffff)";

const PARTS = ["rank", "subsort", "late", "origin", "ordinal"] as const;
type Part = (typeof PARTS)[number];
const PART_TYPE: Record<Part, "i32" | "i64"> = {
  rank: "i32",
  subsort: "i64",
  late: "i32",
  origin: "i32",
  ordinal: "i32",
};

/** The text that walks the sources of a stage in step, one row of equal identity at a time. */
export interface SourceText {
  readonly slots: readonly SourceSlots[];
  /** Finds the next entity: sets `$found` and `$key`. */
  readonly nextEntity: string;
  /** After `nextEntity`: finds which sources have rows of the entity. */
  readonly enterEntity: string;
  /**
   * Finds the entity's next row: sets `$found`, its time and which sources have it. Of the sources of these numbers the
   * subsorts are read when two sources have rows at one time.
   */
  nextRow(subsortsLater: readonly number[]): string;
  /** Sets the rest of the row's identity. */
  readonly identify: string;
  /** The same where few rows are asked for it, with the subsorts of the sources of these numbers. */
  identifyRarely(subsortsLater: readonly number[]): string;
  /** Whether a source's row is the one of another source at the same time, or comes before it. */
  isNotAfter(source: number, other: number): string;
  /** Moves on the sources that had the row. */
  readonly advance: string;
  /** Loads the first heads; run once. */
  readonly start: string;
  /** At an entity's start: the key's own value, where a source knows it. */
  readonly loadKey: string;
  /** The sources and then the ticks, whose rows are walked. */
  readonly streams: readonly RowStream[];
  readonly keyType: FenlType | null;
  /** Which columns of identity rows have. */
  readonly identity: IdentityParts;
}

/** @param apart whether the rows of the sources are not walked in step */
export function emitSources(
  writer: StageWriter,
  stage: Stage,
  facts: readonly SourceFacts[],
  apart = false,
): SourceText {
  const slots = stage.sources.map((source, index) => sourceSlots(writer, source, index, facts[index]!));
  const keyType = facts.find((fact) => fact.keyType)?.keyType ?? null;
  const heads: Head[] = [
    ...stage.sources.map((source, index) => sourceHead(writer, source, index, slots[index]!, facts[index]!, apart)),
    ...stage.ticks.map((tick) => tickHead(writer, tick.domain)),
  ];
  writer.local("key", "i64");
  writer.scratch("time", "i64");
  for (const part of PARTS) writer.scratch(part, PART_TYPE[part]);
  writer.scratch("tied", "i32");
  writer.scratch("found", "i32");
  const varying = PARTS.filter(
    (part) => new Set(heads.map((head) => head[part])).size > 1 || !isConstant(heads[0]![part]),
  );
  const compared = heads.length > 1 ? varying : [];
  return {
    slots,
    nextEntity: nextEntity(slots.length),
    enterEntity: stage.sources.map((_, index) => enterEntity(writer, index, apart)).join("\n"),
    nextRow: (later) => nextRow(heads, compared, later),
    identify: identify(heads),
    identifyRarely: (later) => {
      const read = later.map((index) => `(if ${heads[index]!.present} (then ${readSubsorts(index)}))`);
      return `${read.join(" ")} ${identify(heads)}`;
    },
    isNotAfter: (source, other) => isNotAfter(heads[source]!, heads[other]!, compared),
    advance: stage.sources
      .map((_, index) => `(if ${heads[index]!.present} (then ${advance(index, slots[index]!, facts[index]!)}))`)
      .join("\n"),
    start: slots.map((own, index) => loadHead(index, own)).join("\n"),
    loadKey: keyType === null ? "" : loadKey(writer, slots, facts, keyType),
    streams: heads.map(({ present, time }, index) => ({
      present,
      time,
      source: index < slots.length ? index : null,
    })),
    keyType,
    identity: {
      rank: heads.some((head) => head.rank !== "(i32.const 1)"),
      origin: heads.some((head) => head.origin !== ZERO),
      ordinal: heads.some((head) => head.ordinal !== ZERO),
    },
  };
}

function isConstant(text: string): boolean {
  return constantOf(text) !== null;
}

function constantOf(text: string): bigint | null {
  const digits = /^\(i(?:32|64)\.const ([^()]*)\)$/.exec(text)?.[1];
  return digits === undefined ? null : BigInt.asUintN(64, BigInt(digits));
}

function sourceSlots(writer: StageWriter, source: StageSource, index: number, facts: SourceFacts): SourceSlots {
  const { layout, plan } = writer;
  const own =
    source.kind === "answers" ||
    (source.kind === "stored" && plan.domains[source.domain]!.kind === "rekey") ||
    source.kind === "requests";
  const { rank, origin, ordinal } = facts.identity ?? { rank: own, origin: own, ordinal: own };
  const isScan = source.kind === "scan";
  const identity: SourceSlots["identity"] = {
    ...(isScan ? {} : { keyHash: layout.slot() }),
    time: layout.slot(),
    subsort: layout.slot(),
    ...(rank ? { rank: layout.slot() } : {}),
    ...(origin ? { origin: layout.slot() } : {}),
    ...(ordinal ? { ordinal: layout.slot() } : {}),
  };
  const values = source.kind === "requests" ? [] : source.values;
  for (const name of isScan ? ["row", "number", "end"] : ["row"]) writer.local(`s${index}_${name}`, "i32");
  if (facts.shortSubsorts) writer.local(`s${index}_first`, "i64");
  const place = (name: string) => writer.placeOf(`s${index}_${name}`);
  const slots: SourceSlots = {
    rows: layout.slot(),
    row: place("row"),
    identity,
    ...(isScan
      ? { entities: { hashes: layout.slot(), ends: layout.slot(), entity: place("number"), end: place("end") } }
      : {}),
    ...(facts.shortSubsorts ? { firstSubsort: place("first") } : {}),
    columns: values.map((value) => {
      const column = layout.column(plan.values[value]!.type);
      return isScan && column.type.kind === "bool" ? { ...column, bytes: true } : column;
    }),
    ...(facts.keyType ? { key: { ...layout.column(facts.keyType), coded: isTextKey(facts.keyType) } } : {}),
    ...(facts.keyType && isTextKey(facts.keyType) ? { keyBase: layout.slot() } : {}),
    ...(source.kind === "requests" ? { localKeyHash: layout.slot() } : {}),
  };
  writer.address(`s${index}_rows`, slots.rows);
  for (const [name, offset] of Object.entries(identity)) writer.address(`s${index}_${name}`, offset);
  if (slots.entities) {
    writer.address(`s${index}_hashes`, slots.entities.hashes);
    writer.address(`s${index}_ends`, slots.entities.ends);
  }
  slots.columns.forEach((column, c) => {
    writer.columnAddress(`s${index}_c${c}`, column.values);
    writer.columnAddress(`s${index}_c${c}_valid`, column.valid);
  });
  if (slots.key) {
    writer.address(`s${index}_entity`, slots.key.values);
    writer.address(`s${index}_entity_valid`, slots.key.valid);
    if (slots.keyBase !== undefined) writer.address(`s${index}_entity_base`, slots.keyBase);
  }
  if (slots.localKeyHash !== undefined) writer.address(`s${index}_local`, slots.localKeyHash);
  return slots;
}

function sourceHead(
  writer: StageWriter,
  source: StageSource,
  index: number,
  slots: SourceSlots,
  facts: SourceFacts,
  apart: boolean,
): Head {
  const s = `s${index}`;
  const row = writer.local(`${s}_row`, "i32");
  writer.local(`${s}_head_key`, "i64");
  const load = (name: "rank" | "origin" | "ordinal") => {
    if (slots.identity[name] === undefined) return null;
    if (name === "rank") return `(i32.load8_u (i32.add (local.get $${s}_rank) ${row}))`;
    return `(i32.load ${rowAddress(`(local.get $${s}_${name})`, row, "i32")})`;
  };
  const shifted = source.kind === "stored" && writer.plan.domains[source.domain]!.kind === "shift";
  const ordinal = facts.ties && !apart ? writer.local(`${s}_ordinal_now`, "i32") : "(i32.const 0)";
  return {
    active: writer.local(`${s}_on`, "i32"),
    time: apart ? rowTime(s) : writer.local(`${s}_head_time`, "i64"),
    rank: load("rank") ?? `(i32.const ${shifted ? 0 : 1})`,
    subsort: subsortAt(index, slots, row),
    late: `(i32.const ${source.kind === "requests" ? 1 : 0})`,
    origin: load("origin") ?? `(i32.const ${shifted ? writer.plan.origins[source.domain]! : 0})`,
    ordinal: load("ordinal") ?? ordinal,
    present: source.kind === "answers" ? writer.local(`a${index}`, "i32") : writer.present(source.domain),
  };
}

/** The subsort of a row of a source. */
function subsortAt(index: number, { firstSubsort }: SourceSlots, row: string): string {
  const base = `(local.get $s${index}_subsort)`;
  if (firstSubsort === undefined) return `(i64.load ${rowAddress(base, row, "i64")})`;
  return `(i64.add (local.get $s${index}_first) (i64.load32_u ${rowAddress(base, row, "i32")}))`;
}

function tickHead(writer: StageWriter, domain: number): Head {
  writer.local(`tick${domain}_started`, "i32");
  writer.resets.push(`(local.set $tick${domain}_on (i32.const 0)) (local.set $tick${domain}_started (i32.const 0))`);
  return {
    active: writer.local(`tick${domain}_on`, "i32"),
    time: `(select ${writer.local(`tick${domain}_next`, "i64")} ${LAST_TIME} (local.get $tick${domain}_on))`,
    rank: "(i32.const 1)",
    subsort: "(i64.const -1)",
    late: "(i32.const 0)",
    origin: "(i32.const 0)",
    ordinal: "(i32.const 0)",
    present: writer.present(domain),
  };
}

function nextEntity(sources: number): string {
  const steps: string[] = ["(local.set $found (i32.const 0))"];
  for (let index = 0; index < sources; index++) {
    steps.push(
      `(if (i32.lt_u (local.get $s${index}_row) (local.get $s${index}_rows)) (then
         (if (i32.or (i32.eqz (local.get $found)) (i64.lt_u (local.get $s${index}_head_key) (local.get $key))) (then
           (local.set $key (local.get $s${index}_head_key)) (local.set $found (i32.const 1))))))`,
    );
  }
  return steps.join("\n");
}

/** Which sources have rows of the entity, and the times of the first ones. */
function enterEntity(writer: StageWriter, index: number, apart: boolean): string {
  const s = `s${index}`;
  const on = `(local.set $${s}_on (i32.and (i32.lt_u (local.get $${s}_row) (local.get $${s}_rows)) (i64.eq (local.get $${s}_head_key) (local.get $key))))`;
  if (apart) {
    writer.local(`${s}_had`, "i32");
    return `${on} (local.set $${s}_had (local.get $${s}_on))`;
  }
  const time = `(if (result i64) (local.get $${s}_on) (then ${rowTime(s)}) (else ${LAST_TIME}))`;
  return `${on} (local.set $${s}_head_time ${time})`;
}

/** The time of a source's next row. */
function rowTime(s: string): string {
  return `(i64.load ${rowAddress(`(local.get $${s}_time)`, `(local.get $${s}_row)`, "i64")})`;
}

/** The earliest heads have the row; if they differ in the rest of their identities, the first of them. */
function nextRow(heads: readonly Head[], compared: readonly Part[], subsortsLater: readonly number[]): string {
  const steps = [
    `(local.set $found ${balanced(
      "i32.or",
      heads.map((head) => head.active),
    )})`,
    `(local.set $time ${heads[0]!.time})`,
    ...heads
      .slice(1)
      .map(({ time }) => `(local.set $time (select ${time} (local.get $time) (i64.lt_s ${time} (local.get $time))))`),
    ...heads.map((head) =>
      setLocal(
        head.present,
        heads.length === 1 ? head.active : `(i32.and ${head.active} (i64.eq ${head.time} (local.get $time)))`,
      ),
    ),
  ];
  if (compared.length > 0) {
    const resolve = [
      ...subsortsLater.map(readSubsorts),
      "(local.set $tied (i32.const 0))",
      ...heads.map((head) => {
        const take = `${takeIdentity(head)} (local.set $tied (i32.const 1))`;
        return `(if ${head.present} (then (if (i32.or (i32.eqz (local.get $tied)) ${before(head, compared)}) (then ${take}))))`;
      }),
      ...heads.map((head) => setLocal(head.present, `(i32.and ${head.present} ${equal(head, compared)})`)),
    ];
    const present = heads.map((head) => head.present);
    steps.push(`(if (i32.gt_u ${balanced("i32.add", present)} (i32.const 1)) (then ${resolve.join(" ")}))`);
  }
  return steps.join("\n");
}

function takeIdentity(head: Head): string {
  return PARTS.map((part) => `(local.set $${part} ${head[part]})`).join(" ");
}

/** Has the subsorts of a source read, where they are not there yet. */
export function readSubsorts(index: number): string {
  return `(if (i32.eqz (local.get $s${index}_subsort)) (then (local.set $s${index}_subsort (call $host_subsorts (i32.const ${index})))))`;
}

/** All heads that have the row agree on its identity. A block and no chain of `else`: assemblers recurse into those. */
function identify(heads: readonly Head[]): string {
  const last = takeIdentity(heads[heads.length - 1]!);
  if (heads.length === 1) return last;
  const others = heads.slice(0, -1).map((head) => `(if ${head.present} (then ${takeIdentity(head)} (br $identified)))`);
  return `(block $identified ${others.join(" ")} ${last})`;
}

/** `(local.get $x)` and a value make `(local.set $x value)`. */
function setLocal(get: string, value: string): string {
  return `(local.set ${get.slice("(local.get ".length, -1)} ${value})`;
}

function before(head: Head, compared: readonly Part[]): string {
  let text = "(i32.const 0)";
  for (const part of [...compared].reverse()) {
    const type = PART_TYPE[part];
    const own = `(local.get $${part})`;
    text = `(if (result i32) (${type}.eq ${head[part]} ${own}) (then ${text}) (else (${type}.lt_u ${head[part]} ${own})))`;
  }
  return text;
}

/** A constant where the identities of all rows of both tell. */
function isNotAfter(head: Head, other: Head, compared: readonly Part[]): string {
  const [part, ...rest] = compared;
  if (part === undefined) return "(i32.const 1)";
  const type = PART_TYPE[part];
  const [one, another] = [head[part], other[part]];
  if (one === another) return isNotAfter(head, other, rest);
  const [value, than] = [constantOf(one), constantOf(another)];
  if (value !== null && than !== null) return `(i32.const ${value < than ? 1 : 0})`;
  const next = isNotAfter(head, other, rest);
  return `(if (result i32) (${type}.eq ${one} ${another}) (then ${next}) (else (${type}.lt_u ${one} ${another})))`;
}

function equal(head: Head, compared: readonly Part[]): string {
  let text = "(i32.const 1)";
  for (const part of [...compared].reverse()) {
    text = `(if (result i32) (${PART_TYPE[part]}.eq ${head[part]} (local.get $${part})) (then ${text}) (else (i32.const 0)))`;
  }
  return text;
}

/** Loads the key of a source's first row. */
function loadHead(index: number, slots: SourceSlots): string {
  const s = `s${index}`;
  return `(if (i32.lt_u (local.get $${s}_row) (local.get $${s}_rows)) (then ${headOf(s, slots)}))`;
}

/** Sets the key of the entity that is next. */
export function headOf(s: string, { entities }: SourceSlots): string {
  if (!entities) return `(local.set $${s}_head_key ${keyOfRow(s)})`;
  const at = (name: string, representation: "i32" | "i64") =>
    `(${representation}.load ${rowAddress(`(local.get $${s}_${name})`, `(local.get $${s}_number)`, representation)})`;
  return `(local.set $${s}_head_key ${at("hashes", "i64")}) (local.set $${s}_end ${at("ends", "i32")})`;
}

function keyOfRow(s: string): string {
  return `(i64.load ${rowAddress(`(local.get $${s}_keyHash)`, `(local.get $${s}_row)`, "i64")})`;
}

/** Goes on to a source's next row; behind the last one stands another key than that of the last row, or just any entity. */
function advance(index: number, slots: SourceSlots, facts: SourceFacts): string {
  const s = `s${index}`;
  const row = `(local.get $${s}_row)`;
  const time = rowTime(s);
  const previous = `(i32.sub ${row} (i32.const 1))`;
  const counts = facts.ties && slots.identity.ordinal === undefined;
  // A further row of one identity is told from the one before by its ordinal.
  const same = `(i32.and (i64.eq (local.get $time) ${time}) (i64.eq ${subsortAt(index, slots, previous)} ${subsortAt(index, slots, row)}))`;
  const ordinal = counts
    ? `(local.set $${s}_ordinal_now (if (result i32) (local.get $${s}_on) (then (if (result i32) ${same}
        (then (i32.add (local.get $${s}_ordinal_now) (i32.const 1))) (else (i32.const 0)))) (else (i32.const 0))))`
    : "";
  return `(local.set $${s}_row (i32.add ${row} (i32.const 1)))
    (if ${slots.entities ? `(i32.lt_u ${row} (local.get $${s}_end))` : `(i64.eq ${keyOfRow(s)} (local.get $key))`}
      (then (local.set $${s}_head_time ${time}))
      (else
        ${slots.entities ? `(local.set $${s}_number (i32.add (local.get $${s}_number) (i32.const 1)))` : ""}
        ${headOf(s, slots)}
        (local.set $${s}_on (i32.const 0))
        (local.set $${s}_head_time ${LAST_TIME})))
    ${ordinal}`;
}

function loadKey(
  writer: StageWriter,
  slots: readonly SourceSlots[],
  facts: readonly SourceFacts[],
  keyType: FenlType,
): string {
  const representation = representationOf(keyType);
  writer.local("entity", representation);
  writer.local("entity_valid", "i32");
  const steps = ["(local.set $entity_valid (i32.const 0))"];
  const load = (slot: SourceSlots, index: number) => {
    if (!slot.key) return;
    const row = `(local.get $s${index}_row)`;
    const place = slot.entities ? `(local.get $s${index}_number)` : row;
    const stored = `(${representation}.load ${rowAddress(`(local.get $s${index}_entity)`, place, representation)})`;
    const entity = slot.keyBase === undefined ? stored : `(i32.add ${stored} (local.get $s${index}_entity_base))`;
    steps.push(
      `(if (i32.and (i32.lt_u ${row} (local.get $s${index}_rows)) (i64.eq (local.get $s${index}_head_key) (local.get $key))) (then
        (local.set $entity ${entity})
        (local.set $entity_valid ${loadValid(`(local.get $s${index}_entity_valid)`, place)})))`,
    );
  };
  // The last one that knows the key tells it.
  const order = [...slots.keys()].sort(
    (a, b) => Number(facts[a]!.mostRows === true) - Number(facts[b]!.mostRows === true),
  );
  for (const index of order) load(slots[index]!, index);
  return steps.join("\n");
}

/** The validity byte of a row; without an array of them every row is valid. */
export function loadValid(address: string, row: string): string {
  return `(if (result i32) (i32.eqz ${address}) (then (i32.const 1)) (else (i32.load8_u (i32.add ${address} ${row}))))`;
}

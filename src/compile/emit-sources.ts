import type { Stage, StageSource } from "../plan/stages.ts";
import type { FenlType } from "../values/fenl-type.ts";
import { representationOf } from "../values/fenl-type.ts";
import { type IdentitySlots, isTextKey, rowAddress, type SourceSlots } from "./stage-layout.ts";
import type { StageWriter } from "./stage-writer.ts";

/** What is known of a stage's sources before it is compiled. */
export interface SourceFacts {
  /** The type of the entity key, where the source has it. */
  readonly keyType?: FenlType;
  /** For scans: whether rows may share key hash, time and subsort. */
  readonly ties?: boolean;
}

/** One stream of rows in identity order: a source or a tick. Components are WebAssembly text. */
interface Head {
  readonly active: string;
  readonly time: string;
  readonly rank: string;
  readonly subsort: string;
  /** 1 for requests, which come after all rows of their instant and are never one with another row. */
  readonly late: string;
  readonly origin: string;
  readonly ordinal: string;
  readonly present: string;
}

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
  /** Finds the entity's next row: sets `$found`, its identity and which sources have it. */
  readonly nextRow: string;
  /** Moves on the sources that had the row. */
  readonly advance: string;
  /** Loads the first heads; run once. */
  readonly start: string;
  /** At an entity's start: the key's own value, where a source knows it. */
  readonly loadKey: string;
  readonly keyType: FenlType | null;
  /** Whether rows differ in rank; otherwise all have 1. */
  readonly ranked: boolean;
}

export function emitSources(writer: StageWriter, stage: Stage, facts: readonly SourceFacts[]): SourceText {
  const slots = stage.sources.map((source, index) => sourceSlots(writer, source, index, facts[index]!));
  const keyType = facts.find((fact) => fact.keyType)?.keyType ?? null;
  const heads: Head[] = [
    ...stage.sources.map((source, index) => sourceHead(writer, source, index, slots[index]!, facts[index]!)),
    ...stage.ticks.map((tick) => tickHead(writer, tick.domain)),
  ];
  for (const name of ["key", "time"]) writer.local(name, "i64");
  for (const part of PARTS) writer.local(part, PART_TYPE[part]);
  writer.scratch("found", "i32");
  const varying = PARTS.filter(
    (part) => new Set(heads.map((head) => head[part])).size > 1 || !isConstant(heads[0]![part]),
  );
  const compared = heads.length > 1 ? varying : [];
  return {
    slots,
    nextEntity: nextEntity(slots.length),
    nextRow: nextRow(heads, compared),
    advance: stage.sources
      .map((_, index) => `(if ${heads[index]!.present} (then ${advance(index, slots[index]!, facts[index]!)}))`)
      .join("\n"),
    start: stage.sources.map((_, index) => loadHead(index, slots[index]!, facts[index]!)).join("\n"),
    loadKey: keyType === null ? "" : loadKey(writer, slots, keyType),
    keyType,
    ranked: heads.some((head) => head.rank !== "(i32.const 1)"),
  };
}

function isConstant(text: string): boolean {
  return /^\(i(32|64)\.const [^()]*\)$/.test(text);
}

function sourceSlots(writer: StageWriter, source: StageSource, index: number, facts: SourceFacts): SourceSlots {
  const { layout, plan } = writer;
  const own =
    source.kind === "answers" ||
    (source.kind === "stored" && plan.domains[source.domain]!.kind === "rekey") ||
    source.kind === "requests";
  const identity: IdentitySlots = {
    keyHash: layout.slot(),
    time: layout.slot(),
    subsort: layout.slot(),
    ...(own ? { rank: layout.slot(), origin: layout.slot(), ordinal: layout.slot() } : {}),
  };
  const values = source.kind === "requests" ? [] : source.values;
  const slots: SourceSlots = {
    rows: layout.slot(),
    identity,
    columns: values.map((value) => {
      const column = layout.column(plan.values[value]!.type);
      return source.kind === "scan" && column.type.kind === "bool" ? { ...column, bytes: true } : column;
    }),
    ...(facts.keyType ? { key: { ...layout.column(facts.keyType), coded: isTextKey(facts.keyType) } } : {}),
    ...(source.kind === "requests" ? { localKeyHash: layout.slot() } : {}),
  };
  writer.address(`s${index}_rows`, slots.rows);
  for (const [name, offset] of Object.entries(identity)) writer.address(`s${index}_${name}`, offset);
  slots.columns.forEach((column, c) => {
    writer.address(`s${index}_c${c}`, column.values);
    writer.address(`s${index}_c${c}_valid`, column.valid);
  });
  if (slots.key) {
    writer.address(`s${index}_entity`, slots.key.values);
    writer.address(`s${index}_entity_valid`, slots.key.valid);
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
): Head {
  const s = `s${index}`;
  const row = writer.local(`${s}_row`, "i32");
  const key = writer.local(`${s}_head_key`, "i64");
  const load = (name: "rank" | "origin" | "ordinal") => {
    if (slots.identity[name] === undefined) return null;
    if (name === "rank") return `(i32.load8_u (i32.add (local.get $${s}_rank) ${row}))`;
    return `(i32.load ${rowAddress(`(local.get $${s}_${name})`, row, "i32")})`;
  };
  const shifted = source.kind === "stored" && writer.plan.domains[source.domain]!.kind === "shift";
  const ordinal = facts.ties ? writer.local(`${s}_ordinal_now`, "i32") : "(i32.const 0)";
  return {
    active: `(i32.and (i32.lt_u ${row} (local.get $${s}_rows)) (i64.eq ${key} (local.get $key)))`,
    time: writer.local(`${s}_head_time`, "i64"),
    rank: load("rank") ?? `(i32.const ${shifted ? 0 : 1})`,
    subsort: `(i64.load ${rowAddress(`(local.get $${s}_subsort)`, row, "i64")})`,
    late: `(i32.const ${source.kind === "requests" ? 1 : 0})`,
    origin: load("origin") ?? `(i32.const ${shifted ? writer.plan.origins[source.domain]! : 0})`,
    ordinal: load("ordinal") ?? ordinal,
    present: source.kind === "answers" ? writer.local(`a${index}`, "i32") : writer.present(source.domain),
  };
}

function tickHead(writer: StageWriter, domain: number): Head {
  writer.local(`tick${domain}_started`, "i32");
  writer.resets.push(`(local.set $tick${domain}_on (i32.const 0)) (local.set $tick${domain}_started (i32.const 0))`);
  return {
    active: writer.local(`tick${domain}_on`, "i32"),
    time: writer.local(`tick${domain}_next`, "i64"),
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

function nextRow(heads: readonly Head[], compared: readonly Part[]): string {
  const steps = ["(local.set $found (i32.const 0))"];
  heads.forEach((head, index) => {
    const take = [
      `(local.set $time ${head.time})`,
      ...PARTS.map((part) => `(local.set $${part} ${head[part]})`),
      "(local.set $found (i32.const 1))",
    ].join(" ");
    const better =
      index === 0 ? take : `(if (i32.or (i32.eqz (local.get $found)) ${before(head, compared)}) (then ${take}))`;
    steps.push(`(if ${head.active} (then ${better}))`);
  });
  for (const head of heads) {
    const same = heads.length === 1 ? "(local.get $found)" : `(i32.and ${head.active} ${equal(head, compared)})`;
    steps.push(`${setLocal(head.present, same)}`);
  }
  return steps.join("\n");
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
  return `(if (result i32) (i64.eq ${head.time} (local.get $time)) (then ${text}) (else (i64.lt_s ${head.time} (local.get $time))))`;
}

function equal(head: Head, compared: readonly Part[]): string {
  let text = "(i32.const 1)";
  for (const part of [...compared].reverse()) {
    text = `(if (result i32) (${PART_TYPE[part]}.eq ${head[part]} (local.get $${part})) (then ${text}) (else (i32.const 0)))`;
  }
  return `(if (result i32) (i64.eq ${head.time} (local.get $time)) (then ${text}) (else (i32.const 0)))`;
}

function loadHead(index: number, slots: SourceSlots, facts: SourceFacts): string {
  const s = `s${index}`;
  const row = `(local.get $${s}_row)`;
  const at = (name: string) => `(i64.load ${rowAddress(`(local.get $${s}_${name})`, row, "i64")})`;
  const reset = facts.ties && slots.identity.ordinal === undefined ? `(local.set $${s}_ordinal_now (i32.const 0))` : "";
  return `(if (i32.lt_u ${row} (local.get $${s}_rows)) (then
    (local.set $${s}_head_key ${at("keyHash")}) (local.set $${s}_head_time ${at("time")}) ${reset}))`;
}

function advance(index: number, slots: SourceSlots, facts: SourceFacts): string {
  const s = `s${index}`;
  const step = `(local.set $${s}_row (i32.add (local.get $${s}_row) (i32.const 1)))`;
  if (!facts.ties || slots.identity.ordinal !== undefined) return `${step} ${loadHead(index, slots, facts)}`;
  const row = `(local.get $${s}_row)`;
  const at = (name: string) => `(i64.load ${rowAddress(`(local.get $${s}_${name})`, row, "i64")})`;
  return `${step} (if (i32.lt_u ${row} (local.get $${s}_rows)) (then
    (local.set $${s}_ordinal_now (if (result i32) (i32.and (i64.eq (local.get $key) ${at("keyHash")})
      (i32.and (i64.eq (local.get $time) ${at("time")}) (i64.eq (local.get $subsort) ${at("subsort")})))
      (then (i32.add (local.get $${s}_ordinal_now) (i32.const 1))) (else (i32.const 0))))
    (local.set $${s}_head_key ${at("keyHash")}) (local.set $${s}_head_time ${at("time")})))`;
}

function loadKey(writer: StageWriter, slots: readonly SourceSlots[], keyType: FenlType): string {
  const representation = representationOf(keyType);
  writer.local("entity", representation);
  writer.local("entity_valid", "i32");
  const steps = ["(local.set $entity_valid (i32.const 0))"];
  slots.forEach((slot, index) => {
    if (!slot.key) return;
    const row = `(local.get $s${index}_row)`;
    steps.push(
      `(if (i32.and (i32.lt_u ${row} (local.get $s${index}_rows)) (i64.eq (local.get $s${index}_head_key) (local.get $key))) (then
        (local.set $entity (${representation}.load ${rowAddress(`(local.get $s${index}_entity)`, row, representation)}))
        (local.set $entity_valid ${loadValid(`(local.get $s${index}_entity_valid)`, row)})))`,
    );
  });
  return steps.join("\n");
}

/** The validity byte of a row; without an array of them every row is valid. */
export function loadValid(address: string, row: string): string {
  return `(if (result i32) (i32.eqz ${address}) (then (i32.const 1)) (else (i32.load8_u (i32.add ${address} ${row}))))`;
}

import type { Operand } from "../functions/define.ts";
import type { Plan, ValueId } from "../plan/plan.ts";
import { isWithin } from "../plan/plan-builder.ts";
import type { Sink, StageTick } from "../plan/stages.ts";
import { type FenlType, representationOf } from "../values/fenl-type.ts";
import type { IdentityParts, SourceText } from "./emit-sources.ts";
import { scalarHash } from "./hash-wat.ts";
import { releaseRows } from "./release-rows.ts";
import { type ColumnSlots, type IdentitySlots, isTextKey, rowAddress, type SinkSlots } from "./stage-layout.ts";
import type { StageWriter } from "./stage-writer.ts";

/** The text that hands rows out of a stage. At most one row is written for each row of the loop. */
export interface SinkText {
  readonly slots: SinkSlots;
  /** True when there is no room for another row. */
  readonly full: string;
  readonly atRow: string;
  readonly atEntityEnd: string;
}

/** What bounds the rows of a result in time. */
export interface ResultBounds {
  readonly changedSince: boolean;
  readonly finalTime: boolean;
}

interface Extra {
  readonly sources: SourceText;
  readonly ticks: readonly StageTick[];
  /** Whether rows for other entities have all columns of identity, also where all rows have the same. */
  readonly isWhole: boolean;
  readonly bounds: ResultBounds;
}

export function emitSink(writer: StageWriter, sink: Sink, extra: Extra): SinkText {
  const { plan } = writer;
  switch (sink.kind) {
    case "result": {
      const out = new Output(
        writer,
        extra.sources.identity.rank ? ["rank"] : [],
        sink.columns,
        sink.domain,
        extra.sources.keyType,
      );
      const since = extra.bounds.changedSince
        ? `(i64.ge_s (local.get $time) ${writer.parameter("changed since")})`
        : "(i32.const 1)";
      return out.text(`(if (i32.and ${writer.present(sink.domain)} ${since}) (then ${out.write()} ${out.next()}))`);
    }
    case "final":
      return emitFinal(writer, sink, extra);
    case "stored":
      return emitStored(writer, sink, extra);
    case "requests": {
      const lookup = plan.lookups[sink.lookup]!;
      const key = writer.operand(lookup.key, lookup.domain);
      const out = new Output(writer, sentParts(extra.sources.identity, extra), [], lookup.domain, null, true);
      const write = out.write({ keyHash: scalarHash(writer, key), localKeyHash: "(local.get $key)" });
      if (sink.last) return emitLast(writer, out, lookup.domain, key.valid, write, extra);
      return out.text(`(if ${writer.present(lookup.domain)} (then (if ${key.valid} (then ${write} ${out.next()}))))`);
    }
    case "answers":
      return emitAnswers(writer, sink, extra);
  }
}

/** The columns of identity of rows that are sent to other entities. */
function sentParts(parts: IdentityParts, { isWhole }: Extra): ("rank" | "origin" | "ordinal")[] {
  return (["rank", "origin", "ordinal"] as const).filter((part) => isWhole || parts[part]);
}

type Written = Partial<Record<keyof IdentitySlots | "localKeyHash", string>>;

/** The columns of a sink and the statements that fill a row of them. */
class Output {
  readonly slots: SinkSlots;
  readonly #writer: StageWriter;
  readonly #columns: readonly ValueId[];
  readonly #domain: number;
  readonly #row: string;

  constructor(
    writer: StageWriter,
    parts: readonly ("rank" | "origin" | "ordinal")[],
    columns: readonly ValueId[],
    domain: number,
    keyType: FenlType | null,
    local = false,
  ) {
    const { layout, plan } = writer;
    this.#writer = writer;
    this.#columns = columns;
    this.#domain = domain;
    const identity: { -readonly [K in keyof IdentitySlots]: number } = {
      keyHash: layout.slot(),
      time: layout.slot(),
      subsort: layout.slot(),
    };
    for (const part of parts) identity[part] = layout.slot();
    this.slots = {
      rows: layout.slot(),
      capacity: layout.slot(),
      identity,
      columns: columns.map((column) => {
        const madeBy = writer.makers.get(column);
        return { ...layout.column(plan.values[column]!.type), ...(madeBy === undefined ? {} : { madeBy }) };
      }),
      ...(keyType ? { key: { ...layout.column(keyType), coded: !local && isTextKey(keyType) } } : {}),
      ...(local ? { localKeyHash: layout.slot() } : {}),
    };
    writer.address("out_rows", this.slots.rows);
    writer.address("out_capacity", this.slots.capacity);
    for (const [part, offset] of Object.entries(identity)) writer.address(`out_${part}`, offset);
    for (const [index, column] of this.slots.columns.entries()) this.#addresses(`out_c${index}`, column);
    if (this.slots.key) this.#addresses("out_entity", this.slots.key);
    if (this.slots.localKeyHash !== undefined) writer.address("out_local", this.slots.localKeyHash);
    this.#row = "(local.get $out_rows)";
  }

  #addresses(name: string, column: ColumnSlots): void {
    this.#writer.columnAddress(name, column.values);
    this.#writer.columnAddress(`${name}_valid`, column.valid);
  }

  /** Writes the present row at the end, without counting it. */
  write(instead: Written = {}): string {
    const values = this.#columns.map((column) => this.#writer.operand(column, this.#domain));
    return this.writeValues(values, instead);
  }

  /** Writes the present row, with values of its columns that are at hand, at the end, without counting it. */
  writeValues(values: readonly Pick<Operand, "value" | "valid">[], instead: Written): string {
    const columns = values.map(({ value, valid }, index) =>
      this.column(`out_c${index}`, this.slots.columns[index]!.type, value, valid),
    );
    return `${this.#identity(instead)} ${columns.join(" ")} ${this.#key()}`;
  }

  #identity(instead: Written): string {
    const { identity } = this.slots;
    const row = this.#row;
    const store64 = (name: string, value: string) =>
      `(i64.store ${rowAddress(`(local.get $out_${name})`, row, "i64")} ${value})`;
    const statements = [
      instead.subsort === undefined ? this.#writer.identify : "",
      store64("keyHash", instead.keyHash ?? "(local.get $key)"),
      store64("time", instead.time ?? "(local.get $time)"),
      store64("subsort", instead.subsort ?? "(local.get $subsort)"),
    ];
    if (identity.rank !== undefined) {
      statements.push(`(i32.store8 (i32.add (local.get $out_rank) ${row}) (local.get $rank))`);
    }
    for (const part of ["origin", "ordinal"] as const) {
      if (identity[part] === undefined) continue;
      statements.push(`(i32.store ${rowAddress(`(local.get $out_${part})`, row, "i32")} (local.get $${part}))`);
    }
    if (this.slots.localKeyHash !== undefined) statements.push(store64("local", instead.localKeyHash!));
    return statements.join(" ");
  }

  #key(): string {
    const { key } = this.slots;
    return key ? this.column("out_entity", key.type, "(local.get $entity)", "(local.get $entity_valid)") : "";
  }

  /** Writes the present row with nothing but its identity and key. */
  writeNulls(): string {
    const zero = (type: FenlType) => `(${representationOf(type)}.const 0)`;
    const nulls = this.slots.columns.map((slot, index) =>
      this.column(`out_c${index}`, slot.type, zero(slot.type), "(i32.const 0)"),
    );
    return `${this.#identity({})} ${nulls.join(" ")} ${this.#key()}`;
  }

  /** Writes one column of the present row. */
  column(name: string, type: FenlType, value: string, valid: string): string {
    const representation = representationOf(type);
    const at = rowAddress(`(local.get $${name})`, this.#row, representation);
    return `(${representation}.store ${at} ${value}) (i32.store8 (i32.add (local.get $${name}_valid) ${this.#row}) ${valid})`;
  }

  next(): string {
    return `(local.set $out_rows (i32.add ${this.#row} (i32.const 1))) ${leaveIf(this.#isFull())}`;
  }

  #isFull(): string {
    return "(i32.ge_u (local.get $out_rows) (local.get $out_capacity))";
  }

  text(atRow: string, atEntityEnd = "", full = "(i32.const 0)"): SinkText {
    const own = this.#isFull();
    return { slots: this.slots, full: full === "(i32.const 0)" ? own : `(i32.or ${own} ${full})`, atRow, atEntityEnd };
  }
}

/** Makes the loop leave before the next row. */
function leaveIf(condition: string): string {
  return `(if ${condition} (then (local.set $fuel (i32.const 1))))`;
}

function emitFinal(writer: StageWriter, sink: Extract<Sink, { kind: "final" }>, extra: Extra): SinkText {
  const out = new Output(writer, [], sink.columns, sink.domain, extra.sources.keyType);
  if (showsAtEntityEnd(writer, sink, extra)) {
    // A run may come back between the last row and the end.
    for (const column of sink.columns) writer.stand(column);
    return out.text("", `${out.write(UNASKED)} ${out.next()}`);
  }
  writer.local("final_has", "i32");
  if (extra.bounds.changedSince) writer.local("final_last", "i64");
  writer.resets.push("(local.set $final_has (i32.const 0))");
  const until = untilFinal(writer, extra);
  const valid = sink.valid === null ? "(i32.const 1)" : writer.holds(sink.valid, sink.domain);
  const counted = `(i32.and ${writer.holds(sink.isNew, sink.domain)} ${valid})`;
  const last =
    sink.columns.length > MOST_KEPT || sink.columns.some((id) => writer.isHost(id)) ? null : lastRow(writer, sink);
  const [take, takeNulls] = last ? [last.take, last.takeNulls] : [out.write(), out.writeNulls()];
  // An entity with any row has a result; without a row that counts, all of it is null.
  const atRow = `(if (i32.and ${writer.present(sink.domain)} ${until}) (then
    ${extra.bounds.changedSince ? "(local.set $final_last (local.get $time))" : ""}
    (if ${counted}
      (then ${take})
      (else (if (i32.eqz (local.get $final_has)) (then ${takeNulls}))))
    (local.set $final_has (i32.const 1))))`;
  const late = extra.bounds.changedSince
    ? `(i32.and (local.get $final_has) (i64.ge_s (local.get $final_last) ${writer.parameter("changed since")}))`
    : "(local.get $final_has)";
  const write = last ? out.writeValues(last.values, UNASKED) : "";
  return out.text(atRow, `(if ${late} (then ${write} ${out.next()}))`);
}

/** Nobody asks for the times and subsorts of final results. */
const UNASKED: Written = { time: "(i64.const 0)", subsort: "(i64.const 0)" };

/** The columns of an entity's last row that counts are kept until it ends, where they are so few. */
const MOST_KEPT = 16;

/** Keeps the columns of the last row that counted so far: to write each row over the one before takes longer. */
function lastRow(writer: StageWriter, { columns, domain }: Extract<Sink, { kind: "final" }>) {
  const values = columns.map((column, index) => ({
    value: writer.local(`final${index}`, representationOf(writer.plan.values[column]!.type)),
    valid: writer.local(`final${index}_valid`, "i32"),
  }));
  const take = columns.map((column, index) => {
    const { value, valid } = writer.operand(column, domain);
    return `(local.set $final${index} ${value}) (local.set $final${index}_valid ${valid})`;
  });
  const takeNulls = columns.map((_, index) => `(local.set $final${index}_valid (i32.const 0))`);
  return { values, take: take.join(" "), takeNulls: takeNulls.join(" ") };
}

/** Whether an entity's last row is the result's last row, counts, and has values that stand until the entity ends. */
export function showsAtEntityEnd(
  writer: StageWriter,
  sink: Extract<Sink, { kind: "final" }>,
  extra: Pick<Extra, "bounds" | "ticks">,
): boolean {
  const { plan } = writer;
  const { finalTime, changedSince } = extra.bounds;
  if (finalTime || changedSince || sink.valid !== null) return false;
  if (writer.holds(sink.isNew, sink.domain) !== "(i32.const 1)") return false;
  const read = writer.sources.map((source) =>
    source.kind === "answers" ? plan.lookups[source.lookup]!.domain : source.domain,
  );
  const walked = [...read, ...extra.ticks.map(({ domain }) => domain)];
  const stands = (id: ValueId) => plan.values[id]!.continuous || plan.values[id]!.kind === "literal";
  return walked.every((domain) => isWithin(plan.domains, domain, sink.domain)) && sink.columns.every(stands);
}

/** One request for each entity: that of its last row, where this one asks for something. */
function emitLast(
  writer: StageWriter,
  out: Output,
  domain: number,
  asks: string,
  write: string,
  extra: Extra,
): SinkText {
  const has = writer.local("asked_has", "i32");
  writer.resets.push("(local.set $asked_has (i32.const 0))");
  const row = `(if (i32.and ${writer.present(domain)} ${untilFinal(writer, extra)}) (then
    (local.set $asked_has ${asks})
    (if ${has} (then ${write}))))`;
  return out.text(row, `(if ${has} (then ${out.next()}))`);
}

/** Whether the row is not after the time of final results. */
function untilFinal(writer: StageWriter, { bounds }: Extra): string {
  return bounds.finalTime ? `(i64.le_s (local.get $time) ${writer.parameter("final time")})` : "(i32.const 1)";
}

/** Rows that wait get their subsorts once they are in order. */
const NUMBERED_LATER = "(i64.const 0)";

/**
 * Numbers the rows that move to one time of one entity, which holds if they come in the order of their new times, and
 * tells whether they do.
 */
function numberMoved(writer: StageWriter, time: string): string {
  const any = writer.local("moved_any", "i32");
  const key = writer.local("moved_key", "i64");
  const last = writer.local("moved_time", "i64");
  const number = writer.local("moved_number", "i64");
  const disordered = writer.local("moved_disordered", "i32");
  const latest = writer.local("moved_latest", "i64");
  const same = writer.scratch("moved_same", "i32");
  return `(local.set $moved_same (i32.and ${any} (i64.eq ${key} (local.get $key))))
    (local.set $moved_disordered (i32.or ${disordered} (i32.and ${same} (i64.lt_s ${time} ${last}))))
    (local.set $moved_number (i64.mul (i64.add ${number} (i64.const 1))
      (i64.extend_i32_u (i32.and ${same} (i64.eq ${time} ${last})))))
    (if (i32.or (i32.eqz ${any}) (i64.gt_s ${time} ${latest})) (then (local.set $moved_latest ${time})))
    (local.set $moved_any (i32.const 1)) (local.set $moved_key (local.get $key)) (local.set $moved_time ${time})`;
}

function emitStored(writer: StageWriter, sink: Extract<Sink, { kind: "stored" }>, extra: Extra): SinkText {
  const domain = writer.plan.domains[sink.domain]!;
  if (domain.kind === "rekey") {
    const key = writer.operand(domain.key, domain.input);
    const sent = sentParts(extra.sources.identity, extra);
    const out = new Output(writer, sent, sink.columns, domain.input, key.type, true);
    const hash =
      key.valid === "(i32.const 1)"
        ? scalarHash(writer, key)
        : `(if (result i64) ${key.valid} (then ${scalarHash(writer, key)}) (else (i64.const 0)))`;
    writer.scratch("entity", representationOf(key.type));
    writer.scratch("entity_valid", "i32");
    const setKey = `(local.set $entity ${key.value}) (local.set $entity_valid ${key.valid})`;
    const write = out.write({ keyHash: hash, localKeyHash: "(local.get $key)" });
    return out.text(`(if ${writer.present(domain.input)} (then ${setKey} ${write} ${out.next()}))`);
  }
  if (domain.kind !== "shift") throw new Error(`rows of a ${domain.kind} are not stored`);
  const out = new Output(writer, [], sink.columns, domain.input, extra.sources.keyType);
  const by = writer.operand(domain.by, domain.input);
  if (domain.mode === "to") {
    const ahead = `(if (result i32) ${by.valid} (then (i64.ge_s ${by.value} (local.get $time))) (else (i32.const 0)))`;
    const number = numberMoved(writer, by.value);
    const write = out.write({ time: by.value, subsort: "(local.get $moved_number)" });
    const text = out.text(
      `(if ${writer.present(domain.input)} (then (if ${ahead} (then ${number} ${write} ${out.next()}))))`,
    );
    const moved = { disordered: writer.offsetOf("moved_disordered"), last: writer.offsetOf("moved_latest") };
    return { ...text, slots: { ...text.slots, moved } };
  }
  return emitWaiting(writer, out, domain.input, writer.holds(domain.by, domain.input));
}

/** shift_until: rows are written with the number of their group; a release tells when the group comes out. */
function emitWaiting(writer: StageWriter, out: Output, input: number, released: string): SinkText {
  const { layout } = writer;
  const releases = { rows: layout.slot(), capacity: layout.slot(), group: layout.slot(), time: layout.slot() };
  for (const [name, offset] of Object.entries(releases)) writer.address(`release_${name}`, offset);
  writer.local("waiting", "i64");
  const row = "(local.get $release_rows)";
  const full = `(i32.ge_u ${row} (local.get $release_capacity))`;
  const release = `(i64.store ${rowAddress("(local.get $release_group)", row, "i64")} (local.get $waiting))
    (i64.store ${rowAddress("(local.get $release_time)", row, "i64")} (local.get $time))
    (local.set $release_rows (i32.add ${row} (i32.const 1)))
    (local.set $waiting (i64.add (local.get $waiting) (i64.const 1)))`;
  const atRow = `(if ${writer.present(input)} (then
    ${out.write({ time: "(local.get $waiting)", subsort: NUMBERED_LATER })} ${out.next()}
    (if ${released} (then ${release} ${leaveIf(full)}))))`;
  const text = out.text(atRow, "(local.set $waiting (i64.add (local.get $waiting) (i64.const 1)))", full);
  const slots = { ...out.slots, releases };
  writer.functions.push(releaseRows(slots));
  return { ...text, slots };
}

/** The foreign side of a lookup: each request gets the standing values, or those of its very instant. */
function emitAnswers(writer: StageWriter, sink: Extract<Sink, { kind: "answers" }>, extra: Extra): SinkText {
  const { plan } = writer;
  const { parts } = plan.lookups[sink.lookup]!;
  const index = requestIndex(plan, sink.lookup, writer);
  const { rank, origin, ordinal } = extra.sources.slots[index]!.identity;
  const asked = { rank: rank !== undefined, origin: origin !== undefined, ordinal: ordinal !== undefined };
  const values = parts.map((part) => part.value);
  const out = new Output(writer, sentParts(asked, extra), values, sink.domain, null);
  const marks = parts.filter((part) => part.exact).map((part) => plan.values[part.value]!.domain);
  const atRow: string[] = [];
  for (const domain of new Set(marks)) if (domain !== null) atRow.push(mark(writer, domain));
  const statements = [
    out.write({
      keyHash: `(i64.load ${rowAddress(`(local.get $s${index}_local)`, `(local.get $s${index}_row)`, "i64")})`,
    }),
  ];
  parts.forEach((part, at) => {
    if (!part.exact) return;
    const { domain, type } = plan.values[part.value]!;
    const own = writer.operand(part.value, domain);
    const valid = domain === null ? own.valid : `(i32.and ${own.valid} ${marked(writer, domain)})`;
    statements.push(out.column(`out_c${at}`, type, own.value, valid));
  });
  atRow.push(`(if ${writer.present(sink.domain)} (then ${statements.join(" ")} ${out.next()}))`);
  return out.text(atRow.join(" "));
}

function requestIndex(plan: Plan, lookup: number, writer: StageWriter): number {
  const index = writer.sources.findIndex((source) => source.kind === "requests" && source.lookup === lookup);
  if (index < 0) throw new Error(`stage of lookup ${lookup} has no requests among ${plan.lookups.length}`);
  return index;
}

/** Remembers the last row of a domain. */
function mark(writer: StageWriter, domain: number): string {
  writer.local(`m${domain}_has`, "i32");
  writer.local(`m${domain}_time`, "i64");
  writer.local(`m${domain}_rank`, "i32");
  writer.local(`m${domain}_subsort`, "i64");
  writer.resets.push(`(local.set $m${domain}_has (i32.const 0))`);
  return `(if ${writer.present(domain)} (then (local.set $m${domain}_has (i32.const 1))
    (local.set $m${domain}_time (local.get $time)) (local.set $m${domain}_rank (local.get $rank)) (local.set $m${domain}_subsort (local.get $subsort))))`;
}

/** True when the last row of a domain is at the present row's time, rank and subsort. */
function marked(_writer: StageWriter, domain: number): string {
  return `(i32.and (local.get $m${domain}_has) (i32.and (i64.eq (local.get $m${domain}_time) (local.get $time))
    (i32.and (i32.eq (local.get $m${domain}_rank) (local.get $rank)) (i64.eq (local.get $m${domain}_subsort) (local.get $subsort)))))`;
}

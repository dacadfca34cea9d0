import type { Operand } from "../functions/define.ts";
import type { DomainId, Plan, ValueId } from "../plan/plan.ts";
import { isWithin } from "../plan/plan-builder.ts";
import type { StageSource } from "../plan/stages.ts";
import { isCoded, type Representation, representationOf } from "../values/fenl-type.ts";
import type { HostImport, StringLiteral } from "./host-import.ts";
import { literalWat } from "./literal-wat.ts";
import { CONTEXT, type CodePlaces, LayoutBuilder, type TextPlaceSlots } from "./stage-layout.ts";

/** V8 allows 50,000 locals a function. */
const MOST_LOCALS = 40_000;

/** Locals of values, and of the states of aggregations. */
const OF_VALUE = /^(?:[vo]\d+|a\d+_\w+)$/;

/** Values that are set on each row on which they are computed, whatever they were before. */
const SET_ON_EACH_ROW: ReadonlySet<string> = new Set(["call", "cast", "if", "is_valid", "any", "all", "sample"]);

/** What the parts of a stage's module write into while it is put together. */
export class StageWriter {
  readonly plan: Plan;
  readonly sources: readonly StageSource[];
  readonly layout = new LayoutBuilder();
  readonly imports: HostImport[] = [];
  readonly strings: StringLiteral[] = [];
  /** Functions of the module's own, as text. */
  readonly functions: string[] = [];
  /** Locals that live for the whole run, with their places in the context block. */
  readonly #saved = new Map<string, { representation: Representation; offset: number }>();
  readonly #scratch = new Map<string, Representation>();
  readonly #columnAddresses = new Set<string>();
  /** Locals that live for the whole run and are no locals of the function: there are too many. */
  readonly #inMemory = new Set<string>();
  /** Statements that start an entity. */
  readonly resets: string[] = [];
  /** Columns that are the time of their rows, in units of so many nanoseconds. */
  readonly times = new Map<ValueId, number>();
  /** Sets the identity of the present row, where it is not set on every row. */
  identify = "";
  /** Scratch locals of discrete values. */
  readonly #discrete = new Set<string>();
  readonly #kept = new Set<ValueId>();
  /** Continuous values that are read on rows on which they were not computed. */
  readonly #standing = new Set<ValueId>();
  readonly #neverNull = new Set<ValueId>();
  /** Where values are that have no locals of their own. */
  readonly #elsewhere = new Map<ValueId, { readonly value: string; readonly valid: string | null }>();
  /** Texts that nobody compares. */
  carried: ReadonlySet<ValueId> = new Set();
  /** Where the bytes of the stage's texts are, once some code reads them. */
  textPlaces: TextPlaceSlots | null = null;
  /** By value: the import that makes its texts, which nobody compares. */
  readonly makers = new Map<ValueId, string>();
  /** Aggregations that nobody asks for before an entity ends, and the statements that give their results then. */
  late: ReadonlySet<ValueId> = new Set();
  readonly lateTexts = new Map<ValueId, string>();
  readonly #stringNames = new Map<string, string>();
  /** Locals of aggregations that hold codes, and codes elsewhere in memory. */
  readonly #codeLocals = new Set<string>();
  readonly #codeArrays: { offset: number; count: number }[] = [];
  readonly queues: CodePlaces["queues"][number][] = [];

  constructor(plan: Plan, sources: readonly StageSource[]) {
    this.plan = plan;
    this.sources = sources;
  }

  /** A local that keeps its value from row to row, also over an interruption of the run. */
  local(name: string, representation: Representation): string {
    if (!this.#saved.has(name)) this.#saved.set(name, { representation, offset: this.layout.slot() });
    return `(local.get $${name})`;
  }

  /** Where a local that keeps its value has its place in the context block. */
  placeOf(name: string): number {
    return this.#saved.get(name)!.offset;
  }

  /** A local that holds nothing from one row to the next. */
  scratch(name: string, representation: Representation): string {
    this.#scratch.set(name, representation);
    return `(local.get $${name})`;
  }

  /** Where a local's value stands between runs. */
  offsetOf(name: string): number {
    const saved = this.#saved.get(name);
    if (saved === undefined) throw new Error(`local ${name} is not kept`);
    return saved.offset;
  }

  /** The type of a local that was declared. */
  typeOf(name: string): Representation {
    const type = this.#saved.get(name)?.representation ?? this.#scratch.get(name);
    if (type === undefined) throw new Error(`no local ${name}`);
    return type;
  }

  /** Whether a local is always 0 or 1: a bool, whether one is there, whether a domain or a source has the row. */
  isTruth(name: string): boolean {
    const value = /^v(\d+)$/.exec(name);
    if (value) return this.plan.values[Number(value[1])]!.type.kind === "bool";
    return /^([po]\d+|s\d+_on|a\d+_filled|found|inside)$/.test(name);
  }

  /** A local set from the context block at each start and never written. */
  address(name: string, offset: number): string {
    this.#saved.set(name, { representation: "i32", offset });
    return `(local.get $${name})`;
  }

  /** The address of a column: as {@link address}, where the module has locals left. */
  columnAddress(name: string, offset: number): void {
    this.address(name, offset);
    this.#columnAddresses.add(name);
  }

  /**
   * A function's text within the number of locals that engines allow: addresses of very many columns, and then values and
   * states of aggregations, are loaded and stored where they are used.
   */
  withinLocals(write: () => string): string {
    const places = new Map<string, { representation: Representation; offset: number }>();
    const isFull = () => this.#saved.size + this.#scratch.size - this.#inMemory.size > MOST_LOCALS;
    if (!isFull()) return write();
    for (const name of this.#columnAddresses) this.#inMemory.add(name);
    for (const name of this.#saved.keys()) if (isFull() && OF_VALUE.test(name)) this.#inMemory.add(name);
    for (const name of this.#inMemory) places.set(name, this.#saved.get(name)!);
    for (const [name, representation] of this.#scratch) {
      if (!isFull() || !OF_VALUE.test(name)) continue;
      this.#scratch.delete(name);
      places.set(name, { representation, offset: this.layout.slot() });
    }
    return write().replace(/\(local\.(get|set) \$(\w+)/g, (text, access: string, name: string) => {
      const place = places.get(name);
      if (place === undefined) return text;
      const instruction = `${place.representation}.${access === "get" ? "load" : "store"}`;
      return `(${instruction} offset=${CONTEXT + place.offset} (i32.const 0)`;
    });
  }

  /** An i64 parameter of the run. */
  parameter(name: string): string {
    const offset = this.layout.parameter(name);
    const local = `param_${name.replaceAll(/\W/g, "_")}`;
    this.#saved.set(local, { representation: "i64", offset });
    return `(local.get $${local})`;
  }

  stringLiteral(text: string): string {
    let name = this.#stringNames.get(text);
    if (name === undefined) {
      name = `text${this.strings.length}`;
      this.#stringNames.set(text, name);
      this.strings.push({ name, text });
    }
    return `(global.get $${name})`;
  }

  /** A value as the code of a row of `domain` sees it: computed there, carried on, or null. */
  operand(id: ValueId, domain: DomainId | null): Operand {
    const value = this.plan.values[id]!;
    if (value.kind === "literal") {
      const operand = literalWat(value.value, value.type, (text) => this.stringLiteral(text));
      return { ...operand, type: value.type };
    }
    const atHome = value.domain === null || (domain !== null && isWithin(this.plan.domains, domain, value.domain));
    const text = this.valueLocal(id);
    const own = this.alwaysValid(id) ? "(i32.const 1)" : this.validLocal(id);
    const read = value.kind === "present" ? "(i32.const 1)" : text;
    if (atHome) return { value: read, valid: own, type: value.type };
    if (value.continuous) {
      this.#standing.add(id);
      return { value: text, valid: this.validLocal(id), type: value.type };
    }
    const present = this.present(value.domain!);
    const valid = this.alwaysValid(id) ? present : `(i32.and ${own} ${present})`;
    return { value: read, valid, type: value.type };
  }

  /** True (1) where a bool value is there and true. */
  holds(id: ValueId | null, domain: DomainId | null): string {
    if (id === null) return "(i32.const 0)";
    const { value, valid } = this.operand(id, domain);
    if (valid === "(i32.const 1)") return value;
    return value === "(i32.const 1)" ? valid : `(i32.and ${valid} ${value})`;
  }

  /** Declares that a value, or also whether it is there, is read from another local than its own. */
  readFrom(id: ValueId, value: string, valid: string | null): void {
    this.#elsewhere.set(id, { value, valid });
  }

  valueLocal(id: ValueId): string {
    const elsewhere = this.#elsewhere.get(id);
    if (elsewhere !== undefined) return elsewhere.value;
    return this.#valueLocal(id, `v${id}`, representationOf(this.plan.values[id]!.type));
  }

  validLocal(id: ValueId): string {
    const elsewhere = this.#elsewhere.get(id)?.valid;
    if (elsewhere != null) return elsewhere;
    return this.#valueLocal(id, `o${id}`, "i32");
  }

  /** Notes that a continuous value may be read on a row on which it was not computed. */
  stand(id: ValueId): void {
    this.#standing.add(id);
  }

  /** Lets go of a continuous value behind its row, if it is set on all of its own rows and read on no others. */
  release(id: ValueId): void {
    const { continuous, domain, kind } = this.plan.values[id]!;
    if (!continuous || domain === null || !SET_ON_EACH_ROW.has(kind)) return;
    if (this.#standing.has(id) || this.#kept.has(id)) return;
    for (const name of [`v${id}`, `o${id}`]) {
      const saved = this.#saved.get(name);
      if (saved === undefined) continue;
      this.#saved.delete(name);
      this.#scratch.set(name, saved.representation);
    }
  }

  /** Keeps a discrete value beyond its row. */
  keep(id: ValueId): void {
    this.#kept.add(id);
  }

  /** Other discrete values are read on the row on which they were computed, and nowhere else. */
  #valueLocal(id: ValueId, name: string, representation: Representation): string {
    const { continuous, domain } = this.plan.values[id]!;
    if (continuous || domain === null || this.#kept.has(id)) return this.local(name, representation);
    this.#discrete.add(name);
    return this.scratch(name, representation);
  }

  /**
   * Statements that forget the discrete values of the row before: what is kept costs registers.
   * @param isOf of which values
   */
  discreteResets(isOf: (id: ValueId) => boolean = () => true): string {
    const names = [...this.#discrete].filter((name) => isOf(Number(name.slice(1))));
    return names.map((name) => `(local.set $${name} (${this.#scratch.get(name)}.const 0))`).join(" ");
  }

  present(domain: DomainId): string {
    return this.scratch(`p${domain}`, "i32");
  }

  /** Declares that a value is never null on its own rows. */
  setNeverNull(id: ValueId): void {
    this.#neverNull.add(id);
  }

  /** True for values that cannot be null on their own rows. */
  alwaysValid(id: ValueId): boolean {
    const value = this.plan.values[id]!;
    if (value.kind === "literal") return value.value !== null;
    if (this.#neverNull.has(id)) return true;
    return ["present", "time", "any", "all", "is_valid", "hash"].includes(value.kind);
  }

  isHost(id: ValueId): boolean {
    return isCoded(this.plan.values[id]!.type);
  }

  /** Declares that a local that keeps its value holds codes. */
  holdsCode(local: string): void {
    this.#codeLocals.add(local);
  }

  /** Declares that there are codes in the context block. */
  holdsCodes(offset: number, count: number): void {
    this.#codeArrays.push({ offset, count });
  }

  /** Where all codes stand that are kept from row to row. */
  codePlaces(): CodePlaces {
    const locals = [...this.#saved].flatMap(([name, { offset }]) => {
      const id = /^v(\d+)$/.exec(name)?.[1];
      const isCode = id === undefined ? this.#codeLocals.has(name) : this.isHost(Number(id));
      if (!isCode) return [];
      const madeBy = id === undefined ? undefined : this.makers.get(Number(id));
      return [{ offset, count: 1, ...(madeBy === undefined ? {} : { madeBy }) }];
    });
    return { fixed: [...locals, ...this.#codeArrays], queues: this.queues };
  }

  /** Locals that keep their values, with their places in the context block. */
  #savedLocals() {
    return [...this.#saved].filter(([name]) => !this.#inMemory.has(name));
  }

  declarations(): string {
    const all = [
      ...this.#savedLocals().map(([name, { representation }]) => [name, representation] as const),
      ...this.#scratch,
    ];
    return all.map(([name, representation]) => `(local $${name} ${representation})`).join("\n    ");
  }

  restore(): string {
    return this.#savedLocals()
      .map(
        ([name, { representation, offset }]) =>
          `(local.set $${name} (${representation}.load offset=${CONTEXT + offset} (i32.const 0)))`,
      )
      .join("\n    ");
  }

  save(): string {
    return this.#savedLocals()
      .map(
        ([name, { representation, offset }]) =>
          `(${representation}.store offset=${CONTEXT + offset} (i32.const 0) (local.get $${name}))`,
      )
      .join("\n    ");
  }
}

/** Sets a value's local, and its validity's unless it is always valid; neither where it is read elsewhere. */
export function setValue(writer: StageWriter, id: ValueId, value: string, valid: string): string {
  if (valid === "(i32.const 1)") writer.setNeverNull(id);
  const keep = !writer.alwaysValid(id) || writer.plan.values[id]!.continuous;
  const set = (local: string, to: string) =>
    local === to ? "" : `(local.set ${local.slice("(local.get ".length, -1)} ${to})`;
  return `${keep ? set(writer.validLocal(id), valid) : ""} ${set(writer.valueLocal(id), value)}`;
}

/** The conjunction of validities, constants left out. */
export function allValid(valids: readonly string[]): string {
  const parts = [...new Set(valids)].filter((valid) => valid !== "(i32.const 1)");
  if (parts.includes("(i32.const 0)")) return "(i32.const 0)";
  if (parts.length === 0) return "(i32.const 1)";
  return balanced("i32.and", parts);
}

/** Operands of an associative instruction, as a tree as flat as can be: assemblers recurse into it. */
export function balanced(instruction: string, operands: readonly string[]): string {
  if (operands.length === 1) return operands[0]!;
  const middle = Math.ceil(operands.length / 2);
  const [left, right] = [operands.slice(0, middle), operands.slice(middle)];
  return `(${instruction} ${balanced(instruction, left)} ${balanced(instruction, right)})`;
}

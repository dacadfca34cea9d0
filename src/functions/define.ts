import type { FenlType, Representation } from "../values/fenl-type.ts";
import type { HostValue } from "../values/host-value.ts";

/** The headings of the function reference, one family file each. */
export type Family =
  | "aggregation"
  | "collection"
  | "comparison"
  | "general"
  | "grouping"
  | "json"
  | "logical"
  | "math"
  | "record"
  | "string"
  | "time"
  | "window";

/**
 * Everything the product knows about one Fenl function: parsing its calls, typing, compiling, completion, the
 * reference page and the tests all read this record and nothing else.
 */
export interface FunctionRecord {
  readonly name: string;
  /** In Fenl's notation: `lag<O: ordered>(const n: i64, input: O) -> O`. */
  readonly signature: string;
  readonly family: Family;
  /** One sentence. */
  readonly summary: string;
  /** What each parameter means, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What happens to nulls, one sentence. */
  readonly nulls: string;
  readonly examples: readonly Example[];
  /** The operator that means this function: `+`, `a[i]`. */
  readonly operator?: string;
  readonly experimental?: boolean;
  /**
   * The parameter that takes the implicit `$input`, where that is not the first one left without an argument: then
   * the positional arguments fill the other parameters, so that `s | contains("x")` is `contains(s, "x")`.
   */
  readonly piped?: string;
  /** By `const` parameter: what a value violates, such as "must be at least 0", or null where it is allowed. */
  readonly constantRules?: Readonly<Record<string, (value: HostValue) => string | null>>;
  /** A function where the way depends on the types of the call. */
  readonly evaluation: Evaluation | ((types: CallTypes) => Evaluation);
}

/** A query over small tables with its answer; run by the tests and shown in the reference. */
export interface Example {
  readonly title?: string;
  /** CSV text by table name. The columns `time` (time), `key` (entity) are required, `subsort` is optional. */
  readonly tables: Readonly<Record<string, string>>;
  /** The grouping of tables by name; tables that are not named share the grouping `entity`. */
  readonly groupings?: Readonly<Record<string, string>>;
  /** Types that CSV text cannot have, by `Table.column`; the cells of such a column are JSON. */
  readonly columnTypes?: Readonly<Record<string, FenlType>>;
  readonly query: string;
  /** CSV with `_time,_key` and the fields, in output order; times without their fraction when it is zero. */
  readonly result: string;
}

export type Evaluation =
  | RowEvaluation
  | HostEvaluation
  | AggregateEvaluation
  | HostAggregateEvaluation
  | ListAggregateEvaluation
  | SpecialEvaluation;

/**
 * An argument inside WebAssembly text: `value` and `valid` are cheap expressions without effects (a local or a
 * constant), so they may be repeated. `value` is arbitrary (but never traps) where `valid` is 0.
 */
export interface Operand {
  readonly value: string;
  /** i32, 0 or 1. */
  readonly valid: string;
  readonly type: FenlType;
  /** The value of a literal argument (64-bit integers as bigint). */
  readonly literal?: HostValue;
}

/** A computed value. Without `valid`, `strict` functions are valid where all arguments are, others always. */
export type Wat = string | { readonly value: string; readonly valid: string };

/** The types of a call: its result and the bindings of its type variables. */
export interface CallTypes {
  readonly result: FenlType;
  readonly variables: Readonly<Record<string, FenlType>>;
}

/**
 * A function of one row, in WebAssembly text (folded form, one expression). It must not trap for any bits. Arguments
 * have the signature's types after conversion. It may `(call $name ...)` functions of `wat-runtime`, which are
 * linked when the name occurs. Booleans are exactly 0 or 1; small integers stay extended to 32 bits.
 */
export interface RowEvaluation {
  readonly kind: "row";
  /** strict: null when any argument is null (the compiler adds that; a returned `valid` is and-ed to it). */
  readonly nulls: "strict" | "free";
  wat(operands: readonly Operand[], types: CallTypes): Wat;
}

/** A pure function of one row in TypeScript, for types kept outside WebAssembly. Runs once per distinct arguments. */
export interface HostEvaluation {
  readonly kind: "host";
  /** strict: not called, and null, when any argument is null. */
  readonly nulls: "strict" | "free";
  call(values: readonly HostValue[], types: CallTypes): HostValue;
  /** True where the result is the texts of the arguments, one after the other. */
  readonly joins?: boolean;
}

/** One state variable; with `length` an array, which is not initialised (keep a count in another slot). */
export interface StateSlot {
  readonly name: string;
  readonly representation: Representation;
  /** A constant expression such as `(i64.const 0)`. */
  readonly initial: string;
  readonly length?: number;
  /** Holds values of the input. */
  readonly ofInput?: boolean;
}

/** Access to one aggregation's state in WebAssembly text: `get` is an expression, `set` a statement. */
export interface StateAccess {
  get(name: string): string;
  set(name: string, value: string): string;
  /** Element `index` (an i32 expression below the slot's length) of an array slot. */
  getAt(name: string, index: string): string;
  setAt(name: string, index: string, value: string): string;
}

/** What an aggregation knows when it is compiled: types, and its constant arguments in the signature's order. */
export interface AggregateCall extends CallTypes {
  readonly input: FenlType;
  readonly constants: readonly HostValue[];
  /** True where `combine` will be used (windows that drop old values): only then is there state that it alone needs. */
  readonly combining?: boolean;
}

/**
 * An aggregation with a state of fixed size. The parameter named `input` is the input, others are constants.
 * At each row of its domain: `update` if the input is new and non-null; then `emit`; then the window's reset.
 */
export interface AggregateEvaluation {
  readonly kind: "aggregate";
  /**
   * True where a record may be the input (first, last, lag, count): the state is then kept per field, `update` runs
   * when the record is new and non-null, and the operand's own `valid` may be 0. `emit` is then that field's value.
   */
  readonly payload?: boolean;
  slots(call: AggregateCall): readonly StateSlot[];
  /** Statements. */
  update(input: Operand, state: StateAccess, call: AggregateCall): string;
  emit(state: StateAccess, call: AggregateCall): Wat;
  /** Statements that make `into` the state of `into`'s values followed by `from`'s. Absent: no `sliding`. */
  combine?(into: StateAccess, from: StateAccess, call: AggregateCall): string;
}

/** An aggregation whose state varies in size, in TypeScript. `S` must not be shared between calls. */
export interface HostAggregateEvaluation<S = unknown> {
  readonly kind: "host-aggregate";
  start(call: AggregateCall): S;
  update(state: S, value: HostValue, call: AggregateCall): void;
  emit(state: S, call: AggregateCall): HostValue;
  /** Adds `from`'s values after `into`'s, leaving `from` as it is. */
  combine(into: S, from: S, call: AggregateCall): void;
  /** Takes the oldest value out again; windows that drop old values are then as cheap as others. */
  remove?(state: S, oldest: HostValue, call: AggregateCall): void;
  /** The memory that a state takes, about. */
  bytes(state: S): number;
}

/** An aggregation that gives the latest values of its window as a list, the oldest first; the engine keeps them. */
export interface ListAggregateEvaluation {
  readonly kind: "list-aggregate";
  /** How many values the list has at most; null: all. */
  most(call: AggregateCall): number | null;
  /** With fewer values the list is null. */
  least(call: AggregateCall): number;
}

/** Whether a function takes values from several rows. */
export function isAggregation({ kind }: Evaluation): boolean {
  return kind === "aggregate" || kind === "host-aggregate" || kind === "list-aggregate";
}

/**
 * Functions that change which rows there are, or that the analyzer or planner expands by name of the record:
 * when, if, shifts, lookup, with_key, ticks, windows, extend, select_fields, remove_fields, time_of, is_valid, coalesce.
 */
export interface SpecialEvaluation {
  readonly kind: "special";
  readonly role:
    | "when"
    | "if"
    | "null_if"
    | "coalesce"
    | "else"
    | "is_valid"
    | "time_of"
    | "shift_to"
    | "shift_by"
    | "shift_until"
    | "lookup"
    | "with_key"
    | "tick"
    | "finished"
    | "since"
    | "sliding"
    | "within"
    | "extend"
    | "select_fields"
    | "remove_fields"
    | "json"
    | "hash";
  /** Of a tick: the unit in the runtime's `$tick_ceil_<unit>` and `$tick_next_<unit>`. */
  readonly unit?: TickUnit;
}

/** The calendar steps of ticks, all in UTC; weeks begin on Monday. */
export type TickUnit = "minutely" | "hourly" | "daily" | "weekly" | "monthly" | "yearly";

/** Declares a function; the identity, for the type and for readers. */
export function defineFunction(record: FunctionRecord): FunctionRecord {
  return record;
}

import type { LiteralValue } from "../analyze/typed.ts";
import type { FenlType } from "../values/fenl-type.ts";

/** Index into {@link Plan.domains}. */
export type DomainId = number;
/** Index into {@link Plan.values}. */
export type ValueId = number;
/** Index into {@link Plan.lookups}. */
export type LookupId = number;

/**
 * A query as operations on timelines: row domains and the values that live on their rows. Equal domains and equal
 * values are one entry, what an entry uses stands before it. Plain data.
 */
export interface Plan {
  readonly domains: readonly Domain[];
  readonly values: readonly Value[];
  readonly lookups: readonly Lookup[];
  /** The origin of the rows of each shift, from 1: among rows of equal time they come in this order. */
  readonly origins: Readonly<Record<DomainId, number>>;
  readonly result: PlanResult;
}

/** A tick function's name: each has a boundary rule in the WebAssembly run time. */
export type CalendarUnit = "minutely" | "hourly" | "daily" | "weekly" | "monthly" | "yearly" | "finished";

/** A set of rows per entity, in row-identity order. */
export type Domain =
  | { readonly kind: "scan"; readonly table: string; readonly sliced: boolean }
  /** The union of the inputs' rows; rows of equal identity are one. */
  | { readonly kind: "merge"; readonly inputs: readonly DomainId[] }
  /** The rows of `input` on which `condition` is true. */
  | { readonly kind: "select"; readonly input: DomainId; readonly condition: ValueId }
  /** A row at each calendar boundary within the extent of `of`, for each entity with a row of `of` by then. */
  | { readonly kind: "tick"; readonly unit: CalendarUnit; readonly of: DomainId }
  /** The rows of `input` moved to the time `by`, or (`until`) to the next row on which `by` is true. */
  | { readonly kind: "shift"; readonly mode: "to" | "until"; readonly input: DomainId; readonly by: ValueId }
  /** The rows of `input` under the entity `key`. */
  | { readonly kind: "rekey"; readonly input: DomainId; readonly key: ValueId; readonly sliced: boolean }
  /** The requests of a lookup, among the rows of the foreign entities. */
  | { readonly kind: "request"; readonly lookup: LookupId };

export type Value = ValueExpression & {
  readonly type: FenlType;
  /** The rows on which the value is computed; null: it is the same on every row (literals). */
  readonly domain: DomainId | null;
  /** Between its rows a continuous value stands, a discrete one is null. */
  readonly continuous: boolean;
};

export type ValueExpression =
  | { readonly kind: "literal"; readonly value: LiteralValue }
  | { readonly kind: "column"; readonly column: string }
  /** The time of the row. */
  | { readonly kind: "time" }
  /** True on the rows of the domain. */
  | { readonly kind: "present" }
  /** A catalog function of one row. */
  | {
      readonly kind: "call";
      readonly function: string;
      readonly arguments: readonly ValueId[];
      readonly variables: Readonly<Record<string, FenlType>>;
    }
  | { readonly kind: "cast"; readonly argument: ValueId }
  /** A member of a JSON text, as text. */
  | { readonly kind: "member"; readonly argument: ValueId; readonly name: string }
  /** A field of the records of a list, as a list. */
  | { readonly kind: "items"; readonly argument: ValueId; readonly index: number }
  /** A record as one host value, for lists of records. */
  | { readonly kind: "tuple"; readonly test: ValueId; readonly arguments: readonly ValueId[] }
  /** A part of a record that is held as one host value. */
  | { readonly kind: "part"; readonly argument: ValueId; readonly index: number }
  /** The argument where the condition is true (`negated`: where it is false), else null. */
  | { readonly kind: "if"; readonly condition: ValueId; readonly argument: ValueId; readonly negated: boolean }
  /** The argument behind the first test that is true; null when none is. */
  | { readonly kind: "choose"; readonly tests: readonly ValueId[]; readonly arguments: readonly ValueId[] }
  | { readonly kind: "is_valid"; readonly argument: ValueId }
  /** True where any argument is true, false elsewhere: newness. */
  | { readonly kind: "any"; readonly arguments: readonly ValueId[] }
  /** True where all are true, null or false as Kleene's logic has it is not needed: nulls count as false. */
  | { readonly kind: "all"; readonly arguments: readonly ValueId[] }
  /** The argument as it is on the rows of another domain (a selection's). */
  | { readonly kind: "sample"; readonly argument: ValueId }
  /** The key hash of a value; of several values (a record): the fold of their hashes. */
  | { readonly kind: "hash"; readonly arguments: readonly ValueId[]; readonly record: boolean }
  | {
      readonly kind: "aggregate";
      readonly function: string;
      readonly constants: readonly PlanConstant[];
      readonly variables: Readonly<Record<string, FenlType>>;
      readonly argument: ValueId;
      /** For a field of a record: whether the record is there; the argument's own validity is then kept as a value. */
      readonly test: ValueId | null;
      /** Where the input is new; null: never. */
      readonly isNew: ValueId | null;
      readonly window: PlanWindow | null;
    }
  /** A value as it was stored with the rows of the value's (shift, rekey) domain. */
  | { readonly kind: "stored"; readonly argument: ValueId }
  /** What a lookup brought back. */
  | { readonly kind: "answer"; readonly lookup: LookupId; readonly part: number };

/** A constant argument; 64-bit integers as decimal text. */
export interface PlanConstant {
  readonly type: FenlType;
  readonly value: LiteralValue;
}

export type PlanWindow =
  | { readonly kind: "since"; readonly condition: ValueId }
  | { readonly kind: "sliding"; readonly count: number; readonly condition: ValueId }
  | { readonly kind: "within"; readonly nanoseconds: string };

/** Values of foreign entities, asked for by key on the rows of `domain`. `parts` may be newness bits. */
export interface Lookup {
  readonly key: ValueId;
  readonly domain: DomainId;
  readonly parts: readonly LookupPart[];
}

/** `exact`: answered only if the foreign domain has a row at the request's very time, rank and subsort. */
export interface LookupPart {
  readonly value: ValueId;
  readonly exact: boolean;
}

/** A field of the result; a record is one host value. */
export interface PlanField {
  readonly name: string;
  readonly type: FenlType;
  readonly value: ValueId;
}

export interface PlanResult {
  readonly domain: DomainId;
  readonly fields: readonly PlanField[];
  /** Whether the result record is there (null: it is a literal, and not asked), and where it is new: for final results. */
  readonly valid: ValueId | null;
  readonly isNew: ValueId | null;
  readonly keyType: FenlType;
}

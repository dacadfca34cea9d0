import type { PlanConstant } from "../plan/plan.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { JoinSlots, RankSlots, TableSlots } from "./stage-layout.ts";

/** What all imports but aggregations may have. */
interface RowFunction {
  /** For a function of one text: where its results are kept by the text's code. */
  readonly table?: TableSlots;
}

/** A function that a stage calls outside WebAssembly, as plain data; `execute/` makes the closure. */
export type HostImport = RowHostImport | TextOrderImport | AggregateHostImport;

/** An import that computes something of the values of one row. */
export type RowHostImport = RowFunction &
  /** A catalog function; `free` ones take a validity after each value. Arguments that are literals are not passed. */
  (
    | {
        readonly kind: "call";
        readonly name: string;
        readonly function: string;
        /** For each argument of the function: the literal that it is, or null where it is passed as a parameter. */
        readonly literals: readonly (PlanConstant | null)[];
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
        readonly variables: Readonly<Record<string, FenlType>>;
        readonly free: boolean;
        /** Texts that are not compared: numbers of the texts that the import has made, instead of codes. */
        readonly carried: boolean;
        /** Where the stage joins the texts itself, and asks the import for some only. */
        readonly join?: JoinSlots;
      }
    | {
        readonly kind: "cast";
        readonly name: string;
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
        readonly free: boolean;
      }
    | {
        readonly kind: "member";
        readonly name: string;
        readonly member: string;
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
      }
    | {
        readonly kind: "items";
        readonly name: string;
        readonly index: number;
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
      }
    | {
        readonly kind: "part";
        readonly name: string;
        readonly index: number;
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
      }
    /** Makes a record a host value; takes a validity after each value. */
    | {
        readonly kind: "tuple";
        readonly name: string;
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
      }
    /** The key hash of a host value. */
    | {
        readonly kind: "hash";
        readonly name: string;
        readonly parameters: readonly FenlType[];
        readonly result: FenlType;
      }
  );

/** Whether a text comes before another one. */
interface TextOrderImport {
  readonly kind: "before";
  readonly name: string;
  readonly parameters: readonly FenlType[];
  readonly result: FenlType;
  readonly ranks: RankSlots;
}

/** One aggregation: four imports `name_update`, `name_emit`, `name_reset`, `name_close`. */
interface AggregateHostImport {
  readonly kind: "aggregate";
  readonly name: string;
  readonly function: string;
  readonly constants: readonly PlanConstant[];
  readonly variables: Readonly<Record<string, FenlType>>;
  readonly parameters: readonly FenlType[];
  readonly result: FenlType;
  readonly sliding: number | null;
  /** Nanoseconds, decimal text. */
  readonly within: string | null;
}

/** A text that the module knows by its code: import `host` `name`, a constant i32. */
export interface StringLiteral {
  readonly name: string;
  readonly text: string;
}

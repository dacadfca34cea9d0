import type { FenlType } from "../values/fenl-type.ts";
import type { LiteralValue } from "./typed.ts";

/** A value that is given with a query, which names it `$name`: it is a literal of its type, never a part of the text. */
export interface QueryParameter {
  readonly name: string;
  readonly type: FenlType;
  /** Timestamps are decimal text, nanoseconds since 1970. */
  readonly value: LiteralValue;
}

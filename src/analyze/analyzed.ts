import type { Span } from "../text/span.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { NodeId, Window } from "./typed.ts";

/** The name of a grouping; null: belongs to none, like a literal; undefined: wrong and already reported. */
export type Grouping = string | null | undefined;

/**
 * When an expression has its values, roughly: an approximate check that warns of discrete values that never meet.
 * `continuous` goes with everything; `reported` is the result of a combination that was warned of.
 */
export type TimeDomain = "continuous" | "reported" | SpecificDomain;

/** `identity` is equal for equal domains, `label` is for people. */
export interface SpecificDomain {
  readonly identity: string;
  readonly label: string;
}

/** What analysis knows of an expression. */
export interface Analyzed {
  /** -1 for windows and for what was reported as wrong. */
  readonly node: NodeId;
  readonly type: FenlType;
  /** The expression where it is used. */
  readonly span: Span;
  /** The function name, operator or expression that made the value; elsewhere than `span` for named values. */
  readonly origin: Span;
  readonly grouping: Grouping;
  readonly domain: TimeDomain;
  /** Of a value of type `window`. */
  readonly window?: Window;
}

/** The result of an expression that was reported as wrong: silences what depends on it. */
export function reported(span: Span): Analyzed {
  return { node: -1, type: { kind: "error" }, span, origin: span, grouping: undefined, domain: "reported" };
}

/** True for what {@link reported} makes. */
export function isReported(value: Analyzed): boolean {
  return value.type.kind === "error";
}

import type { Expression } from "../syntax/ast.ts";
import type { Span } from "../text/span.ts";
import type { FenlType } from "../values/fenl-type.ts";
import type { Analyzed } from "./analyzed.ts";
import type { NodeTable } from "./node-table.ts";
import type { QueryParameter } from "./parameters.ts";
import type { Report } from "./report.ts";
import type { Scope } from "./scope.ts";

/** What every step of one analysis shares. */
export interface Context {
  readonly nodes: NodeTable;
  readonly report: Report;
  /** Text by source name, without a prototype. */
  readonly sources: Record<string, string>;
  /** The key type of each grouping that a table or `with_key` made. */
  readonly groupings: Map<string, FenlType>;
  /** The names of tables and formulas. */
  readonly globalNames: readonly string[];
  /** What a table or formula is, used at `span`; null where there is none of that name. */
  global(name: string, span: Span): Analyzed | null;
  readonly parameters: ReadonlyMap<string, QueryParameter>;
  /** Told what each expression is, and the names around it. */
  readonly observe?: Observer | undefined;
}

/** Is told what an expression of a text is, in the order in which analysis finds out. */
export type Observer = (expression: Expression, value: Analyzed, scope: Scope) => void;

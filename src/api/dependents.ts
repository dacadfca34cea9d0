import type { Expression } from "../syntax/ast.ts";
import { childExpressions } from "../syntax/children.ts";
import { parseFenl } from "../syntax/parse.ts";
import type { ContentsCheck, StoreContents, StoredView } from "../tables/store/store.ts";
import { TableError } from "../tables/table-error.ts";

function collect(expression: Expression, bound: ReadonlySet<string>, found: Set<string>): void {
  if (expression.kind === "name") {
    if (!bound.has(expression.name)) found.add(expression.name);
  } else if (expression.kind === "let") {
    const inner = new Set(bound);
    for (const binding of expression.bindings) {
      collect(binding.value, inner, found);
      inner.add(binding.name);
    }
    collect(expression.body, inner, found);
  } else {
    for (const child of childExpressions(expression)) collect(child, bound, found);
  }
}

/** The names of tables and views that an expression uses itself, in the order of their first use. */
export function freeNames(expression: string): string[] {
  const parsed = parseFenl(expression, "Query").expression;
  const found = new Set<string>();
  if (parsed !== null) collect(parsed, new Set(), found);
  return [...found];
}

/** All names that an expression uses, also those that the views it uses do. */
export function usedNames(expression: string, views: readonly StoredView[]): ReadonlySet<string> {
  const byName = new Map(views.map((view) => [view.name, view.expression]));
  const used = new Set<string>();
  const open = freeNames(expression);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    const view = byName.get(name);
    if (view !== undefined) open.push(...freeNames(view));
  }
  return used;
}

/** What names a table or view itself: `view 'A'`, `materialization 'B'`. */
export function dependentsOf(name: string, { views, materializations }: StoreContents): string[] {
  const uses = (other: { readonly name: string; readonly expression: string }) =>
    freeNames(other.expression).includes(name);
  const names = (kind: string, all: readonly { readonly name: string; readonly expression: string }[]) =>
    all
      .filter(uses)
      .map((one) => `${kind} '${one.name}'`)
      .sort();
  return [
    ...names(
      "view",
      views.filter((view) => view.name !== name),
    ),
    ...names("materialization", materializations),
  ];
}

/**
 * Refuses to delete what views or materializations depend on.
 * @throws TableError that names them
 */
export function refuseWithDependents(what: "table" | "view", name: string): ContentsCheck {
  return (contents) => {
    const dependents = dependentsOf(name, contents);
    if (dependents.length === 0) return;
    const failed = what === "table" ? "unable to delete table. detected" : "Unable to delete view. Detected";
    throw new TableError(
      "in-use",
      `${failed}: ${dependents.length} dependencies. '${name}' is used by ${dependents.join(", ")}. Delete them first, or delete with force.`,
    );
  };
}

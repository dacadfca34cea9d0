import type { Expression } from "../syntax/ast.ts";
import { childExpressions } from "../syntax/children.ts";
import { parseFenl } from "../syntax/parse.ts";
import type { StoredView } from "../tables/store.ts";
import { TableError } from "../tables/table-error.ts";

function uses(expression: Expression, name: string): boolean {
  if (expression.kind === "name") return expression.name === name;
  if (expression.kind === "let") {
    for (const binding of expression.bindings) {
      if (uses(binding.value, name)) return true;
      if (binding.name === name) return false;
    }
    return uses(expression.body, name);
  }
  return childExpressions(expression).some((child) => uses(child, name));
}

/** The views whose expressions name a table or view themselves. */
export function dependentViews(name: string, views: readonly StoredView[]): string[] {
  return views
    .filter((view) => view.name !== name)
    .filter((view) => {
      const { expression } = parseFenl(view.expression, view.name);
      return expression !== null && uses(expression, name);
    })
    .map((view) => view.name);
}

/**
 * Refuses to delete what views depend on.
 * @throws TableError that names them
 */
export function refuseWithDependents(what: "table" | "view", name: string, views: readonly StoredView[]): void {
  const dependents = dependentViews(name, views);
  if (dependents.length === 0) return;
  throw new TableError(
    "name",
    `unable to delete ${what}. detected: ${dependents.length} dependencies. These views use '${name}': ${dependents.join(", ")}. Delete them first, or delete with force.`,
  );
}

import { type AnalyzeEnvironment, observeTypes } from "../analyze/analyze.ts";
import type { Expression } from "../syntax/ast.ts";
import { childExpressions } from "../syntax/children.ts";
import { parseFenl } from "../syntax/parse.ts";
import type { FenlType } from "../values/fenl-type.ts";

/** A name of a `let` in scope. */
export interface ScopeName {
  readonly name: string;
  readonly type: FenlType;
}

/** What is at a place of a text. */
export interface Found {
  readonly role: "name" | "field" | "new-field" | "binding" | "input" | "parameter" | "cast-type" | "function";
  readonly name: string;
  /** The type of what is named; of a `cast-type` the type of the value that is cast. Null where it is unknown. */
  readonly type: FenlType | null;
  /** Of a `field`: the type of the record. */
  readonly base: FenlType | null;
  /** Innermost first; names that inner ones hide are left out. */
  readonly bindings: readonly ScopeName[];
  /** The type of `$input`; null outside a pipe. */
  readonly input: FenlType | null;
}

interface Target {
  readonly role: Found["role"];
  readonly name: string;
  /** The expression whose type the name has. */
  readonly of: Expression | null;
  readonly base: Expression | null;
  /** An expression in whose scope the name stands. */
  readonly inScopeOf: Expression;
}

/** What the name at an offset of a text that parses is; null where there is no name or the text does not parse. */
export function findAt(text: string, offset: number, environment: AnalyzeEnvironment): Found | null {
  const { expression } = parseFenl(text);
  const target = expression === null ? null : targetIn(expression, offset);
  if (expression === null || target === null) return null;
  let type: FenlType | null = null;
  let base: FenlType | null = null;
  let bindings: ScopeName[] = [];
  let input: FenlType | null = null;
  observeTypes(expression, environment, (observed, value, scope) => {
    const known = value.type.kind === "error" ? null : value.type;
    if (observed === target.of) type = known;
    if (observed === target.base) base = known;
    if (observed !== target.inScopeOf) return;
    input = scope.input?.value.type ?? null;
    bindings = [];
    const names = new Set<string>();
    for (let binding = scope.bindings; binding !== null; binding = binding.outer) {
      if (!names.has(binding.name)) bindings.push({ name: binding.name, type: binding.value.type });
      names.add(binding.name);
    }
  });
  return { role: target.role, name: target.name, type, base, bindings, input };
}

function targetIn(root: Expression, offset: number): Target | null {
  const pending = [root];
  for (let expression = pending.pop(); expression !== undefined; expression = pending.pop()) {
    const target = targetAt(expression, offset);
    if (target !== null) return target;
    pending.push(...childExpressions(expression));
  }
  return null;
}

function targetAt(expression: Expression, offset: number): Target | null {
  const own = { of: expression, base: null, inScopeOf: expression };
  switch (expression.kind) {
    case "name":
      return expression.span.start === offset ? { role: "name", name: expression.name, ...own } : null;
    case "input":
      return expression.span.start === offset ? { role: "input", name: "$input", ...own } : null;
    case "parameter":
      return expression.span.start === offset ? { role: "parameter", name: expression.name, ...own } : null;
    case "field":
      if (expression.nameSpan.start !== offset) return null;
      return { role: "field", name: expression.name, ...own, base: expression.base };
    case "call":
      if (expression.functionSpan.start !== offset) return null;
      return { role: "function", name: expression.function, ...own };
    case "cast": {
      const { span, name } = expression.type;
      if (offset < span.start || offset >= span.end) return null;
      return { role: "cast-type", name, ...own, of: expression.value };
    }
    case "record": {
      // The short form has the name as its value, which is found by itself.
      const field = expression.fields.find(
        ({ nameSpan, value }) => nameSpan.start === offset && value.span !== nameSpan,
      );
      if (field === undefined || field.value.span.start === offset) return null;
      return { role: "new-field", name: field.name, ...own, of: field.value };
    }
    case "let": {
      const binding = expression.bindings.find(({ nameSpan }) => nameSpan.start === offset);
      return binding === undefined ? null : { role: "binding", name: binding.name, ...own, of: binding.value };
    }
    default:
      return null;
  }
}

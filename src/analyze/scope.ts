import type { Span } from "../text/span.ts";
import type { Analyzed } from "./analyzed.ts";

/** A `let` name; inner bindings stand before the outer ones they hide. */
export interface Binding {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Analyzed;
  readonly outer: Binding | null;
  used: boolean;
}

/** What `$input` is. */
export interface PipeInput {
  readonly value: Analyzed;
  used: boolean;
}

/** The local names at a place of a text. */
export interface Scope {
  readonly bindings: Binding | null;
  readonly input: PipeInput | null;
}

/** The scope of a whole text. */
export const OUTERMOST: Scope = { bindings: null, input: null };

/** The innermost binding of a name. */
export function findBinding(scope: Scope, name: string): Binding | null {
  let binding = scope.bindings;
  while (binding !== null && binding.name !== name) binding = binding.outer;
  return binding;
}

/** Every `let` name in scope. */
export function bindingNames(scope: Scope): string[] {
  const names: string[] = [];
  for (let binding = scope.bindings; binding !== null; binding = binding.outer) names.push(binding.name);
  return names;
}

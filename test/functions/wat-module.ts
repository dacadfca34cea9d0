import { assemble } from "../../src/compile/assemble.ts";
import { hostMath, watRuntime } from "../../src/functions/wat-runtime.ts";
import type { Representation } from "../../src/values/fenl-type.ts";
import { Wasm } from "../../src/values/web-assembly.ts";

type Exports = Record<string, (...values: (number | bigint)[]) => number | bigint>;

/** A module of the given functions with the whole runtime and the mathematics of the host linked to it. */
export async function instantiate(functions: readonly string[], exportRuntime = false): Promise<Exports> {
  const imports = Object.entries(hostMath).map(
    ([name, { parameters }]) =>
      `(import "host" "${name}" (func $host_${name} ${"(param f64) ".repeat(parameters)}(result f64)))`,
  );
  const runtime = Object.entries(watRuntime).map(([name, text]) =>
    exportRuntime ? text.replace(`(func ${name}`, `(func ${name} (export "${name.slice(1)}")`) : text,
  );
  const module = await assemble(
    `(module ${imports.join("\n")}\n(memory 1)\n${runtime.join("\n")}\n${functions.join("\n")})`,
  );
  const host = Object.fromEntries(Object.entries(hostMath).map(([name, { call }]) => [name, call]));
  return new Wasm.Instance(module, { host }).exports as Exports;
}

/** The text of a function over its parameters `$p0`, `$p1` ... */
export function watFunction(
  name: string,
  parameters: readonly Representation[],
  result: Representation,
  body: string,
): string {
  const list = parameters.map((representation, index) => `(param $p${index} ${representation})`).join(" ");
  return `(func (export "${name}") ${list} (result ${result}) ${body})`;
}

import type wabtFactory from "wabt";
import { Wasm, type WasmModule } from "../values/web-assembly.ts";
import { CompileFault } from "./compile-fault.ts";

type Wabt = Awaited<ReturnType<typeof wabtFactory>>;

let loaded: Promise<Wabt> | undefined;

/** Loads the assembler; it is only needed once something is compiled. */
async function load(): Promise<Wabt> {
  // wabt reads process.argv[1] and fails where there is none (`node -e`, embedded).
  process.argv[1] ??= "fenl";
  const { default: factory } = await import("wabt");
  return factory();
}

/** Loads the assembler ahead, so that it is there when a query is compiled. */
export function startAssembler(): void {
  loaded ??= load();
  // Whoever needs it is told of a failure.
  loaded.catch(() => {});
}

/** Modules by their text, the last used ones last: a query that is asked again runs the code that has become fast. */
const assembled = new Map<string, WasmModule>();
const MOST_ASSEMBLED = 64;

/** Translates WebAssembly text into a module. */
export async function assemble(wat: string): Promise<WasmModule> {
  const module = assembled.get(wat) ?? (await translate(wat));
  assembled.delete(wat);
  assembled.set(wat, module);
  if (assembled.size > MOST_ASSEMBLED) assembled.delete(assembled.keys().next().value!);
  return module;
}

async function translate(wat: string): Promise<WasmModule> {
  const bytes = await assembleBytes(wat);
  try {
    return new Wasm.Module(bytes);
  } catch (error) {
    throw new CompileFault(error);
  }
}

/** Translates WebAssembly text into the bytes of a module, for a process that compiles them itself. */
export async function assembleBytes(wat: string): Promise<Uint8Array> {
  loaded ??= load();
  const wabt = await loaded;
  try {
    // Of a string it would copy one character after the other.
    const parsed = wabt.parseWat("stage.wat", new TextEncoder().encode(wat), { threads: true, bulk_memory: true });
    try {
      return parsed.toBinary({}).buffer;
    } finally {
      parsed.destroy();
    }
  } catch (error) {
    // What went wrong in the assembler's own memory may have left it unusable.
    loaded = undefined;
    throw new CompileFault(error);
  }
}

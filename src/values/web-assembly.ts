/** The parts of WebAssembly that are used here: their types come with those of browsers, which are not loaded. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB; the old buffer is detached. */
  grow(pages: number): number;
}

/** A compiled module; it can be sent to a worker. */
export type WasmModule = object & { readonly __brand?: "WebAssembly.Module" };

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Wasm {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: Record<string, Record<string, unknown>>) => WasmInstance;
}

/** Node's WebAssembly, taken once: a notebook may give the global name another meaning. */
export const Wasm: Wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

import type { CellContext, CellValue, MimeBundle, TypeScriptSession } from "../../kernel/cell/cell-context.ts";

/** A cell context that records what cells send and evaluate. */
export interface FakeContext extends CellContext {
  readonly evaluated: string[];
  readonly streams: { name: "stdout" | "stderr"; text: string }[];
  readonly displays: MimeBundle[];
  readonly bound: Map<string, unknown>;
  readonly abort: AbortController;
  text(name: "stdout" | "stderr"): string;
}

/** A context whose session works in `folder`; evaluated code has the value that `values` holds for its trimmed text. */
export function fakeContext(folder: string, values: Readonly<Record<string, unknown>> = {}): FakeContext {
  const evaluated: string[] = [];
  const streams: FakeContext["streams"] = [];
  const displays: MimeBundle[] = [];
  const bound = new Map<string, unknown>();
  const abort = new AbortController();
  const session: TypeScriptSession = {
    folder,
    bind: (name, value) => bound.set(name, value),
    bindings: () => bound,
    forgetAll: () => bound.clear(),
    async evaluate(code): Promise<CellValue> {
      evaluated.push(code);
      return Object.hasOwn(values, code.trim()) ? { kind: "value", value: values[code.trim()] } : { kind: "none" };
    },
  };
  return {
    session,
    signal: abort.signal,
    executionCount: 1,
    output: {
      stream: (name, text) => streams.push({ name, text }),
      display: (bundle) => displays.push(bundle),
      clear() {},
    },
    evaluated,
    streams,
    displays,
    bound,
    abort,
    text: (name) => streams.flatMap((stream) => (stream.name === name ? [stream.text] : [])).join(""),
  };
}

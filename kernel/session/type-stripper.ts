import { createRequire } from "node:module";

/** What the stripper says of a text that it cannot strip. */
export interface StripRefusal {
  /** `needs translation`: types alone do not make it JavaScript. */
  readonly kind: "needs translation" | "wrong";
  readonly message: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 0, in UTF-16 units. */
  readonly column: number;
}

interface Stripper {
  transformSync(source: string, options: object): { code: string };
}

interface StripError {
  readonly code?: string;
  readonly message: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

const require = createRequire(import.meta.url);

/** The text with its types blanked, every position kept; or why that cannot be. */
export function stripTypes(source: string): { readonly code: string } | StripRefusal {
  const stripper = require("@swc/wasm-typescript") as Stripper;
  try {
    return { code: stripper.transformSync(source, { mode: "strip-only", module: true }).code };
  } catch (error) {
    const { code, message, startLine, startColumn } = error as StripError;
    if (code === "UnsupportedSyntax") return { kind: "needs translation", message, line: 1, column: 0 };
    if (code !== "InvalidSyntax") throw error;
    return { kind: "wrong", message: plainWords(message), line: startLine ?? 1, column: startColumn ?? 0 };
  }
}

/** The parser names tokens as its own code does. */
function plainWords(message: string): string {
  return message
    .replaceAll(/['`]?<eof>['`]?/g, "the end of the text")
    .replaceAll("`ident`", "name")
    .replace(/^The 'with' statement is not supported\..*$/, "The 'with' statement is not allowed in modules");
}

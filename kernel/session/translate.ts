import { createRequire } from "node:module";

/** A text as JavaScript that this version of Node runs, or its first error. */
export type Translation =
  | { readonly code: string; readonly mappings: string }
  /** Line from 1, column from 0 in UTF-16 units. */
  | { readonly message: string; readonly line: number; readonly column: number };

interface EsbuildFailure {
  readonly errors?: readonly {
    readonly text: string;
    readonly location: { readonly line: number; readonly column: number; readonly lineText: string } | null;
  }[];
}

const require = createRequire(import.meta.url);

/** Translates TypeScript whose types cannot simply be left out: enums, decorators, `using` and the like. */
export function translate(source: string): Translation {
  const { transformSync } = require("esbuild") as typeof import("esbuild");
  try {
    const { code, map } = transformSync(source, {
      loader: "ts",
      target: "node20",
      format: "esm",
      sourcemap: "external",
      sourcesContent: false,
      logLevel: "silent",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    return { code, mappings: (JSON.parse(map) as { mappings: string }).mappings };
  } catch (error) {
    const first = (error as EsbuildFailure).errors?.[0];
    if (first === undefined) throw error;
    if (first.location === null) return { message: first.text, line: 1, column: 0 };
    const { line, column, lineText } = first.location;
    // esbuild counts columns in bytes.
    return { message: first.text, line, column: Buffer.from(lineText).subarray(0, column).toString().length };
  }
}

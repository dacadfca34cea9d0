import { CODES } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Span } from "./span.ts";

/** The diagnostic of a fault of the engine itself that a query brought about; a query too deep for it is told apart. */
export function internalError(error: unknown, span: Span): Diagnostic {
  if (error instanceof RangeError) {
    const label = { style: "primary", span, message: "Expression is nested too deeply" } as const;
    return {
      code: "E0011",
      severity: "error",
      message: CODES.E0011,
      labels: [label],
      notes: ["Name its parts with 'let'"],
    };
  }
  const [message] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  return {
    code: "B1000",
    severity: "bug",
    message: CODES.B1000,
    labels: [{ style: "primary", span, message: message! }],
    notes: ["This is a fault of Fenl and not of the query: please report it"],
  };
}

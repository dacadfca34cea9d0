import { CellError } from "../cell/cell-context.ts";

/** A diagnostic as the client API's FenlError carries it, as far as showing it needs. */
interface ShownDiagnostic {
  readonly severity: string;
  readonly formatted: string;
}

/** Names of errors that tell all there is to know in their message: a stack trace would only be in the way. */
const PLAIN_ERRORS = new Set(["FenlError", "TableError", "ArgumentError", "WriteError", "SparkFault"]);

const RED = "\u001b[31m";
const YELLOW = "\u001b[33m";
const RESET = "\u001b[0m";

/**
 * The cell error for a mistake in a query, a table or its data: one line, then the query's diagnostics. Errors come
 * from whatever copy of the library the cell imported, so they are known by name.
 * @returns null for any other error.
 */
export function userError(error: unknown): CellError | null {
  if (error instanceof CellError) return error;
  if (!(error instanceof Error) || !PLAIN_ERRORS.has(error.name)) return null;
  const { diagnostics } = error as { diagnostics?: readonly ShownDiagnostic[] };
  const blocks = Array.isArray(diagnostics) ? diagnostics.flatMap(blockOf) : [];
  // The message of a FenlError holds the blocks again, for programs that only print it.
  const message = blocks.length > 0 ? error.message.split("\n", 1)[0]! : error.message;
  return new CellError(error.name, message, [`${RED}${error.name}${RESET}: ${message}`, ...blocks]);
}

function blockOf({ severity, formatted }: ShownDiagnostic): string[] {
  if (typeof formatted !== "string") return [];
  const [head, ...rest] = formatted.trimEnd().split("\n");
  return ["", `${severity === "warning" ? YELLOW : RED}${head}${RESET}`, ...rest];
}

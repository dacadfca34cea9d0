import { CellError } from "./cell-context.ts";

/** A mistake in how a magic was called: one line, and where it helps a second one that tells what is right. */
export function usageError(message: string, ...advice: readonly string[]): CellError {
  return new CellError("UsageError", message, [`UsageError: ${message}`, ...advice]);
}

import { CellError } from "./cell-context.ts";

/** The failure of a cell whose work was stopped by the user. */
export function stopped(what: string): CellError {
  return new CellError("Interrupted", `${what} was stopped`, [`Interrupted: ${what} was stopped`]);
}

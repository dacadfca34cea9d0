import process from "node:process";

/**
 * What problems of types do: nothing, show below the cell's output as soon as they are found, have the cell wait until
 * they are shown (for runners that stop listening when a cell is done), or keep the cell from running.
 */
export type TypecheckMode = "off" | "on" | "wait" | "error";

/** The modes, in the order in which messages list them. */
export const TYPECHECK_MODES: readonly TypecheckMode[] = ["on", "off", "wait", "error"];

const VARIABLE = "FENL_TYPECHECK";

/** The mode that the environment variable FENL_TYPECHECK says; `on` when it says nothing. */
export function typecheckMode(): TypecheckMode {
  const value = process.env[VARIABLE]?.toLowerCase();
  return TYPECHECK_MODES.find((mode) => mode === value) ?? "on";
}

/** Sets the mode for the cells that follow. */
export function setTypecheckMode(mode: TypecheckMode): void {
  process.env[VARIABLE] = mode;
}

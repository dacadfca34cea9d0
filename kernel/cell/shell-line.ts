import type { CellContext } from "./cell-context.ts";
import { failureText, runProcess } from "./run-process.ts";

/** Runs a `!command` line in the shell; an exit code other than 0 is shown, and the cell goes on. */
export async function runShellLine(command: string, context: CellContext): Promise<void> {
  const end = await runProcess(["/bin/sh", "-c", command], context);
  const failure = failureText(end);
  if (failure === null) return;
  const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(command)?.[0];
  const isVariable = end.code === 127 && name !== undefined && context.session.bindings().has(name);
  const advice = isVariable ? ` (a line that starts with ! is for the shell; to negate ${name}, write (!${name}))` : "";
  context.output.stream("stderr", `${failure}${advice}\n`);
}

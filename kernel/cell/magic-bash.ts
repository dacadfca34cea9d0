import { CellError } from "./cell-context.ts";
import { type Magic, NO_VALUE } from "./magic.ts";
import { failureText, runProcess } from "./run-process.ts";
import { splitArgument } from "./split-argument.ts";

/** `%%bash`: runs the lines below as one Bash script; a script that fails makes the cell fail. */
export const magicBash: Magic = {
  name: "bash",
  forms: ["cell"],
  usage: "%%bash [ARGUMENT ...]",
  summary: "Run the lines below as a Bash script.",
  async run(call, context) {
    const end = await runProcess(["bash", "-s", "--", ...splitArgument(call.argument)], context, call.body);
    const failure = failureText(end);
    if (failure === null) return NO_VALUE;
    throw new CellError("ShellError", `the script failed: ${failure}`, [`ShellError: the script failed: ${failure}`]);
  },
};

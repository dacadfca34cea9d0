import { setTypecheckMode, TYPECHECK_MODES, typecheckMode } from "../types/typecheck-mode.ts";
import { type Magic, NO_VALUE } from "./magic.ts";
import { usageError } from "./usage-error.ts";

/** `%typecheck`: what problems of types in cells do. */
export const magicTypecheck: Magic = {
  name: "typecheck",
  forms: ["line"],
  usage: "%typecheck [on | off | wait | error]",
  summary:
    "Show problems of types below cells (on), do not (off), have cells wait for them (wait), or run only cells without any (error).",
  async run(call, { output }) {
    const word = call.argument.trim();
    if (word === "") {
      output.stream("stdout", `%typecheck is ${typecheckMode()}\n`);
      return NO_VALUE;
    }
    const mode = TYPECHECK_MODES.find((known) => known === word);
    if (mode === undefined) throw usageError(`%typecheck takes on, off, wait or error, but is '${word}'`);
    setTypecheckMode(mode);
    return NO_VALUE;
  },
};

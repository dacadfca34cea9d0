import { type Magic, NO_VALUE } from "./magic.ts";
import { parseOptions } from "./parse-options.ts";
import { usageError } from "./usage-error.ts";

/** `%reset`: forgets what the cells have declared and bound. */
export const magicReset: Magic = {
  name: "reset",
  forms: ["line"],
  usage: "%reset [-f]",
  summary: "Forget all variables of the session, without a question; tables and loaded packages stay.",
  options: [{ name: "force", letter: "f", summary: "Accepted, as other kernels ask before they forget." }],
  async run(call, { session }) {
    const { words } = parseOptions(call.argument, magicReset);
    if (words.length > 0) throw usageError(`%reset takes no names, but got '${words.join(" ")}'`);
    session.forgetAll();
    return NO_VALUE;
  },
};

import { type Magic, NO_VALUE } from "./magic.ts";

/** `%lsmagic`: every magic with its usage and what it does. */
export const magicLsmagic: Magic = {
  name: "lsmagic",
  forms: ["line"],
  usage: "%lsmagic",
  summary: "List the magics.",
  async run(call, context) {
    const width = Math.max(...call.magics.map((magic) => magic.usage.length));
    const lines = call.magics.map((magic) => `${magic.usage.padEnd(width)}  ${magic.summary}\n`);
    context.output.stream("stdout", lines.join(""));
    context.output.stream("stdout", `${"!COMMAND".padEnd(width)}  Run a line in the shell.\n`);
    return NO_VALUE;
  },
};

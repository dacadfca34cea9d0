import { type Magic, NO_VALUE } from "./magic.ts";
import { usageError } from "./usage-error.ts";

/** `%env`: shows or sets the environment variables of the kernel and of the commands it starts. */
export const magicEnv: Magic = {
  name: "env",
  forms: ["line"],
  usage: "%env [NAME | NAME=VALUE]",
  summary: "Show or set environment variables.",
  async run(call) {
    const argument = call.argument.trim();
    if (argument === "") return { kind: "value", value: { ...process.env } };
    const set = /^([^\s=]+)\s*(?:=\s*|\s+)(.*)$/s.exec(argument);
    if (set !== null) {
      process.env[set[1]!] = unquote(set[2]!);
      return NO_VALUE;
    }
    if (argument.startsWith("=")) throw usageError("%env needs a name before '='", `Usage: ${magicEnv.usage}`);
    const value = process.env[argument];
    if (value === undefined) throw usageError(`the environment has no variable ${argument}`);
    return { kind: "value", value };
  },
};

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

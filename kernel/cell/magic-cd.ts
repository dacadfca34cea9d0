import { homedir } from "node:os";
import { resolve } from "node:path";
import { type Magic, NO_VALUE } from "./magic.ts";
import { splitArgument } from "./split-argument.ts";
import { usageError } from "./usage-error.ts";

let previous: string | null = null;

/** `%cd FOLDER`: changes the folder that relative paths and imports start from. */
export const magicCd: Magic = {
  name: "cd",
  forms: ["line"],
  usage: "%cd [FOLDER | -]",
  summary: "Change the working folder; - goes back.",
  async run(call, context) {
    const words = splitArgument(call.argument);
    if (words.length > 1)
      throw usageError("%cd takes one folder (quote a name with blanks)", `Usage: ${magicCd.usage}`);
    const from = context.session.folder;
    const to = words[0] === "-" ? previous : resolve(from, (words[0] ?? "~").replace(/^~(?=\/|$)/, homedir()));
    if (to === null) throw usageError("%cd - goes back, but there is no former folder yet");
    try {
      process.chdir(to);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const reasons: Readonly<Record<string, string>> = {
        ENOENT: "there is no such folder",
        ENOTDIR: "it is not a folder",
        EACCES: "no permission",
      };
      throw usageError(`cannot change to ${to}: ${reasons[code ?? ""] ?? message}`);
    }
    previous = from;
    context.output.stream("stdout", `${context.session.folder}\n`);
    return NO_VALUE;
  },
};

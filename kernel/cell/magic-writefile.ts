import { appendFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { CellError } from "./cell-context.ts";
import { type Magic, NO_VALUE } from "./magic.ts";
import { parseOptions } from "./parse-options.ts";
import { usageError } from "./usage-error.ts";

/** `%%writefile FILE`: writes the lines below to a file, as they are, with a line feed at the end. */
export const magicWritefile: Magic = {
  name: "writefile",
  forms: ["cell"],
  usage: "%%writefile [-a] FILE",
  summary: "Write the lines below to a file; with -a, append them.",
  options: [{ name: "append", letter: "a", summary: "Append to the file instead of overwriting it." }],
  async run(call, context) {
    const { values, words } = parseOptions(call.argument, magicWritefile);
    if (words.length !== 1) {
      const found = words.length === 0 ? "no file name" : `${words.length} words (quote a name with blanks)`;
      throw usageError(`%%writefile needs one file name, but got ${found}`, `Usage: ${magicWritefile.usage}`);
    }
    const name = words[0]!;
    const path = resolve(context.session.folder, name);
    const text = call.body === "" || call.body.endsWith("\n") ? call.body : `${call.body}\n`;
    const existed = await isThere(path);
    const append = values.has("append");
    try {
      await (append ? appendFile : writeFile)(path, text);
    } catch (error) {
      throw writeError(name, path, error);
    }
    context.output.stream(
      "stdout",
      `${append && existed ? "Appending to" : existed ? "Overwriting" : "Writing"} ${name}\n`,
    );
    return NO_VALUE;
  },
};

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function writeError(name: string, path: string, error: unknown): CellError {
  const code = (error as NodeJS.ErrnoException).code;
  const reason =
    code === "ENOENT"
      ? `the folder ${dirname(path)} does not exist`
      : code === "EISDIR"
        ? `${path} is a folder`
        : code === "ENOTDIR"
          ? `a part of ${dirname(path)} is a file, not a folder`
          : code === "EACCES" || code === "EPERM"
            ? `no permission to write ${path}`
            : code === "ENOSPC"
              ? "no space is left on the device"
              : code === "ENAMETOOLONG"
                ? `the name ${basename(path).slice(0, 40)}... is too long`
                : (error as Error).message;
  const message = `cannot write ${name}: ${reason}`;
  return new CellError("WriteError", message, [`WriteError: ${message}`]);
}

import { type Magic, NO_VALUE } from "./magic.ts";
import { usageError } from "./usage-error.ts";

/** `%load_ext fenlmagic`: accepted so that notebooks of the original run; the magic is built in. */
export const magicLoadExt: Magic = {
  name: "load_ext",
  forms: ["line"],
  usage: "%load_ext fenlmagic",
  summary: "Accepted; %%fenl needs no loading.",
  async run(call) {
    const name = call.argument.trim();
    if (name === "fenlmagic") return NO_VALUE;
    if (name === "") throw usageError("%load_ext needs a name", `Usage: ${magicLoadExt.usage}`);
    throw usageError(
      `there is no extension '${name}': the only one is fenlmagic, which is built in`,
      "IPython's extensions are Python code; packages for TypeScript cells are imported with import.",
    );
  },
};

import type { Magic } from "./magic.ts";

/** `%pwd`: the folder that relative paths start from. */
export const magicPwd: Magic = {
  name: "pwd",
  forms: ["line"],
  usage: "%pwd",
  summary: "Show the working folder.",
  async run(_call, context) {
    return { kind: "value", value: context.session.folder };
  },
};

import { type Magic, NO_VALUE } from "./magic.ts";

/** `%who`: the names that the cells have bound, with what each holds. */
export const magicWho: Magic = {
  name: "who",
  forms: ["line"],
  usage: "%who",
  summary: "List the variables of the session.",
  async run(_call, context) {
    const bindings = [...context.session.bindings()];
    const width = Math.max(0, ...bindings.map(([name]) => name.length));
    const lines = bindings.map(([name, value]) => `${name.padEnd(width)}  ${kindOf(value)}\n`);
    context.output.stream("stdout", lines.join("") || "The session has no variables.\n");
    return NO_VALUE;
  },
};

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `Array(${value.length})`;
  if (typeof value !== "object") return typeof value;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "object";
}

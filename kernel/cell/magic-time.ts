import { type Magic, NO_VALUE } from "./magic.ts";
import { usageError } from "./usage-error.ts";

/** `%time STATEMENT` and `%%time`: run TypeScript (or another magic), show its value, and print how long it took. */
export const magicTime: Magic = {
  name: "time",
  forms: ["line", "cell"],
  usage: "%time STATEMENT, %%time",
  summary: "Run code and print the time it took.",
  async run(call, context) {
    const code = call.form === "line" ? call.argument : `${"\n".repeat(call.bodyLine - 1)}${call.body}`;
    if (code.trim() === "") {
      if (call.form === "line") throw usageError("%time needs a statement", `Usage: ${magicTime.usage}`);
      return NO_VALUE;
    }
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    try {
      return await call.runCell(code);
    } finally {
      const wall = Number(process.hrtime.bigint() - start) / 1e6;
      const used = process.cpuUsage(cpu);
      const busy = (used.user + used.system) / 1e3;
      context.output.stream("stdout", `Wall time: ${duration(wall)}, CPU time: ${duration(busy)}\n`);
    }
  },
};

function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${(milliseconds * 1000).toFixed(0)} µs`;
  if (milliseconds < 1000) return `${milliseconds.toPrecision(3)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toPrecision(3)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

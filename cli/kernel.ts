import { spawn } from "node:child_process";
import { Command } from "commander";

/** `fenl kernel CONNECTION_FILE`: what Jupyter starts. */
export function kernelCommand(): Command {
  return new Command("kernel")
    .description("Serve the connection file that Jupyter made; notebooks start this by themselves.")
    .argument("<connection-file>")
    .action(serve);
}

async function serve(connectionFile: string): Promise<void> {
  const { kernelCommand: command } = await import("../kernel/notebook/kernel-process.ts");
  const [program, ...parameters] = command();
  const child = spawn(program!, [...parameters, connectionFile], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

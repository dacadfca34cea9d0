import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { Command } from "commander";

/** `fenl lab`: starts JupyterLab with this kernel. */
export function labCommand(): Command {
  return new Command("lab")
    .description(
      "Start JupyterLab with the Fenl kernel; JupyterLab is installed into an environment of its own if need be.",
    )
    .argument("[arguments...]", "a folder or notebook to open, and options for JupyterLab itself")
    .allowUnknownOption()
    .helpOption("-h, --help", "display help for command")
    .action(lab);
}

async function lab(parameters: readonly string[]): Promise<void> {
  const { findJupyter, JupyterMissingError } = await import("./jupyter-environment.ts");
  const { installKernelspec } = await import("../kernelspec/install.ts");
  try {
    const { lab: program, prefix } = findJupyter((text) => process.stderr.write(text));
    await installKernelspec({ prefix });
    // Only Jupyter started from here sees the kernelspec: nothing of the user's own is changed.
    const data = [join(prefix, "share", "jupyter"), process.env.JUPYTER_PATH].filter(Boolean).join(delimiter);
    const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
    const child = spawn(program, [...asRoot, ...parameters], {
      stdio: "inherit",
      env: { ...process.env, JUPYTER_PATH: data },
    });
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    // A terminal sends its interrupt to JupyterLab as well, which asks whether to stop.
    process.on("SIGINT", () => {});
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? 1));
    });
  } catch (error) {
    if (!(error instanceof JupyterMissingError)) throw error;
    console.error(`fenl lab: ${error.message}`);
    process.exitCode = 1;
  }
}

import { dirname } from "node:path";
import { Command, Option } from "commander";
import { installKernelspec } from "../kernelspec/install.ts";

/** `fenl install`: tells Jupyter of the kernel. */
export function installCommand(): Command {
  return new Command("install")
    .description("Install the kernelspec, so that Jupyter offers the kernel Fenl.")
    .addOption(new Option("--user", "for this user (the default)").conflicts(["prefix", "sysPrefix"]))
    .addOption(new Option("--prefix <dir>", "below this folder: DIR/share/jupyter/kernels").conflicts("sysPrefix"))
    .addOption(new Option("--sys-prefix", "below the prefix of the active Python environment"))
    .action(install);
}

async function install(options: { readonly user?: boolean; readonly prefix?: string; readonly sysPrefix?: boolean }) {
  try {
    const folder = await installKernelspec(options);
    console.log(
      `Installed the kernel Fenl into ${folder}\n"jupyter kernelspec list" shows it if Jupyter looks in ${dirname(folder)}`,
    );
  } catch (error) {
    console.error(`fenl install: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

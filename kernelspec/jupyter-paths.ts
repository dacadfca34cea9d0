import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** The folder in which Jupyter keeps what belongs to the user: JUPYTER_DATA_DIR, or the platform's. */
export function jupyterDataDir(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env.JUPYTER_DATA_DIR !== undefined && env.JUPYTER_DATA_DIR !== "") return env.JUPYTER_DATA_DIR;
  const home = env.HOME !== undefined && env.HOME !== "" ? env.HOME : homedir();
  switch (platform) {
    case "darwin":
      return join(home, "Library", "Jupyter");
    case "win32":
      return env.APPDATA !== undefined ? join(env.APPDATA, "jupyter") : join(home, "AppData", "Roaming", "jupyter");
    default:
      return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "jupyter");
  }
}

/** The folder of data below an installation prefix. */
export function prefixDataDir(prefix: string): string {
  return join(prefix, "share", "jupyter");
}

/** The folder of data for every user of the machine. */
export function systemDataDir(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === "win32") return join(env.PROGRAMDATA ?? "C:\\ProgramData", "jupyter");
  return prefixDataDir("/usr/local");
}

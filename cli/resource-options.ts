import { type Command, InvalidArgumentError } from "commander";

/** What a command may take of the machine. */
export interface ResourceOptions {
  readonly memoryLimit?: number;
  readonly tempDirectory?: string;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Reads a size such as 2GB, 512MiB or 1500000000. */
export function readSize(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) *([kmgt]?i?)b?$/i.exec(text) ?? [];
  const bytes =
    number === undefined ? Number.NaN : Math.floor(Number(number) * (UNITS[unit!.toLowerCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes))
    throw new InvalidArgumentError("It must be a size such as 2GB, 512MiB or 1500000000.");
  if (bytes < 1_000_000) throw new InvalidArgumentError("It must be at least 1MB.");
  return bytes;
}

/** Adds the options of a command that computes. */
export function withResources(command: Command): Command {
  return command
    .option(
      "--memory-limit <size>",
      "what rows in work may take of the memory, such as 2GB (default: a quarter)",
      readSize,
    )
    .option("--temp-directory <folder>", "where temporary files go (default: $FENL_TMPDIR, else the system's)");
}

/** Has temporary files of this process go where they were asked to. */
export function useTempDirectory({ tempDirectory }: ResourceOptions): void {
  if (tempDirectory !== undefined) process.env.FENL_TMPDIR = tempDirectory;
}

import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { Command, Option } from "commander";

const EXIT = { wrong: 1, usage: 2 } as const;

interface FormatOptions {
  readonly check?: boolean;
  readonly write?: boolean;
}

/** `fenl fmt`: sets queries in the usual form. */
export function formatCommand(): Command {
  return new Command("fmt")
    .description("Format queries: print them, or with --write change the files. Comments stay.")
    .argument("[files...]", "files that hold a query each; - or nothing reads one from standard input")
    .addOption(new Option("--check", "change nothing; name the files that are not formatted").conflicts("write"))
    .option("--write", "write the formatted queries back to their files")
    .addHelpText(
      "after",
      `
Examples:
  fenl fmt features.fenl
  fenl fmt --write *.fenl
  echo '{x:sum(Purchase.amount)}' | fenl fmt

Exit status: 0, 1 for a wrong query (or with --check one that is not formatted), 2 for a wrong command line.`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.usage))
    .action(async (files: readonly string[], options: FormatOptions) => {
      process.exitCode = await formatFiles(files.length === 0 ? ["-"] : files, options);
    });
}

async function formatFiles(files: readonly string[], options: FormatOptions): Promise<number> {
  if (options.write && files.includes("-")) return usage("--write needs files: standard input cannot be written to");
  if (files.length > 1 && !options.write && !options.check) return usage("several files need --write or --check");
  let status = 0;
  for (const file of files) status = Math.max(status, await formatFile(file, options));
  return status;
}

async function formatFile(file: string, { check, write }: FormatOptions): Promise<number> {
  const { formatQuery } = await import("../src/syntax/print.ts");
  const { renderText } = await import("../src/text/render-text.ts");
  let text: string;
  try {
    text = file === "-" ? await readAll(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    return usage(`cannot read ${file}: ${(error as Error).message}`);
  }
  const name = file === "-" ? "standard input" : file;
  const formatted = formatQuery(text, name);
  if (formatted.text === null) {
    for (const diagnostic of formatted.diagnostics) process.stderr.write(renderText(diagnostic, { [name]: text }));
    return EXIT.wrong;
  }
  if (check) {
    if (formatted.text === text) return 0;
    console.log(`${name} is not formatted`);
    return EXIT.wrong;
  }
  if (!write) process.stdout.write(formatted.text);
  else if (formatted.text !== text) return await writeBack(file, formatted.text);
  return 0;
}

async function writeBack(file: string, text: string): Promise<number> {
  const { writeFileWhole } = await import("../src/frames/write-file.ts");
  try {
    const { mode } = await stat(file);
    const write = async (temporary: string) => {
      await writeFile(temporary, text);
      await chmod(temporary, mode);
    };
    await writeFileWhole(file, write, { durable: true });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "WriteError") throw error;
    console.error(`fenl fmt: ${error.message}`);
    return EXIT.wrong;
  }
  console.log(`${file} formatted`);
  return 0;
}

function usage(message: string): number {
  console.error(`fenl fmt: ${message}`);
  return EXIT.usage;
}

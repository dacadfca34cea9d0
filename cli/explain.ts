import { Command } from "commander";

/** The exit status of a code that does not exist. */
const USAGE = 2;

/** `fenl explain CODE`: what a diagnostic code means, with examples. */
export function explainCommand(): Command {
  return new Command("explain")
    .description("Explain a diagnostic code, such as E0006; without a code, list them.")
    .argument("[code]", "the code in the brackets of a diagnostic")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE))
    .action(async (code: string | undefined) => {
      process.exitCode = code === undefined ? await listCodes() : await explain(code);
    });
}

async function listCodes(): Promise<number> {
  const { CODE_PAGES } = await import("../src/text/code-pages/pages.ts");
  for (const { code, kinds } of CODE_PAGES) console.log(`${code}  ${kinds.map(({ title }) => title).join("; ")}`);
  return 0;
}

async function explain(code: string): Promise<number> {
  const { explainCode } = await import("../src/explain-code.ts");
  const page = explainCode(code.trim());
  if (page !== null) {
    process.stdout.write(page);
    return 0;
  }
  const { CODES } = await import("../src/text/codes.ts");
  const { nearest } = await import("../src/text/nearest.ts");
  const { printable } = await import("../src/text/display-cells.ts");
  const names = nearest(code.trim().toUpperCase(), Object.keys(CODES)).join(", ");
  console.error(`fenl explain: there is no code '${printable(code)}'. Nearest codes: ${names}`);
  return USAGE;
}

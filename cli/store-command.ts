import { Command, InvalidArgumentError } from "commander";
import type { Session } from "../src/api/session.ts";
import { type ResourceOptions, useTempDirectory } from "./resource-options.ts";

/** The options that every command over a store has. */
export interface StoreOptions extends ResourceOptions {
  readonly store?: string;
  readonly json?: boolean;
}

/** What a command does and what it says of it: as JSON, or in words. */
export interface CommandAnswer {
  readonly json: unknown;
  readonly text: string;
  /** What to tell on standard error. */
  readonly warnings?: readonly string[];
  /** True where the answer is that something is wrong. */
  readonly failed?: boolean;
}

/** The exit status of a wrong command line. */
const USAGE = 2;

/** A command with the options and the exit status of those over a store. */
export function storeCommand(name: string, description: string, examples: readonly string[] = []): Command {
  const command = new Command(name)
    .description(description)
    .option("--store <folder>", "the store of tables (default: $FENL_HOME, else ~/.cache/fenl)")
    .option("--json", "answer in JSON")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE));
  if (examples.length === 0) return command;
  examplesOf.set(command, examples);
  return command.addHelpText(
    "after",
    `
Examples:
${examples.map((example) => `  ${example}`).join("\n")}

Exit status: 0, 1 where it failed, 2 for a wrong command line.`,
  );
}

const examplesOf = new WeakMap<Command, readonly string[]>();

/** A command that only has others below it. */
export function nounCommand(name: string, description: string, commands: readonly Command[]): Command {
  const noun = new Command(name)
    .description(description)
    .showHelpAfterError(`(fenl ${name} --help tells more)`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE));
  for (const command of commands) noun.addCommand(command);
  const examples = commands.flatMap((command) => (examplesOf.get(command) ?? []).slice(0, 1));
  return noun.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}`).join("\n")}`);
}

/** Runs a command over its store, prints its answer, and sets the exit status. */
export async function overStore(
  command: string,
  { store, json, memoryLimit, tempDirectory }: StoreOptions,
  action: (session: Session, signal: AbortSignal) => Promise<CommandAnswer>,
): Promise<void> {
  // The engine takes longer to load than a command's help to print.
  const { Session } = await import("../src/api/session.ts");
  const { openStore } = await import("../src/tables/store/store.ts");
  const { EXIT, reportError } = await import("./report-error.ts");
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  useTempDirectory({ tempDirectory });
  try {
    const opened = await openStore(store === undefined ? {} : { directory: store });
    try {
      const session = new Session(opened, { name: null, clientId: null, inMemory: false });
      session.memoryLimit = memoryLimit ?? null;
      const answer = await action(session, interrupted.signal);
      for (const warning of answer.warnings ?? []) console.error(`warning: ${warning}`);
      console.log(json ? JSON.stringify(answer.json, plain, 2) : answer.text);
      process.exitCode = answer.failed ? EXIT.failed : EXIT.done;
    } finally {
      await opened.close();
    }
  } catch (error) {
    process.exitCode = interrupted.signal.aborted ? EXIT.interrupted : reportError(command, error);
  } finally {
    process.off("SIGINT", interrupt);
  }
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Reads the size of a page. */
export function readPageSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 1000.");
  }
  return size;
}

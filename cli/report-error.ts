import { ArgumentError } from "../src/api/argument-error.ts";
import { FenlError } from "../src/api/fenl-error.ts";
import { WriteError } from "../src/frames/write-file.ts";
import { SparkFault } from "../src/spark/spark-fault.ts";
import { TableError } from "../src/tables/table-error.ts";
import { TableListError } from "./ad-hoc-tables.ts";

/** A command line whose options do not go together. */
export class UsageError extends Error {}

/** A file that a command was given and that is wrong; the message names the file and the place. */
export class InputFileError extends Error {
  override readonly name = "InputFileError";
}

/** The exit status of a command. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const FAILURES = [TableError, TableListError, WriteError, InputFileError, SparkFault];

/**
 * Tells a user's mistake on standard error; any other error is thrown on.
 * @returns the exit status
 */
export function reportError(command: string, error: unknown): number {
  if (error instanceof UsageError || error instanceof ArgumentError) {
    console.error(`${command}: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof FenlError) {
    for (const { formatted } of error.diagnostics) console.error(`${formatted.trimEnd()}\n`);
    console.error(error.message.split("\n", 1)[0]);
    return EXIT.failed;
  }
  if (FAILURES.some((kind) => error instanceof kind)) {
    console.error(`${command}: ${(error as Error).message}`);
    return EXIT.failed;
  }
  throw error;
}

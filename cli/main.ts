#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { completionCommand } from "./completion.ts";
import { explainCommand } from "./explain.ts";
import { formatCommand } from "./fmt.ts";
import { installCommand } from "./install.ts";
import { kernelCommand } from "./kernel.ts";
import { labCommand } from "./lab.ts";
import { materializationCommand } from "./materialization.ts";
import { queryCommand } from "./query.ts";
import { runCommand } from "./run.ts";
import { storeNounCommand } from "./store.ts";
import { syncCommand } from "./sync.ts";
import { tableCommand } from "./table.ts";
import { viewCommand } from "./view.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const program = new Command("fenl")
  .description("Fenl notebooks: event data in, training examples out.")
  .version(version)
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .showHelpAfterError("(fenl --help, or fenl COMMAND --help, tells more)")
  .addCommand(runCommand())
  .addCommand(labCommand())
  .addCommand(installCommand())
  .addCommand(queryCommand())
  .addCommand(tableCommand())
  .addCommand(viewCommand())
  .addCommand(materializationCommand())
  .addCommand(syncCommand())
  .addCommand(storeNounCommand())
  .addCommand(completionCommand())
  .addCommand(formatCommand())
  .addCommand(explainCommand())
  .addCommand(kernelCommand());

/** The exit status of a wrong command line is 2, for all commands. */
function exitAsUsage(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  for (const below of command.commands) exitAsUsage(below);
}

exitAsUsage(program);
await program.parseAsync();

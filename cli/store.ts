import type { Command } from "commander";
import { nounCommand, overStore, type StoreOptions, storeCommand } from "./store-command.ts";

/** `fenl store ...`: the store itself. */
export function storeNounCommand(): Command {
  return nounCommand("store", "Look after a store of tables.", [check(), compact()]);
}

function check(): Command {
  return storeCommand("check", "Read every file of a store and tell which are damaged or missing.", [
    "fenl store check --store data",
  ]).action(async (options: StoreOptions) => {
    await overStore("fenl store check", options, async ({ store }) => {
      const problems = await store.check();
      const text = problems.length === 0 ? `${store.directory} is whole` : problems.join("\n");
      return { json: { directory: store.directory, problems }, text, failed: problems.length > 0 };
    });
  });
}

function compact(): Command {
  return storeCommand(
    "compact",
    "Merge the files that loads have left of tables into few, so that queries read less. Tables stay as they are.",
    ["fenl store compact", "fenl store compact Purchase Visit --forget-versions --store data"],
  )
    .argument("[tables...]", "the tables (default: all)")
    .option("--forget-versions", "free the disk of what only versions before a table's last load need; they are gone")
    .action(async (names: readonly string[], options: StoreOptions & { forgetVersions?: boolean }) => {
      await overStore("fenl store compact", options, async ({ store }, signal) => {
        const tables = names.length > 0 ? names : store.listTables().map(({ definition }) => definition.name);
        const compactions = [];
        for (const table of tables) {
          compactions.push(await store.compact(table, { forgetVersions: options.forgetVersions, signal }));
        }
        await store.sweep();
        const lines = compactions.map(({ table, filesBefore, filesAfter, olderFiles, olderBytes }) => {
          const older = olderFiles === 0 ? "" : `; ${olderFiles} files of ${olderBytes} bytes serve older versions`;
          return `${table}: ${filesBefore} files, now ${filesAfter}${older}`;
        });
        return { json: compactions, text: lines.join("\n") || "there are no tables" };
      });
    });
}

import type { Command } from "commander";
import { nounCommand, overStore, type StoreOptions, storeCommand } from "./store-command.ts";

/** `fenl store ...`: the store itself. */
export function storeNounCommand(): Command {
  return nounCommand("store", "Look after a store of tables.", [check()]);
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

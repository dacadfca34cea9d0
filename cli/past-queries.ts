import type { Command } from "commander";
import { listText, recordText } from "./print-rows.ts";
import { overStore, readPageSize, type StoreOptions, storeCommand } from "./store-command.ts";

interface ListingOptions extends StoreOptions {
  readonly search?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** `fenl query list`: the queries that were run over a store. */
export function listQueriesCommand(): Command {
  return storeCommand("list", "List the queries that were run over a store, the newest first.", [
    "fenl query list --search Purchase -p 10",
  ])
    .option("--search <text>", "only those whose text contains this")
    .option("-p, --page-size <n>", "the most to list (1 to 1000; default: all)", readPageSize)
    .option("--page-token <token>", "go on where the page before ended")
    .action(async ({ search, pageSize, pageToken, ...options }: ListingOptions) => {
      await overStore("fenl query list", options, async (session) => {
        const { listQueries } = await import("../src/api/query.ts");
        const queries = await listQueries({ search, pageSize, pageToken, session });
        const { nextPageToken } = queries;
        const rows = queries.map((query) => [query.queryId, query.createTime, query.expression]);
        return {
          json: { queries, nextPageToken },
          text: listText(["id", "run", "expression"], rows, nextPageToken),
        };
      });
    });
}

/** `fenl query get ID`: a query that was run over a store. */
export function getQueryCommand(): Command {
  return storeCommand("get", "Show a query that was run over a store.", ["fenl query get 0b6e1f5e-..."])
    .argument("<id>", "its id, as fenl query list shows it")
    .action(async (id: string, options: StoreOptions) => {
      await overStore("fenl query get", options, async (session) => {
        const { getQuery } = await import("../src/api/query.ts");
        const query = await getQuery({ queryId: id, session });
        const text = recordText([
          ["id", query.queryId],
          ["run", query.createTime],
          ["data token", query.dataTokenId],
          ["results", query.config.resultBehavior],
          ["expression", query.expression],
        ]);
        return { json: query, text };
      });
    });
}

import type { Command } from "commander";
import { listText, recordText } from "./print-rows.ts";
import { nounCommand, overStore, readPageSize, type StoreOptions, storeCommand } from "./store-command.ts";

interface ListingOptions extends StoreOptions {
  readonly search?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** `fenl view ...`: the views of a store. */
export function viewCommand(): Command {
  return nounCommand("view", "Create, list, show and delete views: expressions that queries can name.", [
    create(),
    list(),
    get(),
    remove(),
  ]);
}

function create(): Command {
  return storeCommand("create", "Create a view; its expression is checked.", [
    "fenl view create Big 'Purchase | when($input.amount > 100)'",
  ])
    .argument("<name>", "an identifier, by which queries name the view")
    .argument("<expression>", "the Fenl text")
    .option("--allow-missing-names", "the expression may use tables and views that are created later")
    .action(
      async (
        viewName: string,
        expression: string,
        { allowMissingNames, ...options }: StoreOptions & { allowMissingNames?: boolean },
      ) => {
        await overStore("fenl view create", options, async (session) => {
          const { createView } = await import("../src/api/view.ts");
          const view = await createView({ viewName, expression, allowMissingNames, session });
          const warnings = view.missingNames.map((name) => `there is no table or view '${name}' yet`);
          return { json: view, text: `view ${view.viewName} is there`, warnings };
        });
      },
    );
}

function list(): Command {
  return storeCommand("list", "List views by name.", ["fenl view list --search Big"])
    .option("--search <text>", "only those whose names contain this")
    .option("-p, --page-size <n>", "the most to list (1 to 1000; default: all)", readPageSize)
    .option("--page-token <token>", "go on where the page before ended")
    .action(async ({ search, pageSize, pageToken, ...options }: ListingOptions) => {
      await overStore("fenl view list", options, async (session) => {
        const { listViews } = await import("../src/api/view.ts");
        const views = await listViews({ search, pageSize, pageToken, session });
        const { nextPageToken } = views;
        const rows = views.map((view) => [view.viewName, view.createTime, view.expression]);
        return {
          json: { views, nextPageToken },
          text: listText(["name", "created", "expression"], rows, nextPageToken),
        };
      });
    });
}

function get(): Command {
  return storeCommand("get", "Show a view.", ["fenl view get Big"])
    .argument("<name>", "the view")
    .action(async (name: string, options: StoreOptions) => {
      await overStore("fenl view get", options, async (session) => {
        const { getView } = await import("../src/api/view.ts");
        const view = await getView(name, { session });
        const text = recordText([
          ["name", view.viewName],
          ["created", view.createTime],
          ["uses", view.freeNames.join(", ")],
          ["missing", view.missingNames.join(", ") || "-"],
          ["expression", view.expression],
        ]);
        return { json: view, text };
      });
    });
}

function remove(): Command {
  return storeCommand("delete", "Delete a view.", ["fenl view delete Big"])
    .argument("<name>", "the view")
    .option("--force", "also where other views or materializations use it")
    .action(async (name: string, { force, ...options }: StoreOptions & { force?: boolean }) => {
      await overStore("fenl view delete", options, async (session) => {
        const { deleteView } = await import("../src/api/view.ts");
        await deleteView(name, { force, session });
        return { json: { viewName: name }, text: `view ${name} is deleted` };
      });
    });
}

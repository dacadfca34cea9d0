import type { Command } from "commander";
import { nounCommand, overStore, type StoreOptions, storeCommand } from "./store-command.ts";

const ACTIONS = { create: "create", replace: "delete and create again", keep: "keep: it is the same" } as const;
const DONE = { create: "created", replace: "deleted and created again", keep: "kept: it is the same" } as const;

interface FileOptions extends StoreOptions {
  readonly file: readonly string[];
}

interface ExportOptions extends StoreOptions {
  readonly all?: boolean;
  readonly table?: readonly string[];
  readonly view?: readonly string[];
  readonly materialization?: readonly string[];
  readonly filePath?: string;
}

/** `fenl sync ...`: a store as files state it. */
export function syncCommand(): Command {
  return nounCommand(
    "sync",
    "Make a store's tables, views and materializations as YAML files state, or write such a file.",
    [plan(), apply(), exportSpec()],
  );
}

function plan(): Command {
  return storeCommand("plan", "Tell what apply would do.", ["fenl sync plan -f features.yaml"])
    .requiredOption("-f, --file <files...>", "the YAML files")
    .action(async ({ file, ...options }: FileOptions) => {
      await overStore("fenl sync plan", options, async (session) => {
        const { readSpec } = await import("./spec-file.ts");
        const { planSync } = await import("./sync-store.ts");
        const changes = await planSync(await readSpec(file), session);
        const text = changes.map(({ kind, name, action }) => `${kind} ${name}: ${ACTIONS[action]}`).join("\n");
        return { json: changes, text: text || "nothing is stated" };
      });
    });
}

function apply(): Command {
  return storeCommand(
    "apply",
    "Create what the files state and replace what differs. A table that is replaced loses its data; nothing is deleted for not being stated.",
    ["fenl sync apply -f tables.yaml -f features.yaml --store data"],
  )
    .requiredOption("-f, --file <files...>", "the YAML files")
    .action(async ({ file, ...options }: FileOptions) => {
      await overStore("fenl sync apply", options, async (session) => {
        const { readSpec } = await import("./spec-file.ts");
        const { applySync } = await import("./sync-store.ts");
        const spec = await readSpec(file);
        const lines: string[] = [];
        const changes = await applySync(spec, session, ({ kind, name, action }) => {
          lines.push(`${kind} ${name}: ${DONE[action]}`);
        });
        const { getView } = await import("../src/api/view.ts");
        const warnings: string[] = [];
        for (const { viewName } of spec.views) {
          for (const missing of (await getView(viewName, { session })).missingNames) {
            warnings.push(`view ${viewName} uses '${missing}', which is not there`);
          }
        }
        return { json: changes, text: lines.join("\n") || "nothing is stated", warnings };
      });
    });
}

function exportSpec(): Command {
  return storeCommand("export", "Write a store, or some of it, as YAML.", [
    "fenl sync export --all --file-path features.yaml",
    "fenl sync export -t Purchase -v Big",
  ])
    .option("--all", "everything")
    .option("-t, --table <names...>", "these tables")
    .option("-v, --view <names...>", "these views")
    .option("-m, --materialization <names...>", "these materializations")
    .option("-f, --file-path <file>", "write to a file (default: standard output)")
    .action(async (options: ExportOptions) => {
      await overStore("fenl sync export", options, async (session) => {
        const { UsageError } = await import("./report-error.ts");
        const named =
          options.table !== undefined || options.view !== undefined || options.materialization !== undefined;
        if (named === (options.all ?? false)) {
          throw new UsageError("give --all, or names with --table, --view and --materialization");
        }
        const { specText } = await import("./spec-file.ts");
        const { exportSync } = await import("./sync-store.ts");
        const spec = await exportSync(options, session);
        const text = specText(spec);
        if (options.filePath === undefined) return { json: spec, text: text.trimEnd() };
        const { writePieces } = await import("../src/frames/write-pieces.ts");
        const path = await writePieces(options.filePath, [text]);
        return { json: { path }, text: `written to ${path}` };
      });
    });
}

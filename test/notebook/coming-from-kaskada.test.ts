import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as fenl from "../../src/index.ts";
import { ExecutedNotebook } from "./executed-notebook.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/coming-from-kaskada.md"), "utf8");

/** What Kaskada's client and command line have. */
const KASKADA = `LocalBuilder RemoteBuilder endpoint name client_id path bin_path log_path download engine_version in_memory
  database_path manager_rest_port manager_grpc_port with_manager_args keep_alive stop set_default_client get_client
  set_default_slice reset create_table table_name time_column_name entity_key_column_name subsort_column_name grouping_id
  PulsarTableSource list_tables get_table delete_table force load load_dataframe create_view list_views get_view delete_view
  create_materialization list_materializations get_materialization delete_materialization MaterializationView
  ObjectStoreDestination PulsarDestination create_query result_behavior response_as data_token_id dry_run changed_since_time
  final_result_time limits slice_filter experimental get_query run run_with_latest list_queries EntityPercentFilter
  EntityFilter expression query_response dataframe query_id metrics schema fenl_diagnostics load_ext
  timeColumn entityKeyColumn subsortColumn groupingId path-uri file-kind preview-rows data-token stdout sync export`;

describe("docs/coming-from-kaskada.md", function () {
  this.timeout(60_000);
  const blocks = [...PAGE.matchAll(/^```ts\n([\s\S]*?)\n```$/gm)].map((match) => match[1]!);

  it("has every call and option of the original", () => {
    const missing = KASKADA.split(/\s+/).filter((name) => !new RegExp(`\\b${name}\\b`).test(PAGE));
    assert.deepEqual(missing, []);
  });

  it("shows every function of the client", () => {
    const code = blocks.join("\n") + PAGE;
    const functions = Object.entries(fenl).filter(
      ([name, value]) => typeof value === "function" && /^[a-z]/.test(name),
    );
    const ours = functions
      .map(([name]) => name)
      .filter((name) => !["explainQuery", "refreshMaterialization"].includes(name));
    assert.deepEqual(
      ours.filter((name) => !code.includes(`${name}(`)),
      [],
    );
  });

  it("runs from top to bottom", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fenl-kaskada-"));
    try {
      const cells = blocks.map((source, at) => {
        return { cell_type: "code", id: `b${at}`, metadata: {}, source, outputs: [], execution_count: null };
      });
      writeFileSync(
        join(folder, "page.ipynb"),
        JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }),
      );
      const command = ["--import", join(ROOT, "node_modules/tsx/dist/loader.mjs"), join(ROOT, "cli/main.ts"), "run"];
      const end = spawnSync(process.execPath, [...command, "page.ipynb"], { cwd: folder, encoding: "utf8" });
      assert.equal(end.status, 0, end.stdout + end.stderr);
      const notebook = await ExecutedNotebook.read(join(folder, "page.executed.ipynb"));
      notebook.checkRan();
      const holding = (text: string) => notebook.text(`b${blocks.findIndex((block) => block.includes(text))}`);
      assert.match(holding("%%fenl --var totals"), /ann +100 +2\n3 rows x 6 columns$/);
      assert.match(holding("outputPaths"), /\.csv'/);
      assert.match(holding("amuont"), /No field named 'amuont'[\s\S]*E0001/);
      assert.match(readFileSync(join(folder, "features/Totals.csv"), "utf8"), /ann,100\n/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

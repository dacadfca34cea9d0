import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createMaterialization, deleteMaterialization } from "../../src/api/materialization.ts";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder } from "../../src/api/session.ts";
import { createTable, deleteTable, load } from "../../src/api/table.ts";
import { createView, deleteView } from "../../src/api/view.ts";
import { WriteError } from "../../src/frames/write-file.ts";
import { TableError } from "../../src/tables/table-error.ts";
import { type DiskFault, failDisk } from "./failing-disk.ts";
import { EXPRESSION, ROWS } from "./scene.ts";

/**
 * A process whose disk fails, or that is killed, while it works on a store: `node crash-client.ts FOLDER FIRST STEPS
 * FAULT`. It says `loaded NUMBER` after each load that it was told is in, `failed MESSAGE` of what went wrong as it
 * should, and ends with `changes N`.
 */
const [folder, firstText, steps, faultText] = process.argv.slice(2) as [string, string, string, string];
const first = Number(firstText);
const say = (line: string) => writeSync(1, `${line}\n`);
const file = (name: string, content: string) => {
  const path = join(folder, "..", `${name}-${process.pid}.csv`);
  writeFileSync(path, content);
  return path;
};
const disk = failDisk(folder, JSON.parse(faultText) as DiskFault);

const actions: Record<string, (number: number) => Promise<unknown>> = {
  async l(number) {
    const rows = Array.from({ length: ROWS }, (_, row) => `${row},${row % 7},${number}`);
    const loaded = await load({ tableName: "Kept", file: file("kept", `at,who,n\n${rows.join("\n")}\n`) });
    say(`loaded ${number}`);
    for (const warning of loaded.warnings) if (!/not brought up to date/.test(warning)) throw new Error(warning);
  },
  async d(number) {
    await createTable({ tableName: "Dropped", timeColumnName: "at", entityKeyColumnName: "who" });
    await load({ tableName: "Dropped", file: file("dropped", `at,who,n\n1,1,${number}\n`) });
    await deleteTable("Dropped");
  },
  async c(number) {
    const { store } = await new LocalBuilder().build();
    await store.compact("Kept", { forgetVersions: number % 2 === 0 });
    await store.sweep();
  },
  async m() {
    await deleteMaterialization("Other").catch((error: unknown) => {
      if ((error as TableError).kind !== "not-found") throw error;
    });
    const destination = { fileType: "csv", outputPrefixUri: join(folder, "out") } as const;
    await createMaterialization({ materializationName: "Other", expression: EXPRESSION, destination });
  },
  async v() {
    await createView({ viewName: "Now", expression: EXPRESSION });
    await deleteView("Now");
  },
  async q() {
    await createQuery({ expression: EXPRESSION, resultBehavior: "final-results", responseAs: "csv" });
  },
};

/** What a user may be told; anything else is a fault of the program. */
function isTold(error: unknown): boolean {
  if (error instanceof WriteError) return true;
  if (!(error instanceof TableError)) return false;
  return ["store", "not-found", "name", "in-use", "file"].includes(error.kind);
}

for (const [index, step] of [..."o", ...steps].entries()) {
  try {
    if (step === "o") await new LocalBuilder().path(join(folder, "store")).build();
    else await actions[step]!(first + index);
  } catch (error) {
    if (!isTold(error)) throw error;
    say(`failed ${step}: ${(error as Error).message}`);
  }
}
say(`changes ${disk.mend()}`);

import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "../../src/tables/store.ts";

/**
 * A process to be killed: loads files with the numbers from `first` upwards for ever, into two tables of which the
 * second is deleted now and then. After each commit it writes a line: `loaded TABLE NUMBER` or `deleted TABLE`.
 */
const [directory, first] = process.argv.slice(2) as [string, string];
const store = await openStore({ directory });
const say = (line: string) => writeSync(1, `${line}\n`);
const define = (name: string) => store.createTable({ name, timeColumn: "at", keyColumn: "k" });

await define("Kept");
await define("Dropped");
say("ready");
for (let number = Number(first); ; number++) {
  const path = join(directory, "..", `load-${process.pid}.csv`);
  const rows = Array.from({ length: 50 }, (_, row) => `${row},${number},${number}`);
  writeFileSync(path, `at,k,n\n${rows.join("\n")}\n`);
  const name = number % 3 === 0 ? "Dropped" : "Kept";
  try {
    await store.loadFile(name, path);
    say(`loaded ${name} ${number}`);
    if (number % 7 === 0) {
      await store.deleteTable("Dropped");
      say("deleted Dropped");
    }
  } catch (error) {
    // Another writer deleted the table between two steps of this one.
    if ((error as { kind?: string }).kind !== "not-found") throw error;
  }
  await define("Dropped");
}

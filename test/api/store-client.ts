import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createQuery } from "../../src/api/query.ts";
import { LocalBuilder } from "../../src/api/session.ts";
import { createTable, load } from "../../src/api/table.ts";

/**
 * A process that loads and queries a store for a while, beside others: each load has numbers of its own, and each query
 * must have at least what this process loaded before. Ends with a line `loaded N`.
 */
const [directory, name, milliseconds] = process.argv.slice(2) as [string, string, string];
const session = await new LocalBuilder().path(directory).build();
await createTable({ tableName: "Shared", timeColumnName: "at", entityKeyColumnName: "who" });
const until = performance.now() + Number(milliseconds);
let loads = 0;
// On a busy machine the time can be over before a second load.
while (performance.now() < until || loads < 2) {
  const file = join(directory, "..", `${name}-${loads}.csv`);
  writeFileSync(file, `at,who,n\n2022-01-01T00:00:00Z,${name},${loads}\n2022-01-02T00:00:00Z,both,${loads}\n`);
  const loaded = await load({ tableName: "Shared", file });
  if (!loaded.added) throw new Error(`load ${loads} of ${name} was taken for another`);
  for (const warning of loaded.warnings) throw new Error(warning);
  loads++;
  const result = await createQuery({ expression: "{ n: count(Shared) }", resultBehavior: "final-results" });
  const own = result
    .toCsv()
    .split("\n")
    .find((line) => line.includes(`,${name},`));
  if (!own?.endsWith(`,${loads}`)) throw new Error(`after ${loads} loads ${name} sees ${own}`);
  await setTimeout(1);
}
await session.stop();
writeSync(1, `loaded ${loads}\n`);

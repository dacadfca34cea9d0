import { beginDay, held, work } from "../test/kernel/day.ts";
import { WireClient } from "../test/kernel/wire-client.ts";

/** How much more a kernel may hold after a day than after its first tenth, in megabytes. */
const MOST_GROWTH = 40;

const cells = Number(process.argv[2] ?? 5000);
const client = await WireClient.start();
await beginDay(client);
await work(client, Math.max(20, cells / 10));
const first = await held(client);
console.log("after a tenth", first);
for (let tenth = 2; tenth <= 10; tenth++) {
  await work(client, cells / 10);
  console.log(`after ${tenth} tenths`, await held(client));
}
const last = await held(client);
await client.stop();
const faults = [
  ...(last.heap - first.heap > MOST_GROWTH ? [`the heap grew by ${Math.round(last.heap - first.heap)} MB`] : []),
  ...(last.files > first.files ? [`${first.files} open files became ${last.files}`] : []),
  ...(JSON.stringify(last.resources) === JSON.stringify(first.resources) ? [] : ["handles were leaked"]),
];
console.log(faults.length === 0 ? `${cells} cells: level` : faults.join("\n"));
process.exit(faults.length === 0 ? 0 : 1);

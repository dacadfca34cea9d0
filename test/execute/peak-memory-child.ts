import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { toCsvPieces } from "../../src/frames/csv-export.ts";
import { batchesOutput } from "../../src/frames/output.ts";
import { runFenl } from "../../src/run-fenl.ts";
import { openStore } from "../../src/tables/store/store.ts";

/**
 * Runs queries one after the other over the store in a directory within a limit of memory, makes their answers into CSV,
 * and tells of each the hash of that and the most memory that the process had until then:
 * `node peak-memory-child.ts DIRECTORY LIMIT QUERY...`.
 */
const [directory, limit, ...queries] = process.argv.slice(2) as [string, string, ...string[]];
const store = await openStore({ directory });
const environment = { tables: store.snapshot(), views: [] };
const told = [];
for (const query of queries) {
  const answer = await runFenl(query, environment, { resultBehavior: "all-results", memoryLimit: Number(limit) });
  if (answer.batches === undefined) throw new Error(JSON.stringify(answer.diagnostics));
  const hash = createHash("sha256");
  for (const piece of toCsvPieces(batchesOutput(answer.batches))) hash.update(piece);
  told.push({ rows: answer.batches.rows, hash: hash.digest("hex"), peakBytes: peakBytes() });
  answer.batches.release();
}
console.log(JSON.stringify(told));
await store.close();

/** The most memory that this program had. On Linux `maxRSS` is also that of the process that started it, at that time. */
function peakBytes(): number {
  const status = "/proc/self/status";
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))!;
  return Number(kilobytes) * 1024;
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { toCsvPieces } from "../../src/frames/csv-export.ts";
import { batchesOutput } from "../../src/frames/output.ts";
import { runFenl } from "../../src/run-fenl.ts";
import { openStore } from "../../src/tables/store/store.ts";

/**
 * Runs a query over the store in a directory within a limit of memory, makes its answer into CSV, and tells the hash of
 * that and the most memory that the process had: `node peak-memory-child.ts DIRECTORY LIMIT QUERY`.
 */
const [directory, limit, query] = process.argv.slice(2) as [string, string, string];
const store = await openStore({ directory });
const environment = { tables: store.snapshot(), views: [] };
const answer = await runFenl(query, environment, { resultBehavior: "all-results", memoryLimit: Number(limit) });
if (answer.batches === undefined) throw new Error(JSON.stringify(answer.diagnostics));
const hash = createHash("sha256");
for (const piece of toCsvPieces(batchesOutput(answer.batches))) hash.update(piece);
console.log(JSON.stringify({ rows: answer.batches.rows, hash: hash.digest("hex"), peakBytes: peakBytes() }));
answer.batches.release();
await store.close();

/** The most memory that this program had. On Linux `maxRSS` is also that of the process that started it, at that time. */
function peakBytes(): number {
  const status = "/proc/self/status";
  if (!existsSync(status)) return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))!;
  return Number(kilobytes) * 1024;
}

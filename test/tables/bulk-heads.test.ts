import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bulkLoad } from "../../src/tables/bulk/bulk-load.ts";
import { headFile } from "../../src/tables/prepared/prepared-head.ts";
import { fileSource } from "../../src/tables/read/byte-source.ts";
import { rowsOfFiles } from "./loaded-rows.ts";

const ROWS = 70_000;
const KEYS: readonly (readonly [kind: string, keyOf: (row: number) => string | number])[] = [
  ["texts", (row) => `user ${(row * 7919) % 5003}${row % 3 === 0 ? "" : "é"}`],
  ["few texts", (row) => ["", "b", "a longer text that is a key"][row % 3]!],
  ["whole numbers", (row) => (row * 7919) % 5003],
  ["numbers with decimals, which each row has", (row) => ((row * 7919) % 5003) + 0.5],
];

describe("heads of files that are loaded in pieces", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "fenl-heads-"));

  after(() => rmSync(directory, { recursive: true }));

  for (const [kind, keyOf] of KEYS) {
    it(`have the earliest rows of the files, by keys that are ${kind}`, async () => {
      const path = join(directory, "t.csv");
      const lines = Array.from({ length: ROWS }, (_, row) => {
        const at = new Date(Date.UTC(2024, 0, 1) + ((row * 104_729) % ROWS) * 1000).toISOString();
        return `${at},${keyOf(row)},${row % 5 === 0 ? "" : row},${row % 4 === 0 ? "" : `text ${row % 97}`},${row % 2 === 0}`;
      });
      writeFileSync(path, `at,key,n,text,flag\n${lines.join("\n")}\n`);
      const source = await fileSource(path);
      const definition = { name: "T", timeColumn: "at", keyColumn: "key" };
      const options = { directory, durable: false, columns: null, pieceBytes: 1 << 20 };
      const { written, columns } = await bulkLoad(definition, { format: "csv", path, source }, {}, options);
      await source.close();
      const [file] = written;
      assert.equal(written.length, 1);
      const head = headFile(file!)!;
      const through = BigInt(file!.head!.through);
      const earliest = rowsOfFiles([file!], columns).filter(([, time]) => (time as bigint) <= through);
      assert.ok(earliest.length > ROWS / 128 && earliest.length < ROWS / 32, `${earliest.length} rows`);
      assert.deepEqual(rowsOfFiles([head], columns), earliest);
      const times = earliest.map(([, time]) => time as bigint).sort((a, b) => (a < b ? -1 : 1));
      const hashes = earliest.map(([hash]) => String(hash));
      assert.deepEqual(
        [head.rows, head.firstTime, head.lastTime, head.firstKeyHash, head.lastKeyHash],
        [earliest.length, String(times[0]), String(times.at(-1)), hashes[0], hashes.at(-1)],
      );
    });
  }
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Table, tableFromIPC, tableToIPC } from "apache-arrow";
import { FRAME } from "../../src/spark/arrow-frames.ts";
import { JOB_FILES } from "../../src/spark/job-files.ts";
import { batchOf, laneData, numbers } from "../../src/spark/lanes.ts";
import type { PrepareTask } from "../../src/spark/spark-job.ts";
import { columnOf } from "../../src/tables/column-data.ts";

const TEXT = { kind: "string" } as const;

const TASK: PrepareTask = {
  kind: "prepare",
  files: { "7": { path: "s3a://b/part-1.parquet", subsort: "18446744073709551614" } },
  names: { time: "at", key: "user", subsort: null },
  time: { name: "c0", type: TEXT },
  key: { name: "c1", type: TEXT },
  subsort: null,
  columns: [{ name: "c0", type: TEXT }],
  emitKey: true,
  slice: null,
};

function frame(kind: number, bytes: Uint8Array = new Uint8Array(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt8(kind, 0);
  header.writeBigUInt64LE(BigInt(bytes.length), 1);
  return Buffer.concat([header, bytes]);
}

function rows(times: readonly (string | null)[]): Buffer {
  const count = times.length;
  const text = (name: string, values: readonly (string | null)[]) =>
    laneData(name, { name, ...columnOf(TEXT, values) } as never, count);
  const batch = batchOf(
    [
      numbers("_f", new BigInt64Array(count).fill(7n)),
      numbers(
        "_i",
        BigInt64Array.from(times, (_, row) => BigInt(row + 100)),
      ),
      text("c0", times),
      text(
        "c1",
        times.map((_, row) => `u${row}`),
      ),
    ],
    count,
  );
  return frame(FRAME.rows, tableToIPC(new Table([batch]), "stream"));
}

/** Runs the worker's bundle; returns its frames and its exit status. */
async function run(input: readonly Buffer[]): Promise<{ frames: { kind: number; bytes: Buffer }[]; status: number }> {
  const child = spawn(process.execPath, [fileURLToPath(JOB_FILES.workerBundle)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end(Buffer.concat(input));
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [status] = (await once(child, "close")) as [number];
  const output = Buffer.concat(chunks);
  const frames: { kind: number; bytes: Buffer }[] = [];
  for (let at = 0; at < output.length; ) {
    const length = Number(output.readBigUInt64LE(at + 1));
    frames.push({ kind: output.readUInt8(at), bytes: output.subarray(at + 9, at + 9 + length) });
    at += 9 + length;
  }
  return { frames, status };
}

const start = (task: unknown) => frame(FRAME.task, Buffer.from(JSON.stringify({ task })));

describe("the worker of Spark's tasks", function () {
  this.timeout(60_000);

  it("prepares rows and ends with a frame of its own", async () => {
    const { frames, status } = await run([start(TASK), rows(["2024-01-01T00:00:00Z", "2024-01-02"]), frame(FRAME.end)]);
    assert.equal(status, 0);
    assert.deepEqual(
      frames.map(({ kind }) => kind),
      [FRAME.rows, FRAME.end],
    );
    const table = tableFromIPC(frames[0]!.bytes);
    assert.deepEqual([...table.getChild("k")!], ["u0", "u1"]);
    // Subsorts count on from the file's first one, modulo 2^64, and are moved by 2^63.
    assert.deepEqual([...table.getChild("_s")!], [98n - 2n ** 63n, 99n - 2n ** 63n]);
    assert.deepEqual([...table.getChild("_t")!], [1704067200000000000n, 1704153600000000000n]);
  });

  it("names file, row and column of a row that loading would refuse", async () => {
    const { frames, status } = await run([start(TASK), rows(["2024-01-01T00:00:00Z", null]), frame(FRAME.end)]);
    assert.equal(status, 1);
    assert.deepEqual(
      frames.map(({ kind }) => kind),
      [FRAME.error],
    );
    assert.deepEqual(JSON.parse(frames[0]!.bytes.toString()), {
      kind: "data",
      message: "s3a://b/part-1.parquet, row 102, column 'at': the cell is empty; expected a time: every row needs one",
    });
  });

  it("never takes a stream that was cut for a whole one", async () => {
    for (const input of [
      [start(TASK), rows(["2024-01-01T00:00:00Z"])],
      [start(TASK), rows(["2024-01-01"]).subarray(0, 60)],
      [],
    ]) {
      const { frames, status } = await run(input);
      assert.equal(status, 1);
      assert.equal(frames.at(-1)!.kind, FRAME.error);
    }
  });
});

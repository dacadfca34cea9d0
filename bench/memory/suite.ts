import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { builtScript } from "../compare/process-peer.ts";
import { engines, runEngine } from "../job/peers.ts";
import { jobDirectory } from "../job/suite.ts";
import { markdownTable } from "../report/markdown.ts";
import type { Suite } from "../report/options.ts";
import type { Measured } from "./measured.ts";

/** What the machine's memory can do, and how far from that the reading and the loop of the job's first stage are. */
export const memorySuite: Suite = {
  name: "memory",
  title: "Memory's bandwidth, and the job's first stage beside it",
  async run(options, print) {
    const directory = jobDirectory(options.data, options.events);
    const fenl = engines().find(({ name }) => name === "fenl")!;
    // Prepares the tables where they are not yet.
    runEngine(fenl.command({ kind: "loaded tables", directory, repeat: 1, threads: options.threads })!, "RESULT");
    const rates: string[][] = [];
    const times: string[][] = [];
    for (const processes of new Set([1, options.threads])) {
      const all = await measure(directory, processes);
      const rate = (of: (one: Measured) => number) => all.reduce((sum, one) => sum + of(one), 0);
      const [read, copy, pageCache] = [rate((one) => one.read), rate((one) => one.copy), rate((one) => one.pageCache)];
      rates.push([String(processes), ...[read, copy, pageCache].map((bytes) => (bytes / 1e9).toFixed(1))]);
      const total = (of: (one: Measured) => number) => all.reduce((sum, one) => sum + of(one), 0);
      const longest = (of: (one: Measured) => number) => Math.max(...all.map(of));
      const [rows, readBytes, givenBytes] = [
        total((one) => one.rows),
        total((one) => one.readBytes),
        total((one) => one.givenBytes),
      ];
      const line = (part: string, bytes: number, limit: number, milliseconds: number) =>
        times.push([
          part,
          String(processes),
          (bytes / 1e6).toFixed(0),
          limit.toFixed(1),
          milliseconds.toFixed(1),
          ((milliseconds * 1e6 * processes) / rows).toFixed(1),
          (milliseconds / limit).toFixed(1),
        ]);
      // What is read from the page cache is written to memory.
      const readingLimit = ((2 * readBytes) / copy) * 1000;
      const loopLimit = (readBytes / read + givenBytes / copy) * 1000;
      line(
        "reading",
        2 * readBytes,
        readingLimit,
        longest((one) => one.reading),
      );
      line(
        "the loop",
        readBytes + givenBytes,
        loopLimit,
        longest((one) => one.loop),
      );
      line(
        "both",
        3 * readBytes + givenBytes,
        readingLimit + loopLimit,
        longest((one) => one.reading + one.loop),
      );
    }
    const head = ["threads", "reading, GB/s", "copying, read and written, GB/s", "copying from the page cache, GB/s"];
    print(`#### Memory's bandwidth\n\n${markdownTable(head, rates)}\n`);
    const columns = [
      "part",
      "threads",
      "bytes touched, MB",
      "limit, ms",
      "measured, ms",
      "ns a row and thread",
      "times",
    ];
    print(
      `#### The first stage of the job on loaded tables, ${options.events} events\n\n${markdownTable(columns, times)}\n`,
    );
  },
};

/** Measures in some processes at the same time. */
async function measure(directory: string, processes: number): Promise<Measured[]> {
  const children = Array.from({ length: processes }, (_, share) => {
    const script = [builtScript("memory/measure"), directory, String(share), String(processes)];
    return spawn(process.execPath, script, { stdio: ["pipe", "pipe", "inherit"] });
  });
  try {
    const lines = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]());
    const next = async (index: number): Promise<string> => {
      const ended = once(children[index]!, "exit").then(() => ({ value: undefined }));
      const { value } = await Promise.race([lines[index]!.next(), ended]);
      if (value === undefined) throw new Error("a process that measures memory has ended");
      return value;
    };
    await Promise.all(children.map((_, index) => next(index)));
    for (const child of children) child.stdin.write("go\n");
    const results = await Promise.all(children.map((_, index) => next(index)));
    return results.map((line) => JSON.parse(line));
  } finally {
    for (const child of children) stop(child);
  }
}

function stop(child: ChildProcess): void {
  child.stdin?.end();
  child.kill();
}

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { WireClient } from "../../test/kernel/wire-client.ts";
import { markdownTable, median, percentile95 } from "../report/markdown.ts";
import type { Suite } from "../report/options.ts";

/** A kernel, and cells in its language. */
interface KernelPeer {
  readonly name: string;
  /** The program and its arguments for a connection file; null: the kernel of this project. */
  readonly command: ((file: string) => readonly string[]) | null;
  /** How to install it, where it is missing. */
  readonly missing: string | null;
  /** A cell that defines a value, and the beginning of its name that is completed. */
  readonly definition: string;
  readonly completed: string;
}

const ROUND_TRIPS = 300;
const PYTHON = process.env.FENL_BENCH_PYTHON ?? "python3";

/** How long the kernel takes for what users feel, beside other kernels. */
export const kernelSuite: Suite = {
  name: "kernel",
  title: "Kernel round trips",
  async run(options, print) {
    const peers = kernels();
    for (const { name, missing } of peers) {
      if (missing !== null) print(`${name} is not installed; to have it: ${missing}\n`);
    }
    const present = peers.filter(({ missing }) => missing === null);
    const runs = new Map<string, Figures[]>();
    for (let round = 0; round < options.rounds; round++) {
      for (const peer of present) runs.set(peer.name, [...(runs.get(peer.name) ?? []), await measure(peer)]);
    }
    const rows = [...runs].map(([name, list]) => [
      name,
      ...FIGURES.map(({ of, digits }) => median(list.map(of)).toFixed(digits)),
    ]);
    print(`${markdownTable(["kernel", ...FIGURES.map(({ title }) => title)], rows)}\n`);
  },
};

interface Figures {
  readonly start: number;
  readonly roundTrips: readonly number[];
  readonly completions: readonly number[];
  readonly megabytes: number;
}

const FIGURES: readonly { readonly title: string; readonly digits: number; of(figures: Figures): number }[] = [
  { title: "start to kernel_info_reply, ms", digits: 0, of: ({ start }) => start },
  { title: "`1+1`, median, ms", digits: 2, of: ({ roundTrips }) => median(roundTrips) },
  { title: "`1+1`, 95th percentile, ms", digits: 2, of: ({ roundTrips }) => percentile95(roundTrips) },
  { title: "completion, warm, median, ms", digits: 2, of: ({ completions }) => median(completions) },
  { title: "memory at rest, MB", digits: 0, of: ({ megabytes }) => megabytes },
];

function kernels(): KernelPeer[] {
  const works = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
  return [
    { name: "fenl", command: null, missing: null, definition: "const someNumber = 1;", completed: "someN" },
    {
      name: "ipykernel",
      command: (file) => [PYTHON, "-m", "ipykernel_launcher", "-f", file],
      missing: works(PYTHON, "-c", "import ipykernel") ? null : `\`${PYTHON} -m pip install ipykernel\``,
      definition: "some_number = 1",
      completed: "some_n",
    },
    {
      name: "Deno",
      command: (file) => ["deno", "jupyter", "--kernel", "--conn", file],
      missing: works("deno", "--version") ? null : "https://docs.deno.com/runtime/getting_started/installation",
      definition: "const someNumber = 1;",
      completed: "someN",
    },
  ];
}

async function measure({ command, definition, completed }: KernelPeer): Promise<Figures> {
  const began = performance.now();
  const client = await WireClient.start(command === null ? {} : { command });
  try {
    const start = client.answeredAt - began;
    const time = async (run: () => Promise<unknown>) => {
      const before = performance.now();
      await run();
      return performance.now() - before;
    };
    await client.execute(definition);
    const complete = () => client.ask("complete_request", { code: completed, cursor_pos: completed.length });
    const { matches } = await complete();
    if (!(matches as readonly string[]).some((match) => match.startsWith(completed))) {
      throw new Error(`${completed} was not completed, but got ${JSON.stringify(matches)}`);
    }
    const roundTrips: number[] = [];
    const completions: number[] = [];
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      roundTrips.push(await time(() => client.execute("1+1")));
      completions.push(await time(complete));
      // Messages stay with the client; a long list would be what is measured.
      client.received.length = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return { start, roundTrips, completions, megabytes: memoryOf(client.child.pid!) };
  } finally {
    await client.stop();
  }
}

/** The resident memory of a process and those that it started, in megabytes. */
function memoryOf(pid: number): number {
  const status = (id: number) => readFileSync(`/proc/${id}/status`, "utf8");
  const field = (text: string, name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(text)?.[1] ?? 0);
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), field(status(Number(name)), "PPid"));
    } catch {
      // It has ended meanwhile.
    }
  }
  const belongs = (id: number): boolean => id === pid || (parents.has(id) && id > 1 && belongs(parents.get(id)!));
  return [...parents.keys()].filter(belongs).reduce((sum, id) => sum + field(status(id), "VmRSS"), 0) / 1024;
}

import type { QueryBatches } from "../../src/execute/query-batches.ts";
import type { QueryRows, RowSetColumn } from "../../src/execute/rows/row-set.ts";
import type { FenlEnvironment } from "../../src/run-fenl.ts";
import { runFenl } from "../../src/run-fenl.ts";

/** The feature job of the peers' scripts, in Fenl. */
export const FEATURE_JOB = `
let Loss = Plays | when(not(Plays.won))
let is_prediction_time = not(Plays.won) and (count(Loss, window=since(Plays.won)) == 2)
let example = { at: Plays.time, loss_duration: sum(Loss.duration), purchase_count: count(Purchases) } | when(is_prediction_time) | shift_by(seconds(600))
in extend(example, { later: count(Purchases) })
 | when(is_valid($input.at))
 | { at: $input.at, loss_duration: $input.loss_duration, purchase_count: $input.purchase_count | else(0), label: ($input.later | else(0)) > ($input.purchase_count | else(0)) }
`;

/** What all engines agree on. */
export interface Checksums {
  readonly rows: number;
  readonly sum_loss: bigint;
  readonly sum_purch: bigint;
  readonly labels: bigint;
  /** The sum over rows of (epoch milliseconds mod 1000003): pins the prediction times. */
  readonly tmod: bigint;
}

/** The checksums that were agreed on for the generator's default seed, by the number of plays. */
export const AGREED: Readonly<Record<number, string>> = {
  1000000: "rows=127705 sum_loss=3910701867 sum_purch=4380902 labels=58466 tmod=63922223089",
  10000000: "rows=1267435 sum_loss=182628181225 sum_purch=207673249 labels=605976 tmod=633476367263",
  100000000: "rows=12617332 sum_loss=9103485882107 sum_purch=10619617955 labels=6456537 tmod=6309129245799",
};

/** Runs the job. @throws Error with the diagnostics if the query is wrong. */
export async function runFeatureJob(environment: FenlEnvironment): Promise<QueryBatches> {
  const answer = await runFenl(FEATURE_JOB, environment, { resultBehavior: "all-results" });
  if (answer.batches === undefined) throw new Error(JSON.stringify(answer.diagnostics));
  return answer.batches;
}

/** Sums up the result's columns, and checks that it is sorted by time and has every key. */
export function checksums({ rows, key }: QueryRows): Checksums {
  const [at, loss, purchases, label] = rows.columns.map((column) => column.values);
  const perMillisecond = { timestamp_ns: 1e6, timestamp_us: 1e3, timestamp_ms: 1 }[
    rows.columns[0]!.type.kind as "timestamp_ms"
  ];
  const unordered = firstFall(rows.time);
  if (unordered !== null) throw new Error(`row ${unordered} is out of order`);
  if (key.values.length !== rows.rows || key.valid !== undefined) throw new Error("a row has no entity key");
  return {
    rows: rows.rows,
    sum_loss: BigInt(sumOf(loss!)),
    sum_purch: BigInt(sumOf(purchases!)),
    labels: BigInt(countOnes(label as Int32Array)),
    tmod: BigInt(sumOfModulo(at!, perMillisecond)),
  };
}

/** The halves of numbers of 64 bits; JavaScript's own for these are slow to compute with. */
function halvesOf({ buffer, byteOffset, length }: RowSetColumn["values"]): Int32Array {
  return new Int32Array(buffer, byteOffset, 2 * length);
}

function countOnes(values: Int32Array): number {
  let sum = 0;
  for (let row = 0; row < values.length; row++) sum += values[row]!;
  return sum;
}

function sumOf(values: RowSetColumn["values"]): number {
  const halves = halvesOf(values);
  let sum = 0;
  for (let at = 0; at < halves.length; at += 2) sum += (halves[at]! >>> 0) + 2 ** 32 * halves[at + 1]!;
  return sum;
}

/** The sum of milliseconds, each modulo 1000003. */
function sumOfModulo(times: RowSetColumn["values"], perMillisecond: number): number {
  const halves = halvesOf(times);
  let sum = 0;
  for (let at = 0; at < halves.length; at += 2) {
    // Beyond 2^53 the last bits are lost; milliseconds are not.
    const milliseconds = Math.round(((halves[at]! >>> 0) + 2 ** 32 * halves[at + 1]!) / perMillisecond);
    sum += milliseconds - 1000003 * Math.floor(milliseconds / 1000003);
  }
  return sum;
}

/** The first row whose time is less than that of the one before. */
function firstFall(times: RowSetColumn["values"]): number | null {
  const halves = halvesOf(times);
  let last = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < halves.length; at += 2) {
    const time = (halves[at]! >>> 0) + 2 ** 32 * halves[at + 1]!;
    if (time < last) return at / 2;
    last = time;
  }
  return null;
}

/** As the peers' scripts print them. */
export function checksumText(sums: Checksums): string {
  return Object.entries(sums)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

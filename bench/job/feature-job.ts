import type { QueryBatches } from "../../src/execute/query-batches.ts";
import type { QueryRows } from "../../src/execute/rows/row-set.ts";
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
  const sum = { loss: 0, purchases: 0, labels: 0, tmod: 0 };
  const low = (values: NonNullable<typeof at>) => new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const number = (halves: Uint32Array, row: number) => halves[2 * row]! + 2 ** 32 * (halves[2 * row + 1]! | 0);
  const [times, losses, counts, moved] = [low(at!), low(loss!), low(purchases!), low(rows.time)];
  const perMillisecond = { timestamp_ns: 1e6, timestamp_us: 1e3, timestamp_ms: 1 }[
    rows.columns[0]!.type.kind as "timestamp_ms"
  ];
  for (let row = 0; row < rows.rows; row++) {
    sum.loss += number(losses, row);
    sum.purchases += number(counts, row);
    sum.labels += Number(label![row]!);
    // Beyond 2^53 the last bits are lost; milliseconds are not.
    sum.tmod += Math.round(number(times, row) / perMillisecond) % 1000003;
    if (row > 0 && number(moved, row) < number(moved, row - 1)) throw new Error(`row ${row} is out of order`);
  }
  if (key.values.length !== rows.rows || key.valid !== undefined) throw new Error("a row has no entity key");
  return {
    rows: rows.rows,
    sum_loss: BigInt(sum.loss),
    sum_purch: BigInt(sum.purchases),
    labels: BigInt(sum.labels),
    tmod: BigInt(sum.tmod),
  };
}

/** As the peers' scripts print them. */
export function checksumText(sums: Checksums): string {
  return Object.entries(sums)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

import type { Data, RecordBatch } from "apache-arrow";
import { rowSetColumn } from "../execute/scan/file-part.ts";
import type { ColumnData } from "../tables/column-data.ts";
import { gather } from "../tables/gather.ts";
import { keyHashes } from "../tables/prepared/prepare.ts";
import { generatedSubsorts, subsortsOf } from "../tables/prepared/subsort-column.ts";
import type { SourceColumn, SourceTable } from "../tables/read/source-table.ts";
import { timesInNanoseconds } from "../tables/read/time-column.ts";
import { hashSliceOf, keptRows } from "./kept-rows.ts";
import { batchOf, flipped, laneData, numbers } from "./lanes.ts";
import { columnFromSpark } from "./spark-column.ts";
import type { PrepareTask, TaskColumn } from "./spark-job.ts";

/** How many rows of a file there can be: the rest of a 64-bit number tells the file. */
const ROW_BITS = 40n;

/** Gives rows of a table their identities: key hash, time and subsort, as loading the files into a store would. */
export class RowPreparation {
  readonly #task: PrepareTask;
  readonly #slice: ReturnType<typeof hashSliceOf>;
  readonly #order: ReadonlyMap<string, bigint>;

  constructor(task: PrepareTask) {
    this.#task = task;
    this.#slice = hashSliceOf(task.slice);
    const byPath = Object.entries(task.files).sort(([, a], [, b]) => (a.path < b.path ? -1 : 1));
    this.#order = new Map(byPath.map(([id], index) => [id, BigInt(index)]));
  }

  /** @throws TableError for a row that loading would refuse */
  prepare(batch: RecordBatch): RecordBatch {
    const task = this.#task;
    const rows = batch.numRows;
    const columns = new Map(batch.schema.fields.map(({ name }, index) => [name, batch.data.children[index]!]));
    const data = (name: string): Data => columns.get(name) ?? missing(name);
    const files = data("_f").values as BigInt64Array;
    const places = data("_i").values as BigInt64Array;
    const file = (row: number) => task.files[files[row]!.toString()] ?? missingFile(files[row]!);
    const source: SourceTable = {
      label: rows > 0 ? file(0).path : "",
      rows,
      columns: [],
      contentHash: "",
      subsort: 0n,
      warnings: [],
      placeOf: (row, column) => ({ file: file(row).path, row: Number(places[row]!) + 1, column }),
    };
    const column = ({ name, type }: TaskColumn, named: string): SourceColumn => ({
      name: named,
      ...columnFromSpark(type, data(name)),
    });
    const key = column(task.key, task.names.key);
    const time = timesInNanoseconds(source, column(task.time, task.names.time));
    const subsort =
      task.subsort === null
        ? this.#generated(files, places, rows)
        : subsortsOf(source, column(task.subsort, task.names.subsort!));
    const hashes = keyHashes(source, key);
    const ordinal = BigInt64Array.from({ length: rows }, (_, row) => {
      return (this.#order.get(files[row]!.toString())! << ROW_BITS) | places[row]!;
    });
    const kept = keptRows(hashes, this.#slice);
    const count = kept?.length ?? rows;
    const pick = (column: ColumnData) => (kept === null ? column : gather(column, kept));
    const identity = (name: string, values: BigInt64Array) =>
      numbers(name, pick({ type: { kind: "i64" }, values }).values as BigInt64Array);
    const lane = (name: string, column: ColumnData) => laneData(name, rowSetColumn(name, pick(column), count), count);
    return batchOf(
      [
        identity("_h", flipped(hashes, BigInt64Array)),
        identity("_t", time),
        identity("_s", flipped(subsort, BigInt64Array)),
        identity("_o", ordinal),
        ...(task.emitKey ? [lane("k", key)] : []),
        ...task.columns.map((from, index) => lane(`c${index}`, columnFromSpark(from.type, data(from.name)))),
      ],
      count,
    );
  }

  /** The subsort of a file's first row, then one more a row. */
  #generated(files: BigInt64Array, places: BigInt64Array, rows: number): BigUint64Array {
    const subsort = new BigUint64Array(rows);
    for (let from = 0; from < rows; ) {
      let to = from + 1;
      while (to < rows && files[to] === files[from] && places[to] === places[to - 1]! + 1n) to++;
      const first = this.#task.files[files[from]!.toString()] ?? missingFile(files[from]!);
      subsort.set(generatedSubsorts(BigInt.asUintN(64, BigInt(first.subsort!) + places[from]!), to - from), from);
      from = to;
    }
    return subsort;
  }
}

function missing(name: string): never {
  throw new Error(`the rows that Spark gives have no column ${name}`);
}

function missingFile(id: bigint): never {
  throw new Error(
    `Spark gives rows of a file that was not there when the query began (${id}): the table's files changed`,
  );
}

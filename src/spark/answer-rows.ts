import type { RecordBatch } from "apache-arrow";
import type { QueryRows } from "../execute/rows/row-set.ts";
import { emptyColumn } from "../execute/scan/load-scan.ts";
import type { FenlType, RecordField } from "../values/fenl-type.ts";
import type { BatchRows } from "./entity-chunks.ts";
import { InputRows } from "./input-rows.ts";
import type { TaskInput } from "./spark-job.ts";

/** The first rows of an answer, and whether there are more. */
export interface AnswerRows {
  readonly answer: QueryRows;
  readonly more: boolean;
}

/** The first `most` rows of an answer that came from Spark in lanes. */
export function answerRows(
  batches: readonly RecordBatch[],
  schema: readonly RecordField[],
  keyType: FenlType,
  most = Number.POSITIVE_INFINITY,
): AnswerRows {
  const input: TaskInput = {
    kind: "scan",
    label: "answer",
    columns: schema.map(({ type }, index) => ({ name: `c${index}`, type })),
    key: null,
    slice: null,
  };
  const rows = new InputRows(input, null, firstRows(batches, most));
  const more = batches.reduce((sum, { numRows }) => sum + numRows, 0) > most;
  const hasKey = batches[0]?.schema.fields.some(({ name }) => name === "k") ?? false;
  const key = hasKey ? rows.column({ name: "k", type: keyType }) : emptyColumn("_key", keyType);
  const { columns, ...identity } = rows.identified();
  const answer = {
    rows: { ...identity, columns: columns.map((column, index) => ({ ...column, name: schema[index]!.name })) },
    key: { ...key, name: "_key" },
  };
  return { answer, more };
}

function firstRows(batches: readonly RecordBatch[], most: number): BatchRows[] {
  let left = most;
  return batches.flatMap((batch) => {
    const to = Math.min(left, batch.numRows);
    left -= to;
    return to > 0 ? [{ batch, from: 0, to }] : [];
  });
}

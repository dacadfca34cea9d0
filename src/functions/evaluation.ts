import type { AggregateEvaluation, CallTypes, Evaluation, FunctionRecord } from "./define.ts";

/** How a call of these types is evaluated; some functions are evaluated differently for different types. */
export function callEvaluation(record: FunctionRecord, types: CallTypes): Evaluation {
  const evaluation = record.evaluation as Evaluation | ((types: CallTypes) => Evaluation);
  return typeof evaluation === "function" ? evaluation(types) : evaluation;
}

/** True for aggregations that keep the fields of a record as they were (first, last, lag). */
export function keepsFields(evaluation: Evaluation): evaluation is AggregateEvaluation {
  return evaluation.kind === "aggregate" && evaluation.payload === true;
}

import type { Plan } from "../plan/plan.ts";
import { stagesOf } from "../plan/stages.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { PlanRun } from "./plan-run.ts";
import { runPreview } from "./preview-run.ts";
import type { PreviewStep } from "./preview-steps.ts";
import { type QueryBatches, wholeAnswer } from "./query-batches.ts";
import type { QueryRows } from "./rows/row-set.ts";
import type { RunRecord, RunScope } from "./run-scope.ts";

/** Runs the stages of a plan, each over all ranges of entities, and puts the result in order, all of it in memory. */
export async function executePlan(
  plan: Plan,
  tables: readonly TableSnapshot[],
  options: ExecuteOptions,
): Promise<QueryRows> {
  return wholeRows(await streamPlan(plan, tables, options));
}

/** All rows of an answer, which is not needed any more. */
function wholeRows(answer: QueryBatches): QueryRows {
  try {
    return answer.whole();
  } finally {
    if (answer.isSpilled) answer.release();
  }
}

/** The same; a result that is too large for memory stays in temporary files and is put in order while it is read. */
export async function streamPlan(
  plan: Plan,
  tables: readonly TableSnapshot[],
  options: ExecuteOptions,
): Promise<QueryBatches> {
  const preview = await runPreview(plan, tables, options, async (step) => {
    return wholeRows(await runStages(plan, tables, options, step));
  });
  return preview === null ? await runStages(plan, tables, options, null) : wholeAnswer(preview);
}

/** Runs the stages of a scope that ends before the result, for what is recorded of them. */
export async function probePlan(
  plan: Plan,
  tables: readonly TableSnapshot[],
  options: ExecuteOptions & { readonly scope: RunScope; readonly record: RunRecord },
): Promise<void> {
  const run = await allStages(plan, tables, options, null);
  run.abandon();
}

/** With a `preview`, only its files are read, and the result ends where they end. */
async function runStages(
  plan: Plan,
  tables: readonly TableSnapshot[],
  options: ExecuteOptions,
  preview: PreviewStep | null,
): Promise<QueryBatches> {
  const run = await allStages(plan, tables, options, preview);
  return run.result();
}

async function allStages(
  plan: Plan,
  tables: readonly TableSnapshot[],
  options: ExecuteOptions,
  preview: PreviewStep | null,
): Promise<PlanRun> {
  const { scope } = options;
  const stages = stagesOf(plan, options.final).filter(({ id }) => scope === undefined || scope.stages.has(id));
  const run = new PlanRun(plan, stages, tables, options, preview);
  try {
    await run.run(stages);
    return run;
  } catch (error) {
    run.abandon();
    throw error;
  }
}

import { runSuite } from "../compare/run-comparisons.ts";
import type { Suite } from "../report/options.ts";
import { OPERATOR_QUESTIONS } from "./questions.ts";

/** Each operator against the best SQL for it. */
export const operatorsSuite: Suite = {
  name: OPERATOR_QUESTIONS.name,
  title: OPERATOR_QUESTIONS.title,
  run: (options, print) => runSuite(OPERATOR_QUESTIONS, options, print),
};

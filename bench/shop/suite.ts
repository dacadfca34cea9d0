import { runSuite } from "../compare/run-comparisons.ts";
import type { Suite } from "../report/options.ts";
import { SHOP_QUESTIONS } from "./questions.ts";

/** The second suite: the comparison with SQL engines that the original published. */
export const shopSuite: Suite = {
  name: SHOP_QUESTIONS.name,
  title: SHOP_QUESTIONS.title,
  run: (options, print) => runSuite(SHOP_QUESTIONS, options, print),
};

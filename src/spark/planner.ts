import { createInterface } from "node:readline";
import { planRequest, type SparkQuery, tablesWanted } from "./plan-request.ts";
import type { FileFacts } from "./spark-table.ts";

/** What the driver asks, a line of JSON each. */
type Question =
  | { readonly kind: "tables"; readonly query: SparkQuery; readonly all: boolean }
  | {
      readonly kind: "plan";
      readonly query: SparkQuery;
      readonly facts: Readonly<Record<string, readonly FileFacts[]>>;
      readonly parallelism: number;
    };

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  const answer =
    question.kind === "tables"
      ? tablesWanted(question.query, question.all)
      : await planRequest(question.query, question.facts, question.parallelism);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

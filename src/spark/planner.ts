import { createInterface } from "node:readline";
import { planRequest, type SparkQuery, tablesWanted } from "./plan-request.ts";
import { SETTINGS } from "./session-settings.ts";
import type { FileFacts } from "./spark-table.ts";

/** What the driver asks, a line of JSON each. */
type Question =
  | { readonly kind: "settings" }
  | { readonly kind: "tables"; readonly query: SparkQuery; readonly all: boolean }
  | {
      readonly kind: "plan";
      readonly query: SparkQuery;
      readonly facts: Readonly<Record<string, readonly FileFacts[]>>;
      readonly parallelism: number;
    };

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line) as Question;
  process.stdout.write(`${JSON.stringify(await answer(question))}\n`);
}

async function answer(question: Question): Promise<object> {
  switch (question.kind) {
    case "settings":
      return SETTINGS;
    case "tables":
      return tablesWanted(question.query, question.all);
    case "plan":
      return await planRequest(question.query, question.facts, question.parallelism);
  }
}

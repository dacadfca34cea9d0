import type { AnalyzeEnvironment } from "../../src/analyze/analyze.ts";

/** Two tables of one grouping, a view, and two parameters. */
export const ENVIRONMENT: AnalyzeEnvironment = {
  tables: [
    {
      name: "Purchase",
      grouping: "User",
      keyType: { kind: "string" },
      columns: [
        { name: "amount", type: { kind: "f64" } },
        { name: "at", type: { kind: "timestamp_ns" } },
        {
          name: "items",
          type: { kind: "list", item: { kind: "record", fields: [{ name: "sku", type: { kind: "string" } }] } },
        },
        { name: "odd name", type: { kind: "i64" } },
      ],
    },
    {
      name: "GamePlay",
      grouping: "User",
      keyType: { kind: "string" },
      columns: [
        { name: "duration", type: { kind: "i64" } },
        { name: "won", type: { kind: "bool" } },
      ],
    },
  ],
  views: [{ name: "spending", expression: "{ total: sum(Purchase.amount), n: count(Purchase) }" }],
  parameters: [{ name: "limit", type: { kind: "i64" }, value: "5" }],
};

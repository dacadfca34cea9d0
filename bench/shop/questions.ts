import type { ComparisonSuite } from "../compare/comparison.ts";

const BY_ITEM = "let by_item = Reviews | with_key($input.item) in ";
const RATINGS = `WITH ratings AS (
  SELECT item, "time", avg(rating) OVER (PARTITION BY item ORDER BY "time" ROWS UNBOUNDED PRECEDING) AS r FROM reviews)`;

/** The comparison with SQL engines that the original published: four kinds of questions to a shop's events. */
export const SHOP_QUESTIONS: ComparisonSuite = {
  name: "shop",
  title: "The second suite: purchases, page views and reviews",
  comparisons: [
    {
      name: "aggregation, history",
      fenl: "{ s: sum(Purchases.amount) }",
      sql: `SELECT "user" AS key, "time", sum(amount) OVER (PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING) AS s
        FROM purchases`,
    },
    {
      name: "aggregation, snapshot",
      fenl: "{ s: sum(Purchases.amount) }",
      final: true,
      sql: `SELECT "user" AS key, sum(amount) AS s FROM purchases GROUP BY "user"`,
    },
    {
      name: "calendar window, history",
      fenl: "{ s: sum(Purchases.amount, window=since(monthly())) } | when(is_valid(Purchases))",
      sql: `SELECT "user" AS key, "time",
          sum(amount) OVER (PARTITION BY "user", date_trunc('month', "time") ORDER BY "time" ROWS UNBOUNDED PRECEDING) AS s
        FROM purchases`,
    },
    {
      name: "calendar window, snapshot",
      fenl: "{ s: sum(Purchases.amount, window=since(monthly())) } | when(is_valid(Purchases))",
      final: true,
      sql: `SELECT "user" AS key, arg_max(s, month) AS s
        FROM (SELECT "user", date_trunc('month', "time") AS month, sum(amount) AS s FROM purchases GROUP BY ALL)
        GROUP BY "user"`,
    },
    {
      name: "data-defined window, history",
      fenl: "{ m: mean(count(PageViews, window=since(is_valid(Purchases))) | when(is_valid(Purchases))) }",
      sql: `WITH
        events AS (
          SELECT "user", "time", 0 AS bought FROM page_views UNION ALL SELECT "user", "time", 1 FROM purchases),
        counted AS (
          SELECT *, count(*) FILTER (bought = 0) OVER (PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING) AS views
          FROM events),
        windows AS (
          SELECT "user", "time", views - lag(views, 1, 0) OVER (PARTITION BY "user" ORDER BY "time") AS n
          FROM counted WHERE bought = 1)
        SELECT "user" AS key, "time", avg(n) OVER (PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING) AS m
        FROM windows`,
    },
    {
      name: "temporal join, history",
      fenl: `${BY_ITEM}{ r: lookup(Purchases.item, mean(by_item.rating)) }`,
      sql: `${RATINGS}
        SELECT p."user" AS key, p."time", r
        FROM purchases p ASOF LEFT JOIN ratings ON p.item = ratings.item AND p."time" >= ratings."time"`,
    },
    {
      name: "temporal join, snapshot",
      fenl: `${BY_ITEM}{ r: lookup(Purchases.item, mean(by_item.rating)) }`,
      final: true,
      sql: `${RATINGS}
        SELECT p."user" AS key, r
        FROM (SELECT "user", arg_max(item, "time") AS item, max("time") AS "time" FROM purchases GROUP BY "user") p
        ASOF LEFT JOIN ratings ON p.item = ratings.item AND p."time" >= ratings."time"`,
    },
  ],
};

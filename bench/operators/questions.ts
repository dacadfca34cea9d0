import type { ComparisonSuite } from "../compare/comparison.ts";

const RUNNING = 'PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING';
const LAST_TEN = 'PARTITION BY "user" ORDER BY "time" ROWS 9 PRECEDING';
// A value leaves Fenl's window when it is exactly seven days old, one microsecond before it would leave SQL's.
const SEVEN_DAYS = `PARTITION BY "user" ORDER BY "time" RANGE BETWEEN INTERVAL '604799999999 microseconds' PRECEDING AND CURRENT ROW`;

/** Each operator by itself against the best SQL for it. */
export const OPERATOR_QUESTIONS: ComparisonSuite = {
  name: "operators",
  title: "Each operator against its best SQL",
  comparisons: [
    {
      name: "lookup",
      fenl: "{ rating: lookup(PageViews.item, last(ItemReviews.rating)), n: lookup(PageViews.item, count(ItemReviews)) }",
      sql: `WITH counted AS (
          SELECT item, "time", rating, row_number() OVER (PARTITION BY item ORDER BY "time") AS n FROM item_reviews)
        SELECT v."user" AS key, v."time", rating, n
        FROM page_views v ASOF LEFT JOIN counted c ON v.item = c.item AND v."time" >= c."time"`,
    },
    {
      name: "with_key",
      fenl: "let by_item = Purchases | with_key($input.item) in { n: count(by_item), total: sum(by_item.amount) }",
      sql: `SELECT item AS key, "time", count(*) OVER w AS n, sum(amount) OVER w AS total
        FROM purchases WINDOW w AS (PARTITION BY item ORDER BY "time" ROWS UNBOUNDED PRECEDING)`,
    },
    {
      name: "shift_by",
      fenl: `let then = { amount: Purchases.amount, views: count(PageViews) } | when(is_valid(Purchases)) | shift_by(seconds(600))
        in extend(then, { later: count(PageViews) }) | when(is_valid($input.amount))`,
      sql: `WITH
        viewed AS (SELECT "user", "time", row_number() OVER (PARTITION BY "user" ORDER BY "time") AS n FROM page_views),
        bought AS (
          SELECT p."user", p."time" + INTERVAL 10 MINUTES AS "time", p.amount, n AS views
          FROM purchases p ASOF LEFT JOIN viewed v ON p."user" = v."user" AND p."time" >= v."time")
        SELECT b."user" AS key, b."time", amount, views, n AS later
        FROM bought b ASOF LEFT JOIN viewed v ON b."user" = v."user" AND b."time" >= v."time"`,
    },
    {
      name: "shift_until",
      fenl: "{ at: time_of(PageViews), item: PageViews.item } | shift_until(is_valid(Purchases))",
      sql: `SELECT v."user" AS key, p."time", v."time" AS at, v.item
        FROM page_views v ASOF JOIN purchases p ON v."user" = p."user" AND v."time" <= p."time"
        UNION ALL SELECT "user", "time", NULL, NULL FROM purchases`,
    },
    {
      name: "ticks",
      fenl: "{ n: count(Purchases), s: sum(Purchases.amount) } | when(daily())",
      sql: `WITH
        days AS (
          SELECT unnest(generate_series(date_trunc('day', min("time")) + INTERVAL 1 DAY, max("time"), INTERVAL 1 DAY)) AS day
          FROM purchases),
        daily AS (
          SELECT "user", date_trunc('day', "time") + INTERVAL 1 DAY AS day, count(*) AS n, sum(amount) AS s
          FROM purchases GROUP BY ALL),
        grid AS (
          SELECT "user", days.day FROM days JOIN (SELECT "user", min(day) AS first FROM daily GROUP BY ALL) ON days.day >= first)
        SELECT "user" AS key, day AS "time", sum(n) OVER w AS n, sum(s) OVER w AS s
        FROM grid LEFT JOIN daily USING ("user", day)
        WINDOW w AS (PARTITION BY "user" ORDER BY day ROWS UNBOUNDED PRECEDING)`,
    },
    {
      name: "hourly windows without ticks' rows",
      fenl: "{ n: count(PageViews, window=since(hourly())) } | when(is_valid(PageViews))",
      sql: `SELECT "user" AS key, "time",
          row_number() OVER (PARTITION BY "user", date_trunc('hour', "time") ORDER BY "time") AS n
        FROM page_views`,
    },
    {
      name: "sliding window",
      fenl: `{ s: sum(Purchases.amount, window=sliding(10, is_valid(Purchases))),
        m: max(Purchases.amount, window=sliding(10, is_valid(Purchases))) }`,
      sql: `SELECT "user" AS key, "time", sum(amount) OVER w AS s, max(amount) OVER w AS m
        FROM purchases WINDOW w AS (${LAST_TEN})`,
    },
    {
      name: "sliding window of strings",
      fenl: "{ m: max(PageViews.item, window=sliding(10, is_valid(PageViews))) }",
      sql: `SELECT "user" AS key, "time", max(item) OVER (${LAST_TEN}) AS m FROM page_views`,
    },
    {
      name: "duration window",
      fenl: "{ s: sum(Purchases.amount, window=within(days(7))), n: count(Purchases, window=within(days(7))) }",
      sql: `SELECT "user" AS key, "time", sum(amount) OVER w AS s, count(*) OVER w AS n
        FROM purchases WINDOW w AS (${SEVEN_DAYS})`,
    },
    {
      name: "collect",
      fenl: "{ items: collect(PageViews.item, max=5) }",
      sql: `SELECT "user" AS key, "time", list(item) OVER (PARTITION BY "user" ORDER BY "time" ROWS 4 PRECEDING) AS items
        FROM page_views`,
    },
    {
      name: "strings, few distinct ones",
      fenl: "{ up: upper(PageViews.item), n: len(PageViews.item), part: substring(PageViews.item, start=5) }",
      sql: `SELECT "user" AS key, "time", upper(item) AS up, strlen(item) AS n, substring(item, 6) AS part FROM page_views`,
    },
    {
      name: "strings, nearly all distinct",
      fenl: "{ both: concat(PageViews.user, '/', PageViews.item) }",
      sql: `SELECT "user" AS key, "time", concat("user", '/', item) AS both FROM page_views`,
    },
    {
      name: "final results",
      fenl: "{ views: count(PageViews), spent: sum(Purchases.amount), rating: mean(Reviews.rating) }",
      final: true,
      sql: `SELECT coalesce(v."user", p."user", r."user") AS key, views, spent, rating
        FROM (SELECT "user", count(*) AS views FROM page_views GROUP BY ALL) v
        FULL JOIN (SELECT "user", sum(amount) AS spent FROM purchases GROUP BY ALL) p ON v."user" = p."user"
        FULL JOIN (SELECT "user", avg(rating) AS rating FROM reviews GROUP BY ALL) r ON coalesce(v."user", p."user") = r."user"`,
    },
    {
      name: "merge of five tables",
      fenl: `{ views: count(PageViews), bought: count(Purchases), rating: last(Reviews.rating), carts: count(Carts),
        logins: count(Logins) }`,
      sql: `WITH events AS (
          SELECT "user", "time", 0 AS kind, NULL AS rating FROM page_views UNION ALL
          SELECT "user", "time", 1, NULL FROM purchases UNION ALL
          SELECT "user", "time", 2, rating FROM reviews UNION ALL
          SELECT "user", "time", 3, NULL FROM carts UNION ALL
          SELECT "user", "time", 4, NULL FROM logins)
        SELECT "user" AS key, "time",
          CASE WHEN count(*) FILTER (kind = 0) OVER w > 0 THEN count(*) FILTER (kind = 0) OVER w END AS views,
          CASE WHEN count(*) FILTER (kind = 1) OVER w > 0 THEN count(*) FILTER (kind = 1) OVER w END AS bought,
          last_value(rating IGNORE NULLS) OVER w AS rating,
          CASE WHEN count(*) FILTER (kind = 3) OVER w > 0 THEN count(*) FILTER (kind = 3) OVER w END AS carts,
          CASE WHEN count(*) FILTER (kind = 4) OVER w > 0 THEN count(*) FILTER (kind = 4) OVER w END AS logins
        FROM events WINDOW w AS (${RUNNING})`,
    },
  ],
};

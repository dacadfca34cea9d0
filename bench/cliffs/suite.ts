import type { Comparison } from "../compare/comparison.ts";
import { measureLoads, runComparison, shopDirectory } from "../compare/run-comparisons.ts";
import type { EventOptions } from "../events/tables.ts";
import { markdownTable, shownGigabytes, shownSeconds } from "../report/markdown.ts";
import type { Suite } from "../report/options.ts";

/** A shape of data that has been a cliff for engines, and the question that is asked of it. */
export interface Shape {
  readonly name: string;
  readonly events: Omit<EventOptions, "events">;
  readonly question: Comparison;
}

const WINDOWED: Comparison = {
  name: "sum, and count since",
  fenl: `{ s: sum(Purchases.amount), n: count(PageViews, window=since(is_valid(Purchases))) } | when(is_valid(Purchases))`,
  sql: `WITH
    events AS (
      SELECT "user", "time", NULL AS amount FROM page_views UNION ALL SELECT "user", "time", amount FROM purchases),
    counted AS (
      SELECT *, sum(amount) OVER w AS s, count(*) FILTER (amount IS NULL) OVER w AS views
      FROM events WINDOW w AS (PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING))
    SELECT "user" AS key, "time", s, views - lag(views, 1, 0) OVER (PARTITION BY "user" ORDER BY "time") AS n
    FROM counted WHERE amount IS NOT NULL`,
};

const COLUMNS = Array.from({ length: 200 }, (_, index) => `extra${index}`);
const ONE_OF_MANY: Comparison = {
  name: "sum of one column",
  fenl: "{ s: sum(Purchases.extra7) }",
  sql: `SELECT "user" AS key, "time", sum(extra7) OVER (PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING) AS s
    FROM purchases`,
};
const ALL_OF_MANY: Comparison = {
  name: "sums of all columns",
  fenl: `{ ${COLUMNS.map((name) => `${name}: sum(Purchases.${name})`).join(", ")} }`,
  sql: `SELECT "user" AS key, "time", ${COLUMNS.map((name) => `sum(${name}) OVER w AS ${name}`).join(", ")}
    FROM purchases WINDOW w AS (PARTITION BY "user" ORDER BY "time" ROWS UNBOUNDED PRECEDING)`,
};

/** The shapes of data. */
export const SHAPES: readonly Shape[] = [
  { name: "as the other suites: a user for 50 events", events: {}, question: WINDOWED },
  { name: "1 user", events: { users: 1 }, question: WINDOWED },
  { name: "100,000 users", events: { users: 100_000 }, question: WINDOWED },
  { name: "files in no order", events: { shuffled: true }, question: WINDOWED },
  { name: "200 columns, one used", events: { extraColumns: 200 }, question: ONE_OF_MANY },
  { name: "200 columns, all used", events: { extraColumns: 200 }, question: ALL_OF_MANY },
];

/** Shapes of data where an engine may fall: one entity or very many, no order, very many columns. */
export const cliffsSuite: Suite = {
  name: "cliffs",
  title: "Cliffs",
  async run(options, print) {
    const events = Number(options.cliffEvents);
    const rows: string[][] = [];
    for (const shape of SHAPES) {
      if (options.only !== undefined && !shape.name.includes(options.only)) continue;
      const name = `shop-${options.cliffEvents}-${JSON.stringify(shape.events).replace(/\W+/g, "-")}`;
      const directory = await shopDirectory(options.data, name, { ...shape.events, events });
      const load = await measureLoads(directory, options.threads);
      const { anyOrder } = await runComparison(shape.question, directory, options, ["any order"]);
      const { fenl, duckdb } = anyOrder;
      rows.push([
        shape.name,
        shape.question.name,
        shownSeconds(load.fenl.seconds),
        shownSeconds(load.duckdb.seconds),
        shownSeconds(fenl.seconds),
        shownSeconds(duckdb.seconds),
        (duckdb.seconds / fenl.seconds).toFixed(1),
        shownGigabytes(Math.max(fenl.peakMegabytes, load.fenl.peakMegabytes)),
      ]);
    }
    const head = [
      "data",
      "question",
      "load: Fenl, s",
      "DuckDB, s",
      "query: Fenl, s",
      "DuckDB, s",
      "times",
      "Fenl, peak",
    ];
    print(`#### Shapes of ${options.cliffEvents} events\n\n${markdownTable(head, rows)}\n`);
  },
};

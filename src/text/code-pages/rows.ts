import { CODES } from "../codes.ts";
import { type CodePage, page } from "./define.ts";

/** The codes of rows that do not meet, of what is not used, and of faults of the engine itself. */
export const rowPages: readonly CodePage[] = [
  page("W2000", {
    title: CODES.W2000,
    severity: "warning",
    meaning: "An operation combines values that exist at different times only, so that its result is mostly null.",
    why: "A column has a value at its own table's events and is null on the rows of other tables. Two columns of different tables meet only where both tables have an event at the very same time. Shifted values have times of their own as well.",
    remedy: "Make a value continuous with an aggregation: `last(x)` stands until the next one.",
    examples: [
      {
        wrong: { query: "{ rate: Purchase.amount / Login.seconds }" },
        right: { query: "{ rate: Purchase.amount / last(Login.seconds) }" },
      },
    ],
  }),
  {
    code: "W2001",
    kinds: [
      {
        title: "Unused binding",
        severity: "warning",
        meaning: "A `let` binding, or the value on the left of a pipe, is not used.",
        why: "A name without a use is often a slip: the query goes on with something else. Nothing is computed for it.",
        remedy: "Use the name or `$input`, or remove the binding.",
        examples: [
          {
            wrong: { query: "let big = Purchase | when($input.amount > 10.0)\nin { orders: count(Purchase) }" },
            right: { query: "let big = Purchase | when($input.amount > 10.0)\nin { orders: count(big) }" },
          },
          {
            wrong: { query: "Purchase | { total: sum(Purchase.amount) }" },
            right: { query: "Purchase | { total: sum($input.amount) }" },
          },
        ],
      },
      {
        title: "Incompatible grouping",
        severity: "error",
        meaning: "An operation combines values that belong to different kinds of entities.",
        why: "Every table has a grouping, the kind of entity that its key names. Values of two customers' timelines can be told apart and combined; a customer's and a product's have nothing in common to go by.",
        remedy:
          "Bring the other entity's value over by its key with `lookup(key, value)`, or move the rows to the other kind of entity with `with_key`.",
        examples: [
          {
            wrong: { query: "{ amount: Purchase.amount, stars: last(Review.stars) }" },
            right: { query: "{ amount: Purchase.amount, stars: lookup(Purchase.product, last(Review.stars)) }" },
          },
        ],
      },
    ],
  },
  page("B1000", {
    title: CODES.B1000,
    severity: "bug",
    meaning: "The engine contradicted itself. The query may well be right.",
    why: "This is a fault of Fenl and not of the query.",
    remedy:
      "Report it, with the query and the columns of its tables. Writing the part marked in another way often helps.",
    examples: [],
  }),
  page("B1001", {
    title: CODES.B1001,
    severity: "bug",
    meaning: "There is a diagnostic that could not be shown; its code and title are told as they are.",
    why: "This is a fault of Fenl and not of the query.",
    remedy: "Go by the code and title of the diagnostic, and report that it could not be shown.",
    examples: [],
  }),
];

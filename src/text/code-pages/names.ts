import { CODES } from "../codes.ts";
import { type CodePage, page } from "./define.ts";

/** The codes of names: fields, tables, views, functions. */
export const namePages: readonly CodePage[] = [
  page("E0001", {
    title: CODES.E0001,
    severity: "error",
    meaning: "A field is asked of a record that has no field of this name, or of a value that is no record.",
    why: "The fields of a table are its columns, by their exact names: upper and lower case differ. A number, a string or a list of them has no fields.",
    remedy:
      "Use one of the nearest names in the note. `fenl query --dry-run TABLE` shows all columns of a table. A property of a string or a time comes from a function: `len(s)`, `year(t)`.",
    examples: [
      {
        wrong: { query: "{ total: sum(Purchase.amout) }" },
        right: { query: "{ total: sum(Purchase.amount) }" },
      },
      {
        wrong: { query: "{ letters: Purchase.product.length }" },
        right: { query: "{ letters: len(Purchase.product) }" },
      },
    ],
  }),
  page("E0003", {
    title: CODES.E0003,
    severity: "error",
    meaning: "The name of a view (messages call it a formula) is not an identifier.",
    why: "Queries use a view by its name, so the name needs the form of one: letters, digits and `_`, not beginning with a digit, and no keyword. A wrong name disables all views for the query.",
    remedy: "Create the view under another name.",
    examples: [
      {
        wrong: {
          query: "{ total: sum(Purchase.amount) }",
          views: [{ name: "big spender", expression: "sum(Purchase.amount) > 100.0" }],
        },
        right: {
          query: "{ big: big_spender }",
          views: [{ name: "big_spender", expression: "sum(Purchase.amount) > 100.0" }],
        },
      },
    ],
  }),
  page("E0004", {
    title: CODES.E0004,
    severity: "error",
    meaning: "Two views (messages call them formulas) have one name, or a view has the name of a table.",
    why: "A name must mean one thing. The note counts the definitions from 0.",
    remedy: "Rename or remove one of the definitions.",
    examples: [
      {
        wrong: {
          query: "{ total }",
          views: [
            { name: "total", expression: "sum(Purchase.amount)" },
            { name: "total", expression: "count(Purchase)" },
          ],
        },
        right: {
          query: "{ total, orders }",
          views: [
            { name: "total", expression: "sum(Purchase.amount)" },
            { name: "orders", expression: "count(Purchase)" },
          ],
        },
      },
    ],
  }),
  page("E0006", {
    title: CODES.E0006,
    severity: "error",
    meaning:
      "A name is neither a table, nor a view, nor a `let` binding that is in scope here; or `$input` stands outside a pipe; or no parameter `$name` was given with the query.",
    why: "A `let` name is known from the next binding on to the end of its `in`. `$input` is the value on the left of the nearest `|`; a call that lacks its first required argument takes it silently, and outside a pipe there is nothing to take.",
    remedy: "Use one of the nearest names in the note, give the missing argument or parameter, or begin a pipe.",
    examples: [
      {
        wrong: { query: "{ total: sum(Purchases.amount) }" },
        right: { query: "{ total: sum(Purchase.amount) }" },
      },
      {
        wrong: { query: "{ orders: count() }" },
        right: { query: "Purchase | { orders: count() }" },
      },
    ],
  }),
  page("E0007", {
    title: CODES.E0007,
    severity: "error",
    meaning: "There is no function of this name.",
    why: "Functions have names of their own: a table or a `let` binding is never called like a function. Operators go by their function's name: `a + b` is `add(a, b)`.",
    remedy: "Use one of the nearest names in the note. `docs/functions.md` lists all functions.",
    examples: [
      {
        wrong: { query: "{ price: cel(Purchase.amount) }" },
        right: { query: "{ price: ceil(Purchase.amount) }" },
      },
    ],
  }),
  page("E0009", {
    title: CODES.E0009,
    severity: "error",
    meaning:
      "Two fields of a record literal have one name. There is one diagnostic for each such name; it marks every field.",
    why: "A field is taken from a record by its name alone.",
    remedy: "Rename fields. To replace a field of a table, use `extend`: the new record's fields win.",
    examples: [
      {
        wrong: { query: "{ amount: Purchase.amount, amount: sum(Purchase.amount) }" },
        right: { query: "{ amount: Purchase.amount, total: sum(Purchase.amount) }" },
      },
    ],
  }),
  page("E0012", {
    title: CODES.E0012,
    severity: "error",
    meaning:
      "Views (messages call them formulas) refer to one another in a circle. Each label is a reference that closes it.",
    why: "A view stands for its expression. Views may be defined in any order, but one that is part of its own value would have no value.",
    remedy: "Take one of the references out, for example by going back to the table's columns.",
    examples: [
      {
        wrong: {
          query: "{ net }",
          views: [
            { name: "net", expression: "Purchase.amount - tax" },
            { name: "tax", expression: "net * 0.2" },
          ],
        },
        right: {
          query: "{ net }",
          views: [
            { name: "net", expression: "Purchase.amount - tax" },
            { name: "tax", expression: "Purchase.amount * 0.2" },
          ],
        },
      },
    ],
  }),
];

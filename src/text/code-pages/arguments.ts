import { CODES } from "../codes.ts";
import { type CodePage, page } from "./define.ts";

/** The codes of what is given to functions, casts and the result. */
export const argumentPages: readonly CodePage[] = [
  page("E0002", {
    title: CODES.E0002,
    severity: "error",
    meaning:
      "A value cannot be cast to the type behind `as`, or there is no such type. Also: `collect` with a `min` above its `max`.",
    why: "Numbers, bools, strings, times and lengths of time convert into one another where a conversion has one meaning. Records, lists, maps and JSON do not.",
    remedy:
      "Write one of the types `bool`, `i8` to `i64`, `u8` to `u64`, `f32`, `f64`, `string`, `timestamp_ns` (also `_us`, `_ms`, `_s`), `duration_ns` (likewise), `interval_days`, `interval_months`. What lies between two times becomes a number: `seconds_between(a, b) as i64`.",
    examples: [
      {
        wrong: { query: "{ amount: Purchase.amount as number }" },
        right: { query: "{ amount: Purchase.amount as i64 }" },
      },
      {
        wrong: { query: "{ some: collect(Purchase.product, max = 2, min = 3) | list_len() }" },
        right: { query: "{ some: collect(Purchase.product, max = 3, min = 2) | list_len() }" },
      },
    ],
  }),
  page("E0008", {
    title: CODES.E0008,
    severity: "error",
    meaning:
      "The arguments of a call do not fit the function: too many, too few, of a wrong name, or in a wrong order; or a record has no fields; or a constant is out of its range.",
    why: "Required parameters are given in order or by name, parameters with a default by name only, and after the first named argument no unnamed one can stand. In a pipe the value on the left takes the required parameter that is left over.",
    remedy:
      "Compare the call with the function's signature in `docs/functions.md`: a parameter with `=` has a default.",
    examples: [
      {
        wrong: { query: "{ price: clamp(Purchase.amount, 10.0) }" },
        right: { query: "{ price: clamp(Purchase.amount, max = 10.0) }" },
      },
      {
        wrong: { query: "{ price: ceil(Purchase.amount, 2) }" },
        right: { query: "{ price: ceil(Purchase.amount) }" },
      },
    ],
  }),
  page("E0010", {
    title: CODES.E0010,
    severity: "error",
    meaning:
      "The type of a value does not suit the parameter it is given to, or the place where it stands: a window as a field, a key of another grouping's type, something other than a record to extend.",
    why: "A signature asks for a type (`f64`) or for a class of types (`number`, `ordered`). Numbers are widened and texts become times without being asked, as long as nothing is lost; numbers and strings never turn into one another.",
    remedy: "Convert the value with `as`, or use the function for its type.",
    examples: [
      {
        wrong: { query: "{ growth: exp(Purchase.product) }" },
        right: { query: "{ growth: exp(Purchase.amount) }" },
      },
      {
        wrong: { query: "{ label: Purchase.product + '!' }" },
        right: { query: "{ label: concat(Purchase.product, '!') }" },
      },
    ],
  }),
  page("E0011", {
    title: CODES.E0011,
    severity: "error",
    meaning: "The text is not Fenl at the place marked. The note says what could stand there.",
    why: "Every bracket needs its partner, and a cast with `as` binds more loosely than every operator, so that nothing can follow it. When a text cannot be read nothing else in it is checked.",
    remedy: "Mend the first error first: those after it may be its consequences.",
    examples: [
      {
        wrong: { query: "{ total: sum(Purchase.amount)" },
        right: { query: "{ total: sum(Purchase.amount) }" },
      },
      {
        wrong: { query: "{ half: Purchase.quantity as f64 / 2.0 }" },
        right: { query: "{ half: (Purchase.quantity as f64) / 2.0 }" },
      },
    ],
  }),
  page("E0013", {
    title: CODES.E0013,
    severity: "error",
    meaning:
      "The query's result cannot be written: it is no record, one of its fields is a length of time, or it has no rows.",
    why: "A result is a table, and the fields of a record are its columns. Lengths of time have no form in files. The rows come from the tables in the query: constants alone have none.",
    remedy: "End the query in a record, `{ name: value }`, and convert lengths of time with `as i64`.",
    examples: [
      {
        wrong: { query: "sum(Purchase.amount)" },
        right: { query: "{ total: sum(Purchase.amount) }" },
      },
      {
        wrong: { query: "{ pause: seconds_between(lag(1, time_of(Purchase)), time_of(Purchase)) }" },
        right: { query: "{ pause: seconds_between(lag(1, time_of(Purchase)), time_of(Purchase)) as i64 }" },
      },
      {
        wrong: { query: "{ answer: 42 }" },
        right: { query: "Purchase | extend({ answer: 42 })" },
      },
    ],
  }),
  page("E0014", {
    title: CODES.E0014,
    severity: "error",
    meaning: "An argument must be a constant, but depends on rows.",
    why: "Some arguments decide how a query is computed, such as how many values `lag` keeps or which fields `select_fields` leaves, and must be known before the first row. In signatures they are marked `const`.",
    remedy: "Give a literal, or a calculation with literals.",
    examples: [
      {
        wrong: { query: "{ before: lag(Purchase.quantity, Purchase.amount) }" },
        right: { query: "{ before: lag(1, Purchase.amount) }" },
      },
    ],
  }),
  page("E0015", {
    title: CODES.E0015,
    severity: "error",
    meaning: "Arguments that need one type have types without a common one.",
    why: "Both sides of `==` or `+`, and all arguments of `coalesce`, are converted to the narrowest type that holds them all. Two numbers have one, a string and a time have one; a string and a number have none.",
    remedy: "Convert one of the arguments with `as`.",
    examples: [
      {
        wrong: { query: "{ tea: Purchase.product == Purchase.quantity }" },
        right: { query: "{ tea: Purchase.product == 'tea' }" },
      },
    ],
  }),
  page("E0016", {
    title: CODES.E0016,
    severity: "error",
    meaning: "The query keeps more of one entity than its memory limit allows, or than there is memory.",
    why: "Rows, texts and lists beyond the memory limit go to temporary files. What `count_distinct`, `median`, `percentile`, `collect` without a small `max` and windows of many values have to know of an entity on each row cannot: all of it together may take half of the limit. A form of the answer that is made as a whole (`table`, `dataframe`, `toCsv()`) may need more memory than there is, too.",
    remedy:
      "Raise the limit (`limits.memory` of a query, `LocalBuilder.memoryLimit` of a session, `--memory-limit` on the command line), or have the aggregation keep less: with a window (`since`, `sliding`, `within`), a smaller `max`, or rounded values.",
    examples: [],
  }),
];

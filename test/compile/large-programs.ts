function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}

/** A program and the last row's value of its last field, over purchases the last of which is of 8.0, quantity 2. */
export interface LargeProgram {
  readonly name: string;
  readonly text: string;
  readonly last: string;
}

/** Programs of a thousand lines, each large in a way of its own. */
export const LARGE_PROGRAMS: readonly LargeProgram[] = [
  {
    name: "many aggregations",
    text: `${lines(500, (i) => `let total${i} = sum(Purchase.amount + ${i}.0) | if($input > 10.0) # no ${i}`)}
in {\n${lines(500, (i) => `total${i},`)}\n}`,
    last: String(4.5 + 8 + 2 * 499),
  },
  {
    name: "a chain of bindings, each of the one before",
    text: `${lines(1_000, (i) => (i === 0 ? "let a0 = Purchase.amount" : `let a${i} = a${i - 1} * 0.5 + ${i}.0`))}
in { last: a999 }`,
    last: String(Array.from({ length: 999 }, (_, i) => i + 1).reduce((value, i) => value * 0.5 + i, 8)),
  },
  {
    name: "a chain of selections",
    text: `${lines(1_000, (i) => (i === 0 ? "let a0 = Purchase" : `let a${i} = a${i - 1} | when($input.amount > ${i % 8}.0)`))}
in a999 | { rows: count($input) }`,
    last: "1",
  },
  {
    name: "a record of a thousand fields",
    text: `{\n${lines(1_000, (i) => `  f${i}: if(Purchase.amount > ${i % 10}.0, Purchase.quantity + ${i}),`)}\n}`,
    last: "null",
  },
  {
    name: "many selections, each with ticks",
    text: `${lines(330, (i) => `let w${i} = Purchase | when($input.amount > ${i}.0)`)}
in {\n${lines(670, (i) => `  f${i}: sum(w${i % 330}.amount, window = since(daily())),`)}\n}`,
    last: "null",
  },
];

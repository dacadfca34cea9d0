/** The tables of a shop's event log, with the share of each in the events of the first three. */
export const SHOP_TABLES = [
  { name: "page_views", fenl: "PageViews", share: 0.6, columns: ["item"] },
  { name: "purchases", fenl: "Purchases", share: 0.25, columns: ["item", "amount"] },
  { name: "reviews", fenl: "Reviews", share: 0.15, columns: ["item", "rating"] },
  { name: "carts", fenl: "Carts", share: 0.2, columns: ["item"] },
  { name: "logins", fenl: "Logins", share: 0.1, columns: [] },
] as const;

/** What the generator can vary. */
export interface EventOptions {
  /** Events of page_views, purchases and reviews together; carts and logins come on top. */
  readonly events: number;
  /** How many users there are; a fiftieth of the events by default. */
  readonly users?: number;
  /** Whether the files' rows are in no order instead of that of time. */
  readonly shuffled?: boolean;
  /** Columns of numbers that purchases have besides. */
  readonly extraColumns?: number;
  readonly seed?: number;
}

/** A table's events as arrays; users and items are numbers yet. */
export interface Events {
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly time: BigInt64Array;
  readonly user: Int32Array;
  readonly item: Int32Array;
  /** Multiples of a quarter, so that sums are exact in any order. */
  readonly amount: Float64Array;
  readonly rating: Int32Array;
}

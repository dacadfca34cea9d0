/** Rows of each load, all with the load's number, for seven entities. */
export const ROWS = 49;

/** What materializations show of the loads. */
export const EXPRESSION = "{ loads: count(Kept), sum: sum(Kept.n), last: last(Kept.n) }";

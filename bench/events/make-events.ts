import { Random } from "./random.ts";
import { type EventOptions, type Events, SHOP_TABLES } from "./tables.ts";

const START = Date.UTC(2024, 0, 1);
const DAYS = 90;
/** Milliseconds between times that two events can have. */
const SLOT = 4;
/** Events of one visit of a user, on average. */
const VISIT = 20;

/**
 * The events of all tables, in the order of time over 90 days. Users come in visits of half an hour, and some come
 * much more often than others. No two events have one time, and none stands at the beginning of a second.
 */
export function makeEvents(options: EventOptions): Record<string, Events> {
  const random = new Random(options.seed ?? 20240501);
  const users = options.users ?? Math.max(10, Math.floor(options.events / 50));
  const items = Math.max(20, Math.floor(options.events / 2000));
  const counts = SHOP_TABLES.map(({ share }) => Math.round(options.events * share));
  const total = counts.reduce((sum, count) => sum + count);
  const tables = counts.map((rows) => ({
    rows,
    time: new BigInt64Array(rows),
    user: new Int32Array(rows),
    item: new Int32Array(rows),
    amount: new Float64Array(rows),
    rating: new Int32Array(rows),
  }));
  const slots = (DAYS * 86_400_000) / SLOT;
  const step = slots / total;
  if (step < 2) throw new RangeError("there are more events than times for them");
  // Users who are there at one time: as many as make visits of about half an hour.
  const present = Int32Array.from({ length: Math.max(1, Math.round(total / (DAYS * 48) / VISIT)) }, () =>
    random.skewed(users),
  );
  const left = [...counts];
  const filled = counts.map(() => 0);
  for (let event = 0; event < total; event++) {
    let choice = random.below(total - event);
    let table = 0;
    while (choice >= left[table]!) choice -= left[table++]!;
    left[table]!--;
    const row = filled[table]!++;
    const place = random.below(present.length);
    if (random.below(VISIT) === 0) present[place] = random.skewed(users);
    const events = tables[table]!;
    const slot = Math.floor((event + random.next() * 0.999) * step);
    // 1 to 3 of 4: off the seconds, and another one in neighbouring tables.
    events.time[row] = BigInt(START + slot * SLOT + 1 + (table % 3));
    events.user[row] = present[place]!;
    events.item[row] = random.skewed(items);
    events.amount[row] = (1 + random.below(400)) / 4;
    events.rating[row] = 1 + random.below(5);
  }
  return Object.fromEntries(SHOP_TABLES.map(({ name }, index) => [name, tables[index]!]));
}

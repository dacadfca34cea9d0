import type { QueryResult } from "../../src/api/query-result.ts";
import { columnReader } from "../../src/execute/rows/dictionary.ts";
import { IDENTITY_COLUMNS } from "../../src/frames/output.ts";
import { plainText } from "../../src/values/csv-text.ts";
import type { FenlType } from "../../src/values/fenl-type.ts";
import type { HostValue } from "../../src/values/host-value.ts";

/** Why there is a row: an event, a boundary of the calendar, or a row that was moved in time. */
export type RowKind = "event" | "tick" | "shift";

/** A row of one entity. */
export interface PlotRow {
  /** Milliseconds since the first row that is shown. */
  readonly at: number;
  readonly kind: RowKind;
}

/** A value on a row. */
export interface PlotPoint {
  readonly at: number;
  /** The height, null where the row has no value: a continuous line ends there. */
  readonly level: number | null;
  readonly value: HostValue;
}

/** The values of one field for one entity, by time. */
export interface Lane {
  readonly field: string;
  readonly type: FenlType;
  readonly continuous: boolean;
  readonly points: readonly PlotPoint[];
}

/** One entity's rows and values. */
export interface Timeline {
  readonly entity: string;
  readonly rows: readonly PlotRow[];
  readonly lanes: readonly Lane[];
}

/** The levels of a field, over all entities that are shown. */
export interface LevelRange {
  readonly low: number;
  readonly high: number;
  readonly lowText: string;
  readonly highText: string;
}

/** A result as timelines, ready to be drawn. */
export interface Timelines {
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  /** Milliseconds from the first row to the last. */
  readonly length: number;
  readonly entities: readonly Timeline[];
  /** By field. */
  readonly ranges: ReadonlyMap<string, LevelRange>;
  /** What is not shown, in words. */
  readonly notes: readonly string[];
}

/** What of a result is drawn. */
export interface PlotOptions {
  /** The keys of the entities, as the result shows them; default: the first ones that have rows. */
  readonly entities?: readonly (string | number | bigint | boolean)[];
  /** The names of the fields; default: the first ones. */
  readonly fields?: readonly string[];
}

const MOST_ENTITIES = 6;
const MOST_FIELDS = 6;
const TICK_SUBSORT = 2n ** 64n - 1n;

/** Reads the rows of a result by entity. @throws TypeError for names that the result has not */
export function readTimelines(result: QueryResult, options: PlotOptions): Timelines {
  const { columns, rank, continuous, rows } = result.output;
  const fields = columns.slice(IDENTITY_COLUMNS);
  const chosen = (options.fields ?? fields.slice(0, MOST_FIELDS).map(({ name }) => name)).map((name) => {
    const index = fields.findIndex((field) => field.name === name);
    if (index < 0) throw new TypeError(`plot: the result has no field "${name}"; its fields are ${namesOf(fields)}`);
    return index;
  });
  const [times, subsorts, , keys] = columns.map(columnReader) as ((row: number) => HostValue)[];
  const entities = groupRows(
    rows,
    keys!,
    (key) => (key === null ? "null" : plainText(columns[3]!.type, key)),
    options.entities,
  );
  const starts = [...entities.rows.values()].flatMap((own) => own.slice(0, 1).map((row) => times!(row) as bigint));
  const start = starts.reduce((first, time) => (time < first ? time : first), starts[0] ?? 0n);
  const at = (row: number) => Number((times!(row) as bigint) - start) / 1e6;
  const kindOf = (row: number): RowKind => {
    if (rank !== undefined && rank[row] === 0) return "shift";
    return subsorts!(row) === TICK_SUBSORT ? "tick" : "event";
  };
  const levels = new Map(chosen.map((index) => [index, new Levels(fields[index]!.type)]));
  const timelines = [...entities.rows].map(
    ([entity, own]): Timeline => ({
      entity,
      rows: own.map((row) => ({ at: at(row), kind: kindOf(row) })),
      lanes: chosen.map((index): Lane => {
        const { name, type } = fields[index]!;
        const read = columnReader(fields[index]!);
        const points = own.map((row) => {
          const value = read(row);
          return { at: at(row), level: levels.get(index)!.of(value), value };
        });
        return { field: name, type, continuous: continuous?.[index] ?? false, points };
      }),
    }),
  );
  const notes: string[] = [];
  if (entities.more > 0) notes.push(`${entities.more} more entities are not shown: plot(result, { entities: [...] })`);
  if (options.fields === undefined && fields.length > MOST_FIELDS) {
    notes.push(`${fields.length - MOST_FIELDS} more fields are not shown: plot(result, { fields: [...] })`);
  }
  return {
    start,
    length: Math.max(0, ...timelines.map((timeline) => timeline.rows.at(-1)?.at ?? 0)),
    entities: timelines,
    ranges: new Map(chosen.map((index) => [fields[index]!.name, levels.get(index)!.range()])),
    notes,
  };
}

function namesOf(fields: readonly { readonly name: string }[]): string {
  return fields.map(({ name }) => JSON.stringify(name)).join(", ");
}

/** The rows of each entity, in order; `more` counts the entities that were left out. */
function groupRows(
  count: number,
  keyOf: (row: number) => HostValue,
  textOf: (key: HostValue) => string,
  wanted: PlotOptions["entities"],
) {
  const rows = new Map<string, number[]>((wanted ?? []).map((key) => [String(key), []]));
  const known = new Map<HostValue, number[] | null>();
  for (let row = 0; row < count; row++) {
    const key = keyOf(row);
    let own = known.get(key);
    if (own === undefined) {
      const text = textOf(key);
      own = rows.get(text) ?? null;
      if (own === null && wanted === undefined && rows.size < MOST_ENTITIES) {
        own = [];
        rows.set(text, own);
      }
      known.set(key, own);
    }
    own?.push(row);
  }
  for (const [key, own] of rows) {
    if (own.length === 0) throw new TypeError(`plot: the result has no rows of the entity ${JSON.stringify(key)}`);
  }
  return { rows, more: wanted === undefined ? known.size - rows.size : 0 };
}

/** Gives values their heights: numbers and times their own, truth values 0 and 1, all else a number for each text. */
class Levels {
  readonly #type: FenlType;
  readonly #texts = new Map<string, number>();
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  #lowValue: HostValue = null;
  #highValue: HostValue = null;

  constructor(type: FenlType) {
    this.#type = type;
  }

  of(value: HostValue): number | null {
    if (value === null) return null;
    const level = this.#level(value);
    if (!Number.isFinite(level)) return null;
    if (level < this.#low) [this.#low, this.#lowValue] = [level, value];
    if (level > this.#high) [this.#high, this.#highValue] = [level, value];
    return level;
  }

  range(): LevelRange {
    const isEmpty = this.#low > this.#high;
    return {
      low: isEmpty ? 0 : this.#low,
      high: isEmpty ? 0 : this.#high,
      lowText: plainText(this.#type, this.#lowValue),
      highText: plainText(this.#type, this.#highValue),
    };
  }

  #level(value: HostValue): number {
    if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return Number(value);
    const text = plainText(this.#type, value);
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }
}

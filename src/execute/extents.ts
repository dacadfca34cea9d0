import type { DomainId, Plan } from "../plan/plan.ts";
import { type EntityIndex, lowerBound, upperBound } from "../tables/prepared/entity-index.ts";
import { readPrepared } from "../tables/prepared/read-prepared.ts";
import type { TableSnapshot } from "../tables/table-snapshot.ts";
import type { HashSlice } from "./rows/slice.ts";

/** Finds the last time of domains, over all entities, as far as the stages that ran have made it known. */
export class Extents {
  readonly #plan: Plan;
  readonly #tables: ReadonlyMap<string, TableSnapshot>;
  readonly #slice: (table: TableSnapshot) => HashSlice | null;
  /** The last time of the rows that a shift kept. */
  readonly #shifted = new Map<DomainId, bigint | null>();
  readonly #known = new Map<DomainId, bigint | null>();

  constructor(
    plan: Plan,
    tables: ReadonlyMap<string, TableSnapshot>,
    slice: (table: TableSnapshot) => HashSlice | null,
  ) {
    this.#plan = plan;
    this.#tables = tables;
    this.#slice = slice;
  }

  setShifted(domain: DomainId, last: bigint | null): void {
    this.#shifted.set(domain, last);
  }

  /** The last time of all rows that shifts kept so far; null where there are none. */
  get lastShifted(): bigint | null {
    return latest([...this.#shifted.values()]);
  }

  /** The last time of a domain; null when it has no rows at all. */
  last(id: DomainId): bigint | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const last = this.#find(id);
    this.#known.set(id, last);
    return last;
  }

  #find(id: DomainId): bigint | null {
    const domain = this.#plan.domains[id]!;
    switch (domain.kind) {
      case "scan":
        return this.#ofTable(this.#tables.get(domain.table)!, domain.sliced);
      case "merge":
        return latest(domain.inputs.map((input) => this.last(input)));
      case "select":
      case "rekey":
        return this.last(domain.input);
      case "tick":
        return this.last(domain.of);
      case "shift": {
        if (domain.mode === "until") return this.last(domain.input);
        const shifted = this.#shifted.get(id);
        if (shifted === undefined) throw new Error(`the rows of shift ${id} are not there yet`);
        return latest([this.last(domain.input), shifted]);
      }
      case "request":
        return this.last(this.#plan.lookups[domain.lookup]!.domain);
    }
  }

  #ofTable(table: TableSnapshot, sliced: boolean): bigint | null {
    const slice = sliced ? this.#slice(table) : null;
    if (slice === null) return latest(table.files.map((file) => BigInt(file.lastTime)));
    let last: bigint | null = null;
    for (const file of table.files) {
      const { entities, time } = readPrepared(file, []);
      for (const [from, to] of runsOf(slice, entities)) {
        for (let row = from; row < to; row++) if (last === null || time[row]! > last) last = time[row]!;
      }
    }
    return last;
  }
}

/** From where to where the rows of a slice's entities are in a file. */
function runsOf(slice: HashSlice, { hashes, ends }: EntityIndex): readonly (readonly [number, number])[] {
  const row = (entity: number) => (entity === 0 ? 0 : ends[entity - 1]!);
  if (slice.kind === "up to") return [[0, row(upperBound(hashes, slice.last))]];
  return slice.hashes.map((hash) => [row(lowerBound(hashes, hash)), row(upperBound(hashes, hash))] as const);
}

/** The last of some times; null where there are none. */
export function latest(times: readonly (bigint | null)[]): bigint | null {
  return times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
}

import type { WasmModule } from "../../values/web-assembly.ts";
import { orderEntities } from "../order/entity-slots.ts";
import { shared } from "../rows/allocate.ts";
import { copyValues, recodeInto } from "../rows/copy-values.ts";
import { sliceRows } from "../rows/gather.ts";
import { RowComparison } from "../rows/row-order.ts";
import { isSpilled, type RowRun } from "../rows/row-run.ts";
import type { StoredRows } from "../rows/row-set.ts";
import type { ExchangeJob } from "../rows/stage-job.ts";
import type { StageMemory } from "../rows/stage-memory.ts";
import { uniteParts } from "../rows/united-parts.ts";
import { readInParts, sortOutOfCore } from "../spill/external-sort.ts";
import { RowPlaces } from "../spill/place-rows.ts";
import { runReader, wholeRun } from "../spill/run-reader.ts";
import { answeredRows } from "./answered-rows.ts";
import { byIdentity, entitiesOf, exchangedRows, exchangeOrder, withOrdinals, withOrdinalsIn } from "./stored-rows.ts";

/**
 * Puts rows that were sent to one range of entities in order; more than fit into memory by way of temporary files.
 * @param sort with the worker's memory and the module that sorts: null on the main thread, for few rows
 */
export function exchangeRows(
  { parts, keyBases, rekeyed, asked, memory, spill }: Omit<ExchangeJob, "kind" | "sorter">,
  sort: { readonly sorter: WasmModule; readonly memory: StageMemory } | null,
): RowRun {
  const places = new RowPlaces(spill, memory.heldBytes);
  for (const [index, part] of parts.entries()) addToKeys(part, keyBases[index]!);
  try {
    if (asked) return places.place(answeredRows(parts.map(wholeRun), asked));
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    if (rows <= memory.windowRows) {
      const whole = parts.map(wholeRun);
      return places.place(
        sort ? orderedByEntity(whole, rekeyed, sort.sorter, sort.memory) : exchangedRows(whole, rekeyed),
      );
    }
    const slice = rekeyed?.slice ?? null;
    const number = (part: StoredRows, before: StoredRows | null) =>
      rekeyed === null ? part : withOrdinals(part, before);
    const readers = parts.map(runReader);
    try {
      const form = readers[0]!.read(0, 1);
      const sent = function* () {
        for (const part of readInParts(readers, memory.windowRows)) {
          const own = slice === null ? part : entitiesOf(part, slice);
          if (own.rows > 0) yield own;
        }
      };
      const order = exchangeOrder(rekeyed !== null);
      const run = sortOutOfCore(sent(), order, memory.windowRows, places.writer, number);
      return run ?? number(sliceRows(form, 0, 0), null);
    } finally {
      for (const reader of readers) reader.close();
    }
  } finally {
    places.close();
  }
}

/** Adds a number to the codes of the keys of rows that are in memory. */
function addToKeys(part: RowRun, base: number): void {
  if (base === 0 || isSpilled(part)) return;
  const codes = part.key!.values as Int32Array;
  recodeInto(codes, base, codes);
}

/** The rows of some parts, each written once, to its place in the order of entities and times. */
function orderedByEntity(
  sent: readonly StoredRows[],
  rekeyed: ExchangeJob["rekeyed"],
  sorter: WasmModule,
  memory: StageMemory,
): StoredRows {
  const chosen = rekeyed?.slice ? sent.map((part) => entitiesOf(part, rekeyed.slice!)) : sent;
  const identities = chosen.map((part) => new RowComparison(byIdentity(part, rekeyed !== null)));
  // Rows under new entities get other ordinals, and forget the old entity.
  const kept = rekeyed ? chosen.map(({ localKeyHash: _old, ordinal: _number, ...part }) => part) : chosen;
  const rows = kept.reduce((sum, part) => sum + part.rows, 0);
  const { parts, recodings, copies, target, whole } = uniteParts(kept, rows, shared, false);
  for (const copy of copies(1).flat()) copyValues(copy);
  const ties = orderEntities({ parts, recodings, identities }, target, sorter, memory);
  return rekeyed ? withOrdinalsIn(whole(), ties) : whole();
}

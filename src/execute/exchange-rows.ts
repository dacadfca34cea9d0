import { readInParts, sortOutOfCore } from "./external-sort.ts";
import { sliceRows } from "./gather.ts";
import { RowPlaces } from "./place-rows.ts";
import type { RowRun } from "./row-run.ts";
import type { StoredRows } from "./row-set.ts";
import { runReader, wholeRun } from "./run-reader.ts";
import type { ExchangeJob } from "./stage-job.ts";
import { entitiesOf, exchangedRows, exchangeOrder, withOrdinals } from "./stored-rows.ts";

/** Puts rows that were sent to one range of entities in order; more than fit into memory by way of temporary files. */
export function exchangeRows({ parts, rekeyed, memory, spill }: ExchangeJob): RowRun {
  const places = new RowPlaces(spill, memory.heldBytes);
  try {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    if (rows <= memory.windowRows) return places.place(exchangedRows(parts.map(wholeRun), rekeyed));
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

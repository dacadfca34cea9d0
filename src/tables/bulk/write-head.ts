import type { DictionaryIds } from "../prepared/arrow-data.ts";
import { describeRows } from "../prepared/prepare.ts";
import { headRows, placesOfEarliest, type TimesAccess } from "../prepared/prepared-head.ts";
import { isStoredByEntity, type StoredIdentity } from "../prepared/stored-identity.ts";
import { preparedFileBytes, writeHeadBytes } from "../prepared/write-prepared.ts";
import type { PreparedHead, TableColumn } from "../table-snapshot.ts";
import { ChosenRows, extremesOf } from "./chosen-rows.ts";
import type { RowOrder } from "./group-rows.ts";
import { inSteps } from "./kernels.ts";
import type { PartColumn } from "./read-part.ts";
import type { Scratch } from "./scratch.ts";
import type { KeyTexts } from "./stored-column.ts";
import {
  chosenKeyTexts,
  isWholeTexts,
  storedColumn,
  storedColumns,
  storedKeyTexts,
  storedTexts,
} from "./stored-column.ts";

/** The rows of a prepared file, from whose columns the head is made. */
export interface HeadSource {
  /** Of the prepared file. */
  readonly path: string;
  readonly columns: readonly TableColumn[];
  /** The place of the key's column. */
  readonly key: number;
  /** The column that is not stored. */
  readonly derived: TableColumn | null;
  readonly read: readonly PartColumn[];
  readonly identity: StoredIdentity;
  readonly groups: RowOrder;
  /** The first row of each group. */
  readonly firsts: Int32Array;
  /** The keys of the groups, where they are texts. */
  readonly keys: KeyTexts | null;
  /** No two rows have one identity. */
  readonly distinct: boolean;
  readonly durable: boolean;
}

/** Writes the earliest rows as the head of a prepared file; undefined where it needs none. */
export function writeEarliest(source: HeadSource, scratch: Scratch): PreparedHead | undefined {
  const { identity, groups, read, keys } = source;
  const earliest = placesOfEarliest(identity.time, headRows(groups.order.length), timesIn(scratch));
  if (earliest === null) return undefined;
  const { buffer, byteOffset, length } = earliest.chosen;
  const chosen = new ChosenRows(new Int32Array(buffer, byteOffset, length), scratch, "head");
  const rows = new ChosenRows(chosen.int32(groups.order, "order"), scratch, "head");
  const { numbers, ends } = groupsOf(rows, groups, scratch);
  const entities = new ChosenRows(numbers, scratch, "head entity");
  const { subsorts } = identity;
  const head: StoredIdentity = {
    entities: { hashes: entities.uint64(identity.entities.hashes, "hash"), ends },
    time: chosen.int64(identity.time, "time"),
    subsorts:
      subsorts.first === null
        ? { first: null, values: chosen.uint64(subsorts.values, "subsort") }
        : { first: subsorts.first, values: chosen.uint32(subsorts.values, "subsort") },
  };
  const firsts = new ChosenRows(entities.int32(source.firsts, "first"), scratch, "head");
  const ids: DictionaryIds = { next: 0 };
  const columns = storedColumns(source.columns, source.derived, ({ name, type }, index) => {
    const byEntity = index === source.key && isStoredByEntity(type);
    if (byEntity && keys !== null) {
      return { name, type, byEntity, data: storedKeyTexts(chosenKeyTexts(keys, numbers, scratch), ids) };
    }
    const column = read[index]!;
    if (isWholeTexts(column)) throw new Error("texts without codes");
    const place = `column ${index}`;
    const own = byEntity ? firsts : rows;
    const data =
      column.form === "fixed" ? storedColumn(type, column, own, ids, place) : storedTexts(column, own, ids, place);
    return { name, type, byEntity, data };
  });
  const bytes = preparedFileBytes(head, columns, source.derived);
  const description = describeRows(head, source.distinct, extremesOf(head.time, scratch));
  return writeHeadBytes(source.path, bytes, description, earliest.through, source.durable);
}

/** Times in memory of `scratch`, looked at there. */
function timesIn(scratch: Scratch): TimesAccess {
  return {
    numbers(time, count, step) {
      const bytes = scratch.bytes("samples", 8 * count);
      scratch.run.sampleTimes(time.byteOffset, time.length, step, count, bytes.byteOffset);
      return new Float64Array(bytes.buffer, bytes.byteOffset, count);
    },
    upTo(time, last) {
      const rows = scratch.uint32("earliest", time.length);
      let count = 0;
      inSteps(time.length, (from, some) => {
        count = scratch.run.rowsUpTo(time.byteOffset + 8 * from, some, last, from, rows.byteOffset, count);
      });
      return rows.subarray(0, count);
    },
  };
}

/** The groups that some rows are of, which ascend: their numbers, and where the rows of each end. */
function groupsOf(rows: ChosenRows, { groupOfRow }: RowOrder, scratch: Scratch) {
  const groups = rows.int32(groupOfRow, "group");
  const numbers = scratch.int32("head groups", groups.length);
  const ends = scratch.uint32("head ends", groups.length);
  let count = 0;
  inSteps(groups.length, (from, some) => {
    const at = groups.byteOffset + 4 * from;
    count = scratch.run.groupEnds(at, some, from, numbers.byteOffset, ends.byteOffset, count);
  });
  return { numbers: numbers.subarray(0, count), ends: ends.subarray(0, count) };
}

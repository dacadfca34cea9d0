import { setImmediate } from "node:timers/promises";
import { plainText } from "../../values/csv-text.ts";
import type { FenlType } from "../../values/fenl-type.ts";
import { typeName } from "../../values/fenl-type.ts";
import { foldRecord, hashColumn } from "../../values/key-hash.ts";
import type { ColumnData, NamedColumn } from "../column-data.ts";
import { valueAt } from "../column-data.ts";
import { gather } from "../gather.ts";
import type { SourceColumn, SourceTable } from "../read/source-table.ts";
import { requireValues, timesInNanoseconds } from "../read/time-column.ts";
import type { TableDefinition } from "../table-definition.ts";
import { nearestNames } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { PreparedFile } from "../table-snapshot.ts";
import { halvesOf } from "./entity-index.ts";
import { sortedOrder } from "./sort-rows.ts";
import { type RowIdentities, type StoredIdentity, storedIdentity } from "./stored-identity.ts";
import { generatedSubsorts, subsortsOf } from "./subsort-column.ts";

/** Rows a prepared file holds at about most, unless one entity alone has more. */
export const FILE_ROWS = 1 << 20;

/** Rows of a prepared file, sorted. */
export interface PreparedRows extends RowIdentities {
  /** The column that tells the entities apart; null: not known. */
  readonly key: string | null;
  readonly columns: readonly NamedColumn[];
}

/** A part of a source's rows, sorted, with what describes it. */
export interface PreparedPart {
  readonly rows: PreparedRows;
  readonly description: Omit<PreparedFile, "path">;
}

/**
 * Sorts a source's rows by (key hash, time, subsort, place in the file) and divides them by ranges of key hashes. The
 * time, key and subsort columns must have a value in every row. No rows give no parts.
 */
export async function* prepareRows(
  definition: TableDefinition,
  table: SourceTable,
  fileRows = FILE_ROWS,
): AsyncGenerator<PreparedPart> {
  const columns = requireColumns(definition, table);
  const time = timesInNanoseconds(table, columns.time);
  const subsort =
    columns.subsort === null ? generatedSubsorts(table.subsort, table.rows) : subsortsOf(table, columns.subsort);
  const keyHash = keyHashes(table, columns.key);
  await setImmediate();
  const order = sortedOrder([keyHash, time, subsort], table.rows);
  requireOneKeyAHash(table, columns.key, keyHash, order);
  for (const [from, to] of parts(keyHash, order, fileRows)) {
    await setImmediate();
    yield preparedPart(table, columns.key.name, { keyHash, time, subsort }, order.subarray(from, to));
  }
}

/** The columns of a table that its definition names, or an error that says which is missing and what there is. */
export function requireColumns(
  definition: TableDefinition,
  table: SourceTable,
): { time: SourceColumn; key: SourceColumn; subsort: SourceColumn | null } {
  const find = (role: string, name: string) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    const names = table.columns.map((candidate) => candidate.name);
    const available =
      names.slice(0, 20).map(shown).join(", ") + (names.length > 20 ? ` and ${names.length - 20} more` : "");
    const message = `${table.label} has no ${role} column ${shown(name)}${nearestNames(name, names)}; its columns are ${available || "none"}`;
    throw new TableError("column", message, { file: table.label, column: name });
  };
  return {
    time: find("time", definition.timeColumn),
    key: find("entity key", definition.keyColumn),
    subsort: definition.subsortColumn == null ? null : find("subsort", definition.subsortColumn),
  };
}

function canBeKey(type: FenlType): boolean {
  if (type.kind === "record") return type.fields.every((field) => canBeKey(field.type));
  return !["list", "map", "json", "window", "null", "error"].includes(type.kind);
}

/** The key hash of every row. @throws TableError where a row has no key, or the column cannot be one */
export function keyHashes(table: SourceTable, column: SourceColumn): BigUint64Array {
  if (!canBeKey(column.type)) {
    const message = `${table.label}, column ${shown(column.name)} is of type ${typeName(column.type)} and cannot be the entity key; expected text, numbers, bools, times or records of such`;
    throw new TableError("column", message, { file: table.label, column: column.name });
  }
  requireValues(table, column, "an entity key");
  return hashesOf(column, table.rows);
}

function hashesOf(column: ColumnData, rows: number): BigUint64Array {
  if (column.type.kind !== "record") return hashColumn(column);
  const fields = column.fields!.map((field) => ({ hashes: hashesOf(field, rows), valid: field.valid }));
  return BigUint64Array.from({ length: rows }, (_, row) =>
    foldRecord(fields.map(({ hashes, valid }) => (valid?.[row] === 0 ? null : hashes[row]!))),
  );
}

/** Neighbours with one hash must be one key, as the engine tells entities apart by the hash alone. */
function requireOneKeyAHash(
  table: SourceTable,
  column: SourceColumn,
  keyHash: BigUint64Array,
  order: Uint32Array,
): void {
  const halves = halvesOf(keyHash);
  const same = sameKey(column);
  for (let index = 1; index < order.length; index++) {
    const a = order[index - 1]!;
    const b = order[index]!;
    if (halves[2 * a] !== halves[2 * b] || halves[2 * a + 1] !== halves[2 * b + 1] || same(a, b)) continue;
    const [first, second] = [a, b].map((row) => shown(plainText(column.type, valueAt(column, row))));
    const place = table.placeOf(b, column.name);
    const message = `${table.label}, column ${shown(column.name)}: the keys ${first} and ${second} have the same hash ${keyHash[a]}, so they cannot be told apart; expected one of them under another name`;
    throw new TableError("value", message, place);
  }
}

function sameKey(column: ColumnData): (a: number, b: number) => boolean {
  const { values } = column;
  if (column.type.kind === "record") {
    const text = (row: number) => plainText(column.type, valueAt(column, row));
    return (a, b) => a === b || text(a) === text(b);
  }
  if (values instanceof BigInt64Array) {
    const halves = halvesOf(values);
    return (a, b) => halves[2 * a] === halves[2 * b] && halves[2 * a + 1] === halves[2 * b + 1];
  }
  return (a, b) => values[a] === values[b] || (Number.isNaN(values[a]) && Number.isNaN(values[b]));
}

/** Ranges of the order: all rows whose key hashes agree in the leading bits, as many bits as give files of a size. */
function* parts(keyHash: BigUint64Array, order: Uint32Array, fileRows: number): Generator<[number, number]> {
  const rows = order.length;
  const bits = rows <= fileRows ? 0 : Math.min(31, Math.ceil(Math.log2(rows / fileRows)));
  if (bits === 0) {
    if (rows > 0) yield [0, rows];
    return;
  }
  const halves = halvesOf(keyHash);
  let from = 0;
  for (let to = 1; to <= rows; to++) {
    const here = halves[2 * order[from]! + 1]! >>> (32 - bits);
    if (to < rows && halves[2 * order[to]! + 1]! >>> (32 - bits) === here) continue;
    yield [from, to];
    from = to;
  }
}

function preparedPart(table: SourceTable, key: string, identity: RowIdentities, order: Uint32Array): PreparedPart {
  const keyHash = gather64(identity.keyHash, order);
  const time = gather64(identity.time, order);
  const subsort = gather64(identity.subsort, order);
  const rows: PreparedRows = {
    key,
    keyHash,
    time,
    subsort,
    columns: table.columns.map((column) => ({ name: column.name, ...gather(column, order) })),
  };
  return { rows, description: describeRows(storedIdentity(rows)) };
}

/**
 * What a query wants to know of sorted rows before it reads them. There must be some. `distinct`: it is known that no
 * two have one identity; `times`: the least and the greatest, where they are known.
 */
export function describeRows(
  rows: StoredIdentity,
  distinct = false,
  times: readonly [bigint, bigint] = extremes(rows.time),
): Omit<PreparedFile, "path"> {
  const { entities, time, subsorts } = rows;
  const [firstTime, lastTime] = times;
  return {
    rows: time.length,
    firstKeyHash: String(entities.hashes[0]),
    lastKeyHash: String(entities.hashes.at(-1)),
    firstTime: String(firstTime),
    lastTime: String(lastTime),
    distinct: distinct || isDistinct(rows),
    ...(subsorts.first === null ? {} : { firstSubsort: String(subsorts.first) }),
  };
}

function gather64<T extends BigUint64Array | BigInt64Array>(values: T, order: Uint32Array): T {
  const result = new (values.constructor as new (length: number) => T)(order.length);
  const from = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const to = new Int32Array(result.buffer, result.byteOffset, 2 * order.length);
  for (let index = 0; index < order.length; index++) {
    const row = order[index]!;
    to[2 * index] = from[2 * row]!;
    to[2 * index + 1] = from[2 * row + 1]!;
  }
  return result;
}

/** The least and the greatest of some times. */
function extremes(time: BigInt64Array): [bigint, bigint] {
  const halves = new Int32Array(time.buffer, time.byteOffset, 2 * time.length);
  let first = 0;
  let last = 0;
  const before = (a: number, b: number) =>
    halves[2 * a + 1]! < halves[2 * b + 1]! ||
    (halves[2 * a + 1] === halves[2 * b + 1] && halves[2 * a]! >>> 0 < halves[2 * b]! >>> 0);
  for (let row = 1; row < time.length; row++) {
    if (before(row, first)) first = row;
    if (before(last, row)) last = row;
  }
  return [time[first]!, time[last]!];
}

function isDistinct({ entities, time, subsorts }: StoredIdentity): boolean {
  const keys = [subsorts.values, time].map(({ buffer, byteOffset, byteLength }) => {
    return new Int32Array(buffer, byteOffset, byteLength >> 2);
  });
  const widths = keys.map(({ length }) => length / time.length);
  const same = (row: number) =>
    keys.every((halves, index) => {
      const at = widths[index]! * row;
      const before = at - widths[index]!;
      return halves[at] === halves[before] && (widths[index] === 1 || halves[at + 1] === halves[before + 1]);
    });
  let row = 0;
  for (const end of entities.ends) {
    for (row++; row < end; row++) if (same(row)) return false;
  }
  return true;
}

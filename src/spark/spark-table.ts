import type { DataType, Timestamp } from "apache-arrow";
import { Type, tableFromIPC } from "apache-arrow";
import { columnOf } from "../tables/column-data.ts";
import { schemaMismatch } from "../tables/load/schema-mismatch.ts";
import { requireColumns } from "../tables/prepared/prepare.ts";
import { fenlTypeOf } from "../tables/read/arrow-type.ts";
import type { SourceTable } from "../tables/read/source-table.ts";
import { checkedDefinition, type TableDefinition } from "../tables/table-definition.ts";
import { shown, TableError } from "../tables/table-error.ts";
import type { TableColumn, TableSnapshot } from "../tables/table-snapshot.ts";
import { type FenlType, isUnsigned, representationOf, sameType } from "../values/fenl-type.ts";
import type { TaskFile } from "./spark-job.ts";

/** A table as the user names it: what it is, and the paths of its Parquet files as Spark takes them. */
export interface SparkTableDefinition extends TableDefinition {
  readonly paths: readonly string[];
}

/** A file of a table, as Spark's executors found it. */
export interface FileFacts {
  /** As Spark tells it in a row's metadata. */
  readonly path: string;
  /** Spark's `xxhash64` of the path, by which rows name their file; decimal text. */
  readonly id: string;
  readonly bytes: number;
  /** The generated subsort of the first row, where it was asked for; decimal text. */
  readonly subsort: string | null;
  /** The Arrow schema, as the base64 of a stream without rows; null where it was not read. */
  readonly schema: string | null;
  /** Why the file cannot be read as Parquet. */
  readonly fault: string | null;
}

/** A column of a table's files: how Spark SQL reads it. */
export interface SparkColumn extends TableColumn {
  readonly sql: string;
}

/** A table as a query on Spark sees it. */
export interface SparkTable {
  readonly definition: SparkTableDefinition;
  readonly snapshot: TableSnapshot;
  readonly columns: readonly SparkColumn[];
  readonly files: Readonly<Record<string, TaskFile>>;
  readonly bytes: number;
  readonly warnings: readonly string[];
}

/** Files up to this size can be digested for generated subsorts: Spark reads them in one piece. */
const MOST_BYTES = 2 ** 31 - 1 - (1 << 20);

/** A table from what is known of its files. @throws TableError where they do not make one */
export function sparkTable(given: SparkTableDefinition, facts: readonly FileFacts[]): SparkTable {
  const definition = { ...checkedDefinition(given), paths: given.paths };
  const label = given.paths.join(", ");
  if (facts.length === 0) {
    throw new TableError("file", `table ${shown(given.name)}: there are no files at ${label}`, { file: label });
  }
  const sorted = facts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const generated = definition.subsortColumn === null;
  for (const file of sorted) {
    if (file.fault !== null)
      throw new TableError("format", `${file.path} cannot be read as Parquet: ${file.fault}`, { file: file.path });
    if (generated && file.bytes > MOST_BYTES) {
      const message = `${file.path} has ${file.bytes} bytes, and a table without a subsort column can have files of up to ${MOST_BYTES} on Spark; expected a subsort column, or smaller files`;
      throw new TableError("file", message, { file: file.path });
    }
  }
  const described = sorted.filter(({ schema }) => schema !== null);
  const schemas = described.map((file) => schemaOf(file));
  const { columns, warnings } = schemas[0]!;
  for (const [index, schema] of schemas.entries()) {
    if (!sameColumns(columns, schema.columns)) {
      const before = { label: described[0]!.path, columns };
      const now = { label: described[index]!.path, columns: schema.columns };
      const message = schemaMismatch(before, now, (_, expected, found) => sameType(expected, found));
      throw new TableError("schema", message, { file: described[index]!.path });
    }
  }
  const { key } = requireColumns(definition, emptySource(described[0]!.path, columns));
  const snapshot: TableSnapshot = {
    name: definition.name,
    grouping: definition.grouping ?? definition.name,
    timeColumn: definition.timeColumn,
    keyColumn: definition.keyColumn,
    keyType: key.type,
    columns: columns.map(({ name, type }) => ({ name, type })),
    files: [{ ...ANY_FILE, path: described[0]!.path }],
  };
  const files = Object.fromEntries(
    sorted.map(({ id, path, subsort }) => [id, { path, subsort: generated ? subsort : null }]),
  );
  if (Object.keys(files).length !== sorted.length)
    throw new TableError("file", `two files of ${label} have names with one hash`, { file: label });
  return { definition, snapshot, columns, files, bytes: facts.reduce((sum, file) => sum + file.bytes, 0), warnings };
}

/** What is not known of files: they may hold rows of any kind. */
const ANY_FILE = {
  rows: 1,
  firstKeyHash: "0",
  lastKeyHash: "18446744073709551615",
  firstTime: "0",
  lastTime: "0",
  distinct: false,
};

function sameColumns(a: readonly TableColumn[], b: readonly TableColumn[]): boolean {
  const types = new Map(b.map(({ name, type }) => [name, type]));
  return a.length === b.length && a.every(({ name, type }) => types.has(name) && sameType(type, types.get(name)!));
}

/** A source without rows: what can be told of its columns is told as for any other. */
function emptySource(label: string, columns: readonly TableColumn[]): SourceTable {
  return {
    label,
    rows: 0,
    columns: columns.map(({ name, type }) => ({ name, ...columnOf(type, []) })),
    contentHash: "",
    subsort: 0n,
    warnings: [],
    placeOf: (_, column) => ({ file: label, column }),
  };
}

function schemaOf(file: FileFacts): { columns: SparkColumn[]; warnings: string[] } {
  const { fields } = tableFromIPC(Buffer.from(file.schema!, "base64")).schema;
  const columns: SparkColumn[] = [];
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const { name, type: arrow } of fields) {
    if (seen.has(name)) {
      throw new TableError("format", `${file.path} has two columns named ${shown(name)}`, {
        file: file.path,
        column: name,
      });
    }
    seen.add(name);
    const mapping = fenlTypeOf(arrow);
    if (mapping.type === null) {
      warnings.push(`${file.path}, column ${shown(name)} cannot be used and was left out: ${mapping.reason}`);
      continue;
    }
    const type = typeInFiles(arrow, mapping.type);
    const obstacle = unreadable(type, true);
    if (obstacle !== null) {
      warnings.push(
        `${file.path}, column ${shown(name)} cannot be used and was left out: Spark cannot read ${obstacle}`,
      );
      continue;
    }
    if (mapping.remark !== undefined) warnings.push(`${file.path}, column ${shown(name)}: ${mapping.remark}`);
    if (isZonedNanoseconds(arrow)) {
      warnings.push(`${file.path}, column ${shown(name)}: its times are read to the microsecond, as they have a zone`);
    }
    columns.push({ name, type, sql: readingSql(name, arrow, type) });
  }
  return { columns, warnings };
}

function isZonedNanoseconds(arrow: DataType): boolean {
  return arrow.typeId === Type.Timestamp && (arrow as Timestamp).unit === 3 && Boolean((arrow as Timestamp).timezone);
}

/** The type that loading the file into a store gives: Parquet has no dates of milliseconds, and no zoned nanoseconds. */
function typeInFiles(arrow: DataType, type: FenlType): FenlType {
  if (isZonedNanoseconds(arrow)) return { kind: "timestamp_us" };
  if (type.kind === "date64") return { kind: "date32" };
  if (type.kind === "null") return { kind: "i32" };
  return isCompoundKind(type) ? insideFiles(type) : type;
}

function isCompoundKind(type: FenlType): boolean {
  return type.kind === "list" || type.kind === "map" || type.kind === "record";
}

/** Inside lists, maps and records, units of times and durations are not told apart. */
function insideFiles(type: FenlType): FenlType {
  switch (type.kind) {
    case "list":
      return { kind: "list", item: insideFiles(type.item) };
    case "map":
      return { kind: "map", key: insideFiles(type.key), value: insideFiles(type.value) };
    case "record":
      return { kind: "record", fields: type.fields.map(({ name, type: own }) => ({ name, type: insideFiles(own) })) };
    case "timestamp_s":
    case "timestamp_ms":
      return { kind: "timestamp_us" };
    case "date64":
      return { kind: "date32" };
    default:
      return type.kind.startsWith("duration_") ? { kind: "i64" } : type;
  }
}

/** What Spark cannot read of a type; null where it can. */
function unreadable(type: FenlType, top: boolean): string | null {
  switch (type.kind) {
    case "list":
      return unreadable(type.item, false);
    case "map":
      return unreadable(type.key, false) ?? unreadable(type.value, false);
    case "record":
      return type.fields.map((field) => unreadable(field.type, false)).find((one) => one !== null) ?? null;
    case "f16":
      return "half floats";
    case "u64":
    case "timestamp_ns":
      return top ? null : `${type.kind} inside lists, maps and records exactly`;
    default:
      return null;
  }
}

/** A name in Spark SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A column as the task takes it: unsigned 64-bit numbers by their bits, decimals as doubles. */
function readingSql(name: string, arrow: DataType, type: FenlType): string {
  const column = quoted(name);
  if (arrow.typeId === Type.Decimal) return `cast(${column} as double)`;
  if (isUnsigned(type) && representationOf(type) === "i64") {
    return `cast(if(${column} > 9223372036854775807BD, ${column} - 18446744073709551616BD, ${column}) as bigint)`;
  }
  if (isZonedNanoseconds(arrow)) return `cast(floor(${column} / 1000BD) as bigint)`;
  return column;
}

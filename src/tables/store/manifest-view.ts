import { join } from "node:path";
import type { FenlType } from "../../values/fenl-type.ts";
import { headPath } from "../prepared/prepared-head.ts";
import type { TableDefinition } from "../table-definition.ts";
import { nearestNames } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { PreparedFile, TableColumn, TableSnapshot } from "../table-snapshot.ts";
import type { Manifest, ManifestFile, ManifestTable, StoredMaterialization, StoredView } from "./store-manifest.ts";

/** One load of a table: a file's rows. */
export interface StoredLoad {
  readonly id: string;
  /** What was loaded, as a person would name it. */
  readonly source: string;
  /** SHA-256 of the loaded bytes, in hex. */
  readonly contentHash: string;
  readonly rows: number;
  /** ISO text. */
  readonly time: string;
  readonly dataToken: string;
}

/** A table of the store. */
export interface StoredTable {
  readonly id: string;
  readonly definition: TableDefinition;
  /** ISO text. */
  readonly createTime: string;
  /** Counts the loads. */
  readonly version: number;
  readonly rows: number;
  /** Empty before the first load. */
  readonly columns: readonly TableColumn[];
  /** Null before the first load. */
  readonly keyType: FenlType | null;
  readonly loads: readonly StoredLoad[];
}

/** What a store has at one moment. */
export interface StoreContents {
  readonly tables: readonly TableSnapshot[];
  readonly views: readonly StoredView[];
  readonly materializations: readonly StoredMaterialization[];
}

/** What a manifest tells of a store. */
export function contentsOf(manifest: Manifest, files: string): StoreContents {
  const { views, materializations = [] } = manifest;
  return { tables: snapshotOf(manifest, null, files), views, materializations };
}

/** How many rows a table has. */
export function rowsOf(table: ManifestTable): number {
  return table.loads.reduce((rows, load) => rows + load.rows, 0);
}

/** A table as the store's users see it. */
export function storedTable(manifest: Manifest, table: ManifestTable): StoredTable {
  const loads = table.loads.map((load) => ({
    id: load.id,
    source: load.source,
    contentHash: load.contentHash,
    rows: load.rows,
    time: load.time,
    dataToken: manifest.tokens[load.token]!.id,
  }));
  const { id, definition, createTime, columns, keyType } = table;
  return { id, definition, createTime, version: loads.length, rows: rowsOf(table), columns, keyType, loads };
}

/** The table of a name, or an error that lists the nearest. */
export function findTable(manifest: Manifest, name: string): ManifestTable {
  const table = manifest.tables.find((candidate) => candidate.definition.name === name);
  if (table !== undefined) return table;
  const names = manifest.tables.map((candidate) => candidate.definition.name);
  throw new TableError(
    "not-found",
    `table not found: there is no table ${shown(String(name))}${nearestNames(String(name), names)}`,
  );
}

/** All tables as of a version of the data; null is the newest. */
export function snapshotOf(manifest: Manifest, dataToken: string | null, files: string): readonly TableSnapshot[] {
  const place =
    dataToken === null ? manifest.tokens.length - 1 : manifest.tokens.findIndex(({ id }) => id === dataToken);
  if (place < 0) {
    const message = `data token not found: ${shown(String(dataToken))} is not a version of this store's data`;
    throw new TableError("not-found", message);
  }
  const gone = manifest.deletedTables.find((table) => table.createToken <= place && place < table.deleteToken);
  if (gone !== undefined) {
    const message = `the data of ${shown(dataToken!)} is not whole any more: table ${shown(gone.name)} was deleted since; expected a later data token`;
    throw new TableError("not-found", message);
  }
  return manifest.tables
    .filter((table) => table.createToken <= place)
    .map((table) => {
      const { definition } = table;
      const current = tableFiles(table, place);
      if (current === null) throw forgotten(manifest, table, dataToken!);
      const keyType: FenlType = table.keyType ?? { kind: "null" };
      return {
        name: definition.name,
        grouping: definition.grouping ?? definition.name,
        timeColumn: definition.timeColumn,
        keyColumn: definition.keyColumn,
        keyType,
        columns: table.columns,
        files: current.map((file) => preparedFile(file, files)),
      };
    });
}

/** The files with a table's rows as of a place in the manifest's tokens; null where that version was given up. */
export function tableFiles({ loads, merged = [] }: ManifestTable, place: number): readonly ManifestFile[] | null {
  const together = merged.filter(({ token }) => token <= place).at(-1);
  const rest = loads.filter(({ token }) => token <= place && (together === undefined || token > together.token));
  if (rest.some(({ rows, files }) => rows > 0 && files.length === 0)) return null;
  return [...(together?.files ?? []), ...rest.flatMap(({ files }) => files)];
}

function forgotten(manifest: Manifest, { definition, merged }: ManifestTable, dataToken: string): TableError {
  const oldest = manifest.tokens[merged![0]!.token]!.id;
  const message = `the data of ${shown(dataToken)} is not whole any more: older versions of table ${shown(definition.name)} were given up when it was compacted; expected the data token ${shown(oldest)} or a later one`;
  return new TableError("not-found", message);
}

/** All files of a table, of whatever version. */
export function allFiles({ loads, merged = [] }: ManifestTable): readonly ManifestFile[] {
  const files = new Map([...loads, ...merged].flatMap((part) => part.files.map((file) => [file.name, file])));
  return [...files.values()];
}

/** The names of all files that a manifest still needs, their heads among them. */
export function filesOf(manifest: Manifest): ReadonlySet<string> {
  const files = manifest.tables.flatMap(allFiles);
  return new Set(files.flatMap(({ name, head }) => (head === undefined ? [name] : [name, headPath(name)])));
}

/** A file with its path. */
export function preparedFile({ name, bytes: _bytes, ...file }: ManifestFile, files: string): PreparedFile {
  return { path: join(files, name), ...file };
}

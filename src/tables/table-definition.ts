import { nearest } from "../text/nearest.ts";
import { typeName } from "../values/fenl-type.ts";
import { shown, TableError } from "./table-error.ts";
import type { TableColumn } from "./table-snapshot.ts";

/** What a table is, before any data: immutable once created. */
export interface TableDefinition {
  /** An identifier that Fenl can use. */
  readonly name: string;
  readonly timeColumn: string;
  readonly keyColumn: string;
  /** Absent: generated from the file's bytes and the row's place in it. */
  readonly subsortColumn?: string | null;
  /** What the entities are; tables of one grouping can be combined. Absent: the table's own name. */
  readonly grouping?: string | null;
  /** The types of columns; of the others they are told from the files. */
  readonly columns?: readonly TableColumn[];
}

const KEYWORDS = new Set(["let", "in", "and", "or", "as", "const", "true", "false", "null"]);

/** Fails unless a name is one that Fenl can use; `what` is `table` or `view`. */
export function requireIdentifier(what: string, name: string): void {
  if (typeof name !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > 255) {
    const found = typeof name === "string" ? shown(name) : String(name);
    const message = `${found} cannot be the name of a ${what}: expected letters, digits and underscores, not starting with a digit, at most 255`;
    throw new TableError("name", message);
  }
  if (KEYWORDS.has(name)) {
    throw new TableError("name", `${shown(name)} cannot be the name of a ${what}: it is a word of the Fenl language`);
  }
}

/** A definition as it is kept, or an error that says what is wrong with it. */
export function checkedDefinition(definition: TableDefinition): TableDefinition {
  const { name, timeColumn, keyColumn } = definition;
  requireIdentifier("table", name);
  const subsortColumn = definition.subsortColumn ?? null;
  const grouping = definition.grouping || null;
  for (const [role, column] of [
    ["time", timeColumn],
    ["entity key", keyColumn],
    ["subsort", subsortColumn ?? "none"],
  ]) {
    if (typeof column !== "string") {
      throw new TableError("name", `table ${shown(name)} needs the name of its ${role} column`);
    }
  }
  const columns = (definition.columns ?? []).map((column) => ({ name: column.name, type: column.type }));
  const twice = columns.find((column, index) => columns.findIndex((other) => other.name === column.name) < index);
  if (twice !== undefined) {
    throw new TableError("name", `table ${shown(name)} declares column ${shown(twice.name)} twice`, {
      column: twice.name,
    });
  }
  // Without columns it is as stores of earlier versions kept it.
  return { name, timeColumn, keyColumn, subsortColumn, grouping, ...(columns.length > 0 ? { columns } : {}) };
}

/** A definition in words, for messages. */
export function describeDefinition(definition: TableDefinition): string {
  const subsort = definition.subsortColumn == null ? "generated" : shown(definition.subsortColumn);
  const grouping = definition.grouping == null ? shown(definition.name) : shown(definition.grouping);
  const columns = (definition.columns ?? []).map(({ name, type }) => `${shown(name)}: ${typeName(type)}`);
  const declared = columns.length === 0 ? "" : `, columns ${columns.join(", ")}`;
  return `time column ${shown(definition.timeColumn)}, entity key column ${shown(definition.keyColumn)}, subsort ${subsort}, grouping ${grouping}${declared}`;
}

/** The names nearest to one, as a message's ending; empty where there are none. */
export function nearestNames(name: string, candidates: Iterable<string>): string {
  const names = nearest(name, candidates);
  return names.length === 0 ? "" : `; nearest: ${names.map(shown).join(", ")}`;
}

/** The order of names in listings: by code units, whatever the locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

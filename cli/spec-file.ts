import { readFile } from "node:fs/promises";
import { type Document, LineCounter, parseAllDocuments, stringify } from "yaml";
import type { ColumnType } from "../src/api/column-types.ts";
import type { Destination } from "../src/api/materialization.ts";
import type { SliceFilter } from "../src/api/slice-filter.ts";
import { typeNamed } from "../src/functions/type-named.ts";
import { nearest } from "../src/text/nearest.ts";
import { InputFileError } from "./report-error.ts";

/** A table as a spec file states it. */
export interface TableSpec {
  readonly tableName: string;
  readonly timeColumnName: string;
  readonly entityKeyColumnName: string;
  readonly subsortColumnName: string | null;
  readonly groupingId: string | null;
  /** The types of columns that are declared. */
  readonly columns: readonly ColumnType[] | null;
}

/** A view as a spec file states it. */
export interface ViewSpec {
  readonly viewName: string;
  readonly expression: string;
}

/** A materialization as a spec file states it. */
export interface MaterializationSpec {
  readonly materializationName: string;
  readonly expression: string;
  readonly destination: Destination;
  readonly slice: SliceFilter | null;
  readonly resultBehavior: "all-results" | "final-results";
}

/** What spec files state a store to have. */
export interface Spec {
  readonly tables: readonly TableSpec[];
  readonly views: readonly ViewSpec[];
  readonly materializations: readonly MaterializationSpec[];
}

type Fields = ReadonlyMap<string, unknown>;

/** Reads the properties of one object of a file; every mistake names the file and the place. */
class SpecReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  fail(place: string, message: string): never {
    throw new InputFileError(`${this.#file}: ${place} ${message}`);
  }

  fields(value: unknown, place: string, names: readonly string[]): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fail(place, `must be a mapping with ${names.join(", ")}`);
    }
    const fields = new Map(Object.entries(value));
    for (const name of fields.keys()) {
      if (names.includes(name)) continue;
      const near = nearest(name, names, 3);
      this.fail(place, `has an unknown property '${name}'${near.length > 0 ? `; nearest: ${near.join(", ")}` : ""}`);
    }
    return fields;
  }

  list(value: unknown, place: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? value : this.fail(place, "must be a list");
  }

  text(fields: Fields, name: string, place: string): string {
    const value = fields.get(name);
    if (value === undefined || value === null) this.fail(place, `has no '${name}'`);
    if (typeof value !== "string" || value.trim() === "") this.fail(place, `needs a text as '${name}'`);
    return value;
  }

  optionalText(fields: Fields, name: string, place: string): string | null {
    return (fields.get(name) ?? "") === "" ? null : this.text(fields, name, place);
  }

  table(value: unknown, place: string): TableSpec {
    const names = ["tableName", "timeColumnName", "entityKeyColumnName", "subsortColumnName", "groupingId"];
    const fields = this.fields(value, place, [...names, "columns", "source"]);
    if (fields.get("source") != null) {
      const source = this.fields(fields.get("source"), `${place}: source`, ["kaskada"]);
      if (!source.has("kaskada")) this.fail(`${place}: source`, "must be kaskada: {}");
    }
    return {
      tableName: this.text(fields, "tableName", place),
      timeColumnName: this.text(fields, "timeColumnName", place),
      entityKeyColumnName: this.text(fields, "entityKeyColumnName", place),
      subsortColumnName: this.optionalText(fields, "subsortColumnName", place),
      groupingId: this.optionalText(fields, "groupingId", place),
      columns: this.columns(fields.get("columns"), `${place}: columns`),
    };
  }

  columns(value: unknown, place: string): ColumnType[] | null {
    const columns = this.list(value, place).map((entry, index) => {
      const fields = this.fields(entry, `${place}[${index}]`, ["name", "type"]);
      const type = this.text(fields, "type", `${place}[${index}]`);
      if (typeNamed(type) === null) this.fail(`${place}[${index}]`, `has the unknown type '${type}'`);
      return { name: this.text(fields, "name", `${place}[${index}]`), type };
    });
    return columns.length === 0 ? null : columns;
  }

  view(value: unknown, place: string): ViewSpec {
    const fields = this.fields(value, place, ["viewName", "expression"]);
    return {
      viewName: this.text(fields, "viewName", place),
      expression: this.text(fields, "expression", place),
    };
  }

  materialization(value: unknown, place: string): MaterializationSpec {
    const names = ["materializationName", "expression", "destination", "slice", "resultBehavior"];
    const fields = this.fields(value, place, names);
    const resultBehavior = this.optionalText(fields, "resultBehavior", place) ?? "final-results";
    if (resultBehavior !== "final-results" && resultBehavior !== "all-results") {
      this.fail(place, "needs all-results or final-results as 'resultBehavior'");
    }
    return {
      materializationName: this.text(fields, "materializationName", place),
      expression: this.text(fields, "expression", place),
      destination: this.destination(fields.get("destination"), `${place}: destination`),
      slice: this.slice(fields.get("slice"), `${place}: slice`),
      resultBehavior,
    };
  }

  destination(value: unknown, place: string): Destination {
    const fields = this.fields(value, place, ["objectStore", "duckdb"]);
    if (fields.size !== 1) this.fail(place, "must have objectStore or duckdb");
    if (fields.has("duckdb")) {
      const duckdb = this.fields(fields.get("duckdb"), `${place}: duckdb`, ["database", "table"]);
      return {
        database: this.text(duckdb, "database", `${place}: duckdb`),
        table: this.text(duckdb, "table", `${place}: duckdb`),
      };
    }
    const store = this.fields(fields.get("objectStore"), `${place}: objectStore`, ["fileType", "outputPrefixUri"]);
    const fileType = this.text(store, "fileType", `${place}: objectStore`)
      .replace(/^FILE_TYPE_/, "")
      .toLowerCase();
    if (fileType !== "csv" && fileType !== "parquet") {
      this.fail(`${place}: objectStore`, "needs FILE_TYPE_CSV or FILE_TYPE_PARQUET as 'fileType'");
    }
    return { fileType, outputPrefixUri: this.text(store, "outputPrefixUri", `${place}: objectStore`) };
  }

  slice(value: unknown, place: string): SliceFilter | null {
    if (value === undefined || value === null) return null;
    const fields = this.fields(value, place, ["percent", "entityKeys"]);
    const percent = fields.get("percent");
    const entityKeys = fields.get("entityKeys");
    if (fields.size === 0) return null;
    if (fields.size === 1 && typeof percent === "number") return { percent };
    if (fields.size === 1 && Array.isArray(entityKeys)) return { entityKeys };
    return this.fail(place, "must have percent (a number) or entityKeys (a list)");
  }
}

function wholeDocument(file: string, text: string): unknown {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }) as Document[];
  const content: unknown[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new InputFileError(`${file}, line ${line}, column ${col}: ${error.message}`);
    }
    content.push(document.toJS({ maxAliasCount: 100 }));
  }
  if (content.length > 1) throw new InputFileError(`${file} holds ${content.length} documents; expected one`);
  return content[0] ?? {};
}

/**
 * Reads what spec files state, all together.
 * @throws InputFileError
 */
export async function readSpec(files: readonly string[]): Promise<Spec> {
  const tables: TableSpec[] = [];
  const views: ViewSpec[] = [];
  const materializations: MaterializationSpec[] = [];
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      const reason = missing ? "there is no such file" : (error as Error).message;
      throw new InputFileError(`cannot read ${file}: ${reason}`, { cause: error });
    }
    const reader = new SpecReader(file);
    const top = reader.fields(wholeDocument(file, text), "the file", ["tables", "views", "materializations"]);
    const each = <T>(name: string, read: (value: unknown, place: string) => T): T[] =>
      reader.list(top.get(name), name).map((value, index) => read(value, `${name}[${index}]`));
    tables.push(...each("tables", (value, place) => reader.table(value, place)));
    views.push(...each("views", (value, place) => reader.view(value, place)));
    materializations.push(...each("materializations", (value, place) => reader.materialization(value, place)));
  }
  const names = [
    ...tables.map(({ tableName }) => tableName),
    ...views.map(({ viewName }) => viewName),
    ...materializations.map(({ materializationName }) => `materialization ${materializationName}`),
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InputFileError(`${files.join(", ")}: '${twice}' is stated twice`);
  return { tables, views, materializations };
}

/** A spec as a file states it. */
export function specText({ tables, views, materializations }: Spec): string {
  const given = <T extends object>(one: T) =>
    Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null));
  const file = {
    ...(tables.length > 0 ? { tables: tables.map((table) => ({ ...given(table), source: { kaskada: {} } })) } : {}),
    ...(views.length > 0 ? { views } : {}),
    ...(materializations.length > 0
      ? {
          materializations: materializations.map((one) => ({
            ...given(one),
            destination:
              "database" in one.destination
                ? { duckdb: one.destination }
                : {
                    objectStore: {
                      fileType: `FILE_TYPE_${one.destination.fileType.toUpperCase()}`,
                      outputPrefixUri: String(one.destination.outputPrefixUri),
                    },
                  },
          })),
        }
      : {}),
  };
  return stringify(file, { lineWidth: 0 });
}

import { resolve } from "node:path";
import {
  createMaterialization,
  type Destination,
  deleteMaterialization,
  listMaterializations,
  type Materialization,
} from "../src/api/materialization.ts";
import type { Session } from "../src/api/session.ts";
import { createTable, deleteTable, listTables, type Table } from "../src/api/table.ts";
import { createView, deleteView, listViews, type View } from "../src/api/view.ts";
import { typeNamed } from "../src/functions/type-named.ts";
import { typeName } from "../src/values/fenl-type.ts";
import type { MaterializationSpec, Spec, TableSpec, ViewSpec } from "./spec-file.ts";

/** What a sync does with a thing of the spec: nothing is deleted for not being stated. */
export interface Change {
  readonly kind: "table" | "view" | "materialization";
  readonly name: string;
  readonly action: "create" | "replace" | "keep";
}

/** A table's spec as `groupingId` is meant where it is left out. */
function tableText(table: TableSpec | Table): string {
  const { tableName, timeColumnName, entityKeyColumnName, subsortColumnName } = table;
  const grouping = table.groupingId ?? tableName;
  const columns = "declaredColumns" in table ? table.declaredColumns : (table.columns ?? []);
  const types = columns.map(({ name, type }) => [name, typeName(typeNamed(type) ?? { kind: "error" })]);
  return JSON.stringify([timeColumnName, entityKeyColumnName, subsortColumnName, grouping, types]);
}

function destinationText(destination: Destination): string {
  return "database" in destination
    ? JSON.stringify([resolve(String(destination.database)), destination.table])
    : JSON.stringify([destination.fileType, resolve(String(destination.outputPrefixUri))]);
}

function materializationText(one: MaterializationSpec | Materialization): string {
  const slice = "slice" in one ? one.slice : one.sliceFilter;
  return JSON.stringify([one.expression, one.resultBehavior, destinationText(one.destination), slice]);
}

function change<S, T>(
  kind: Change["kind"],
  name: string,
  spec: S,
  there: T | undefined,
  same: (spec: S, there: T) => boolean,
): Change {
  return { kind, name, action: there === undefined ? "create" : same(spec, there) ? "keep" : "replace" };
}

/** What would change for a store to be as a spec states. */
export async function planSync(spec: Spec, session: Session): Promise<Change[]> {
  const tables = new Map((await listTables({ session })).map((table) => [table.tableName, table]));
  const views = new Map((await listViews({ session })).map((view) => [view.viewName, view]));
  const all = await listMaterializations({ session });
  const materializations = new Map(all.map((one) => [one.materializationName, one]));
  return [
    ...spec.tables.map((table) =>
      change("table", table.tableName, table, tables.get(table.tableName), (a, b) => tableText(a) === tableText(b)),
    ),
    ...spec.views.map((view) =>
      change(
        "view",
        view.viewName,
        view,
        views.get(view.viewName),
        (a: ViewSpec, b: View) => a.expression === b.expression,
      ),
    ),
    ...spec.materializations.map((one) =>
      change(
        "materialization",
        one.materializationName,
        one,
        materializations.get(one.materializationName),
        (a, b) => materializationText(a) === materializationText(b),
      ),
    ),
  ];
}

/** Makes a store as a spec states: tables, then views, then materializations. What is replaced is deleted first. */
export async function applySync(spec: Spec, session: Session, told: (change: Change) => void): Promise<Change[]> {
  const changes = await planSync(spec, session);
  const actionOf = (kind: Change["kind"], name: string) =>
    changes.find((one) => one.kind === kind && one.name === name)!.action;
  for (const table of spec.tables) {
    const action = actionOf("table", table.tableName);
    if (action === "replace") await deleteTable(table.tableName, { force: true, session });
    if (action !== "keep") await createTable({ ...table, session });
    told({ kind: "table", name: table.tableName, action });
  }
  // Views may use each other in any order, so they are checked once all of them are there.
  for (const { viewName, expression } of spec.views) {
    const action = actionOf("view", viewName);
    if (action === "replace") await deleteView(viewName, { force: true, session });
    if (action !== "keep") await createView({ viewName, expression, allowMissingNames: true, session });
    told({ kind: "view", name: viewName, action });
  }
  for (const { slice, ...one } of spec.materializations) {
    const action = actionOf("materialization", one.materializationName);
    if (action === "replace") await deleteMaterialization(one.materializationName, { session });
    if (action !== "keep") await createMaterialization({ ...one, sliceFilter: slice, session });
    told({ kind: "materialization", name: one.materializationName, action });
  }
  return changes;
}

/** What of a store is exported: names, or all. */
export interface Selection {
  readonly all?: boolean;
  readonly table?: readonly string[];
  readonly view?: readonly string[];
  readonly materialization?: readonly string[];
}

/** A store, or some of it, as a spec. */
export async function exportSync(selection: Selection, session: Session): Promise<Spec> {
  const { getTable } = await import("../src/api/table.ts");
  const { getView } = await import("../src/api/view.ts");
  const { getMaterialization } = await import("../src/api/materialization.ts");
  const { all, table = [], view = [], materialization = [] } = selection;
  const tables: Table[] = all ? await listTables({ session }) : [];
  for (const name of all ? [] : table) tables.push(await getTable(name, { session }));
  const views: View[] = all ? await listViews({ session }) : [];
  for (const name of all ? [] : view) views.push(await getView(name, { session }));
  const materializations: Materialization[] = all ? await listMaterializations({ session }) : [];
  for (const name of all ? [] : materialization) materializations.push(await getMaterialization(name, { session }));
  return {
    tables: tables.map((table) => ({
      tableName: table.tableName,
      timeColumnName: table.timeColumnName,
      entityKeyColumnName: table.entityKeyColumnName,
      subsortColumnName: table.subsortColumnName,
      groupingId: table.groupingId === table.tableName ? null : table.groupingId,
      columns: table.declaredColumns.length === 0 ? null : table.declaredColumns,
    })),
    views: views.map(({ viewName, expression }) => ({ viewName, expression })),
    materializations: materializations.map((one) => ({
      materializationName: one.materializationName,
      expression: one.expression,
      destination: one.destination,
      slice: one.sliceFilter,
      resultBehavior: one.resultBehavior,
    })),
  };
}

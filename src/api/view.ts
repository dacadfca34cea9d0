import { analyze } from "../analyze/analyze.ts";
import type { Store, StoredView } from "../tables/store.ts";
import { TableError } from "../tables/table-error.ts";
import { checkOptions, flag, nonEmptyText, type OptionRule, required, text } from "./argument-error.ts";
import { refuseWithDependents } from "./dependents.ts";
import { describeDiagnostics, FenlError, isError } from "./fenl-error.ts";
import { type Session, sessionOption, sessionOrDefault } from "./session.ts";

/** A named Fenl expression that queries and other views can use. */
export interface View {
  readonly viewName: string;
  readonly expression: string;
  readonly createTime: Date;
}

interface InSession {
  /** Default: the living session, or a new one with the defaults. */
  readonly session?: Session | null;
}

/** A view, by its name or as an answer of these functions. */
export type ViewLike = string | { readonly viewName: string };

const viewRule: OptionRule = {
  expected: "the name of a view, or a view",
  holds: (value) => {
    const name = nameOf(value as ViewLike);
    return typeof name === "string" && name !== "";
  },
};

function nameOf(view: ViewLike): string {
  return typeof view === "string" ? view : view.viewName;
}

function describe(stored: StoredView): View {
  return { viewName: stored.name, expression: stored.expression, createTime: new Date(stored.createTime) };
}

/** Codes about the type of a query's result; a view may have any type. */
const RESULT_CODES: ReadonlySet<string> = new Set(["E0013"]);

function check(store: Store, name: string, expression: string): void {
  const views = store.listViews().filter((view) => view.name !== name);
  const tables = store.snapshot();
  const { diagnostics, sources } = analyze(expression, { tables, views });
  const wrong = diagnostics.filter((diagnostic) => !RESULT_CODES.has(diagnostic.code));
  if (wrong.some(isError)) throw new FenlError(describeDiagnostics(wrong, sources));
}

/**
 * Creates a view. The same view again is no error; another expression under its name is.
 * @throws FenlError when the expression is wrong
 */
export async function createView(
  options: { readonly viewName: string; readonly expression: string } & InSession,
): Promise<View> {
  checkOptions("createView", options, {
    viewName: required(nonEmptyText),
    expression: required(nonEmptyText),
    session: sessionOption,
  });
  const { store } = await sessionOrDefault(options.session);
  const { viewName, expression } = options;
  if (store.listTables().some((table) => table.definition.name === viewName)) {
    throw new TableError("name", `'${viewName}' is a table already, so it cannot be a view.`);
  }
  check(store, viewName, expression);
  return describe(await store.createView(viewName, expression));
}

/** The session's views whose names contain `search`, by name. */
export async function listViews(options: { readonly search?: string | null } & InSession = {}): Promise<View[]> {
  checkOptions("listViews", options, { search: text, session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  return store.listViews(options.search ?? undefined).map(describe);
}

/** One view. */
export async function getView(view: ViewLike, options: InSession = {}): Promise<View> {
  checkOptions("getView", { ...options, view }, { view: required(viewRule), session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  return describe(store.getView(nameOf(view)));
}

/** Deletes a view. Where other views use it, `force` is needed. */
export async function deleteView(
  view: ViewLike,
  options: { readonly force?: boolean | null } & InSession = {},
): Promise<void> {
  checkOptions("deleteView", { ...options, view }, { view: required(viewRule), force: flag, session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  const name = nameOf(view);
  if (!options.force) {
    store.getView(name);
    refuseWithDependents("view", name, store.listViews());
  }
  await store.deleteView(name);
}

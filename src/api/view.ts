import { analyze } from "../analyze/analyze.ts";
import type { Store, StoreContents, StoredView } from "../tables/store/store.ts";
import { checkOptions, flag, nonEmptyText, type OptionRule, required } from "./argument-error.ts";
import { freeNames, refuseWithDependents } from "./dependents.ts";
import { describeDiagnostics, FenlError, isError } from "./fenl-error.ts";
import { type Listing, type ListOptions, listRules, pageByName } from "./listing.ts";
import { type Session, sessionOption, sessionOrDefault } from "./session.ts";

/** A named Fenl expression that queries and other views can use. */
export interface View {
  readonly viewName: string;
  readonly expression: string;
  /** The names of tables and views that the expression uses itself. */
  readonly freeNames: readonly string[];
  /** Those of them that there are not. */
  readonly missingNames: readonly string[];
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

function describe({ name, expression, createTime }: StoredView, store: Store): View {
  const free = freeNames(expression);
  const known = new Set([
    ...store.listTables().map((table) => table.definition.name),
    ...store.listViews().map((view) => view.name),
  ]);
  const missingNames = free.filter((one) => !known.has(one));
  return { viewName: name, expression, freeNames: free, missingNames, createTime: new Date(createTime) };
}

/** Codes about the type of a query's result; a view may have any type. */
const RESULT_CODES: ReadonlySet<string> = new Set(["E0013"]);

/** The code for a name that there is not. */
const MISSING_CODE = "E0006";

function check(contents: StoreContents, name: string, expression: string, allowMissingNames: boolean): void {
  // The view is among the others, so that one that comes back to itself is told.
  const views = [...contents.views.filter((view) => view.name !== name), { name, expression }];
  const { tables } = contents;
  const { diagnostics, sources } = analyze(expression, { tables, views });
  const wrong = diagnostics.filter((diagnostic) => !RESULT_CODES.has(diagnostic.code));
  const missing = wrong.filter(({ code }) => code === MISSING_CODE);
  const tolerated = allowMissingNames && missing.length > 0 && wrong.filter(isError).length === missing.length;
  if (wrong.some(isError) && !tolerated) throw new FenlError(describeDiagnostics(wrong, sources));
}

/** Options of {@link createView}. */
export interface CreateViewOptions extends InSession {
  readonly viewName: string;
  readonly expression: string;
  /** Whether the expression may use tables and views that are created later; default no. */
  readonly allowMissingNames?: boolean | null;
}

/**
 * Creates a view. The same view again is no error; another expression under its name is.
 * @throws FenlError when the expression is wrong
 */
export async function createView(options: CreateViewOptions): Promise<View> {
  checkOptions("createView", options, {
    viewName: required(nonEmptyText),
    expression: required(nonEmptyText),
    allowMissingNames: flag,
    session: sessionOption,
  });
  const { store, log } = await sessionOrDefault(options.session);
  const { viewName, expression } = options;
  const created = await store.createView(viewName, expression, (contents) => {
    check(contents, viewName, expression, options.allowMissingNames ?? false);
  });
  log?.add("create view", { view: viewName, expression });
  return describe(created, store);
}

/** The session's views whose names contain `search`, by name. */
export async function listViews(options: ListOptions & InSession = {}): Promise<Listing<View>> {
  checkOptions("listViews", options, { ...listRules, session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  const views = store.listViews(options.search ?? undefined).map((view) => describe(view, store));
  return pageByName("listViews", views, ({ viewName }) => viewName, options);
}

/** One view. */
export async function getView(view: ViewLike, options: InSession = {}): Promise<View> {
  checkOptions("getView", { ...options, view }, { view: required(viewRule), session: sessionOption });
  const { store } = await sessionOrDefault(options.session);
  return describe(store.getView(nameOf(view)), store);
}

/** Deletes a view. Where views or materializations use it, `force` is needed. */
export async function deleteView(
  view: ViewLike,
  options: { readonly force?: boolean | null } & InSession = {},
): Promise<void> {
  checkOptions("deleteView", { ...options, view }, { view: required(viewRule), force: flag, session: sessionOption });
  const { store, log } = await sessionOrDefault(options.session);
  const name = nameOf(view);
  await store.deleteView(name, options.force ? undefined : refuseWithDependents("view", name));
  log?.add("delete view", { view: name });
}

import { byText, nearestNames, requireIdentifier } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { Commits, ContentsCheck } from "./store-commits.ts";
import type { Manifest, StoredView } from "./store-manifest.ts";

/** The views of a store, as its manifest keeps them. */
export class StoreViews {
  private readonly commits: Commits;

  constructor(commits: Commits) {
    this.commits = commits;
  }

  /** The same view again is no error, another expression under its name is. */
  async create(name: string, expression: string, check?: ContentsCheck): Promise<StoredView> {
    requireIdentifier("view", name);
    const manifest = await this.commits.commit((before) => {
      if (before.tables.some((table) => table.definition.name === name)) {
        throw new TableError("name", `${shown(name)} is the name of a table already; expected another name`);
      }
      check?.(this.commits.contents(before));
      const there = before.views.find((view) => view.name === name);
      if (there?.expression === expression) return null;
      if (there !== undefined) {
        const message = `view already exists: ${shown(name)} is ${shown(there.expression)}, and the new expression is ${shown(expression)}; delete the view first, or use another name`;
        throw new TableError("name", message);
      }
      return { ...before, views: [...before.views, { name, expression, createTime: new Date().toISOString() }] };
    });
    return find(manifest, name);
  }

  /** The view of a name, or an error that lists the nearest. */
  get(name: string): StoredView {
    return find(this.commits.manifest(), name);
  }

  /** Those whose names contain `search`, by name. */
  list(search: string): readonly StoredView[] {
    const found = this.commits.manifest().views.filter((view) => view.name.includes(search));
    return found.sort((a, b) => byText(a.name, b.name));
  }

  async delete(name: string, check?: ContentsCheck): Promise<void> {
    await this.commits.commit((before) => {
      const view = find(before, name);
      check?.(this.commits.contents(before));
      return { ...before, views: before.views.filter((other) => other !== view) };
    });
  }
}

function find(manifest: Manifest, name: string): StoredView {
  const view = manifest.views.find((candidate) => candidate.name === name);
  if (view !== undefined) return view;
  const near = nearestNames(
    String(name),
    manifest.views.map((candidate) => candidate.name),
  );
  throw new TableError("not-found", `view not found: there is no view ${shown(String(name))}${near}`);
}

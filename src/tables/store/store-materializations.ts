import { randomUUID } from "node:crypto";
import { byText, nearestNames, requireIdentifier } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { Commits, ContentsCheck } from "./store-commits.ts";
import type { Manifest, StoredMaterialization } from "./store-manifest.ts";

/** What a materialization is, before it is made. */
export type MaterializationDefinition = Pick<
  StoredMaterialization,
  "name" | "expression" | "destination" | "resultBehavior" | "slice"
>;

function definitionText({ name, expression, destination, resultBehavior, slice }: MaterializationDefinition): string {
  return JSON.stringify([name, expression, destination, resultBehavior, slice ?? null]);
}

/** What a run of a materialization changes of its record. */
export type MaterializationOutcome = Partial<Pick<StoredMaterialization, "lastRun" | "failure">>;

/** The materializations of a store, as its manifest keeps them. */
export class StoreMaterializations {
  private readonly commits: Commits;

  constructor(commits: Commits) {
    this.commits = commits;
  }

  /**
   * The same materialization again is no error, another one under its name is. `check` sees what the store has at the
   * moment of the creation; where it throws, nothing is created.
   */
  async create(definition: MaterializationDefinition, check?: ContentsCheck): Promise<StoredMaterialization> {
    requireIdentifier("materialization", definition.name);
    const manifest = await this.commits.commit((before) => {
      check?.(this.commits.contents(before));
      const all = before.materializations ?? [];
      const there = all.find((candidate) => candidate.name === definition.name);
      if (there !== undefined) {
        if (definitionText(there) === definitionText(definition)) return null;
        const message = `materialization already exists: ${shown(definition.name)} has another definition; delete it first, or use another name`;
        throw new TableError("name", message);
      }
      const added: StoredMaterialization = {
        ...definition,
        slice: definition.slice ?? null,
        id: randomUUID(),
        createTime: new Date().toISOString(),
        lastRun: null,
        failure: null,
      };
      return { ...before, materializations: [...all, added] };
    });
    return find(manifest, definition.name);
  }

  /** The materialization of a name, or an error that lists the nearest. */
  get(name: string): StoredMaterialization {
    return find(this.commits.manifest(), name);
  }

  /** Those whose names contain `search`, by name. */
  list(search = ""): readonly StoredMaterialization[] {
    return [...(this.commits.manifest().materializations ?? [])]
      .filter(({ name }) => name.includes(search))
      .sort((a, b) => byText(a.name, b.name));
  }

  /** Deletes a materialization; its output stays where it is. */
  async delete(name: string): Promise<void> {
    await this.commits.commit((before) => {
      const gone = find(before, name);
      return { ...before, materializations: before.materializations!.filter(({ id }) => id !== gone.id) };
    });
  }

  /** Keeps what a materialization did; nothing where it was deleted meanwhile. */
  async record(id: string, outcome: MaterializationOutcome): Promise<void> {
    await this.commits.commit((before) => {
      const all = before.materializations ?? [];
      if (!all.some((candidate) => candidate.id === id)) return null;
      const next = all.map((candidate) => (candidate.id === id ? { ...candidate, ...outcome } : candidate));
      return { ...before, materializations: next };
    });
  }
}

function find(manifest: Manifest, name: string): StoredMaterialization {
  const all = manifest.materializations ?? [];
  const found = all.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const near = nearestNames(
    String(name),
    all.map((candidate) => candidate.name),
  );
  const message = `materialization not found: there is no materialization ${shown(String(name))}${near}`;
  throw new TableError("not-found", message);
}

import { randomUUID } from "node:crypto";
import type { TableDefinition } from "../table-definition.ts";
import { byText, checkedDefinition, describeDefinition } from "../table-definition.ts";
import { shown, TableError } from "../table-error.ts";
import type { StoredTable } from "./manifest-view.ts";
import { findTable, storedTable } from "./manifest-view.ts";
import type { Commits, ContentsCheck } from "./store-commits.ts";
import type { ManifestTable } from "./store-manifest.ts";
import { newToken } from "./store-manifest.ts";

/** The tables of a store, as its manifest keeps them; their data comes with loads. */
export class StoreTables {
  private readonly commits: Commits;

  constructor(commits: Commits) {
    this.commits = commits;
  }

  /** The same definition again gives the table that is there. */
  async create(definition: TableDefinition): Promise<StoredTable> {
    const checked = checkedDefinition(definition);
    const manifest = await this.commits.commit((before) => {
      const there = before.tables.find((table) => table.definition.name === checked.name);
      if (there !== undefined) {
        if (JSON.stringify(there.definition) === JSON.stringify(checked)) return null;
        const message = `table already exists: ${shown(checked.name)} has ${describeDefinition(there.definition)}, and the new definition has ${describeDefinition(checked)}; delete the table first, or use another name`;
        throw new TableError("name", message);
      }
      if (before.views.some((view) => view.name === checked.name)) {
        throw new TableError("name", `${shown(checked.name)} is the name of a view already; expected another name`);
      }
      const table: ManifestTable = {
        id: randomUUID(),
        definition: checked,
        createTime: new Date().toISOString(),
        createToken: before.tokens.length - 1,
        columns: checked.columns ?? [],
        keyType: checked.columns?.find(({ name }) => name === checked.keyColumn)?.type ?? null,
        loads: [],
      };
      return { ...before, tables: [...before.tables, table] };
    });
    return storedTable(manifest, findTable(manifest, checked.name));
  }

  /** The table of a name, or an error that lists the nearest. */
  get(name: string): StoredTable {
    const manifest = this.commits.manifest();
    return storedTable(manifest, findTable(manifest, name));
  }

  /** Those whose names contain `search`, by name. */
  list(search: string): readonly StoredTable[] {
    const manifest = this.commits.manifest();
    return manifest.tables
      .filter((table) => table.definition.name.includes(search))
      .map((table) => storedTable(manifest, table))
      .sort((a, b) => byText(a.definition.name, b.definition.name));
  }

  async delete(name: string, check?: ContentsCheck): Promise<{ readonly dataToken: string }> {
    const manifest = await this.commits.commit((before) => {
      const table = findTable(before, name);
      check?.(this.commits.contents(before));
      const deleted = { name, createToken: table.createToken, deleteToken: before.tokens.length };
      return {
        ...before,
        tokens: [...before.tokens, newToken()],
        tables: before.tables.filter((other) => other !== table),
        deletedTables: [...before.deletedTables, deleted],
      };
    });
    return { dataToken: manifest.tokens.at(-1)!.id };
  }
}

import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storeFailure } from "../store-failure.ts";

/** A query that was run; `detail` is its caller's, as JSON. */
export interface StoredQuery {
  readonly id: string;
  readonly expression: string;
  readonly dataToken: string;
  /** ISO text. */
  readonly createTime: string;
  readonly detail: unknown;
}

const KEPT = 1000;
const COMPACT_BYTES = 1 << 22;

/** The queries that were run against a store, a line each in a file that is only appended to; the newest are kept. */
export class QueryLog {
  private readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, "queries.jsonl");
  }

  add(query: Omit<StoredQuery, "id" | "createTime">): StoredQuery {
    const { expression, dataToken, detail } = query;
    const stored: StoredQuery = {
      id: randomUUID(),
      expression,
      dataToken,
      createTime: new Date().toISOString(),
      detail: detail ?? null,
    };
    try {
      appendFileSync(this.path, `${JSON.stringify(stored)}\n`);
    } catch (error) {
      throw storeFailure("write", this.path, error);
    }
    return stored;
  }

  /** The oldest first. A line that a killed process left unfinished is passed over. */
  list(): StoredQuery[] {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw storeFailure("read", this.path, error);
    }
    const queries: StoredQuery[] = [];
    for (const line of text.split("\n").slice(-KEPT - 1)) {
      try {
        if (line !== "") queries.push(JSON.parse(line) as StoredQuery);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    return queries;
  }

  /** Drops old queries from a file that has grown; the caller holds the store's lock. */
  compact(): void {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    if (stat === undefined || stat.size < COMPACT_BYTES) return;
    const draft = `${this.path}.${randomUUID()}`;
    writeFileSync(
      draft,
      this.list()
        .map((query) => `${JSON.stringify(query)}\n`)
        .join(""),
    );
    renameSync(draft, this.path);
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** A folder and a DuckDB in memory for the tests of the suite that calls it; both are gone afterwards. */
export class DuckDbReader {
  #folder = "";
  #instance!: DuckDBInstance;
  #connection!: DuckDBConnection;

  /** `name`: what the folder's name begins with. */
  constructor(name: string) {
    before(async () => {
      this.#folder = mkdtempSync(join(tmpdir(), name));
      this.#instance = await DuckDBInstance.create();
      this.#connection = await this.#instance.connect();
    });
    after(() => {
      this.#connection.closeSync();
      this.#instance.closeSync();
      rmSync(this.#folder, { recursive: true });
    });
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  query(sql: string) {
    return this.#connection.runAndReadAll(sql);
  }

  /** The names and types of a file's columns. */
  async schemaOf(path: string) {
    return (await this.query(`DESCRIBE FROM '${path}'`)).getRowsJson();
  }
}

import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { discard } from "../discard.ts";
import { storeFailure } from "../store-failure.ts";
import { writeNewFile } from "../write-new-file.ts";
import { filesOf } from "./manifest-view.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { isAlive, thisProcess } from "./process-identity.ts";
import type { Manifest } from "./store-manifest.ts";

/** After so long a session that was never entered, or one of another host, counts as gone. */
const DRAFT_LIFE_MS = 3_600_000;
const FOREIGN_LIFE_MS = 7 * 86_400_000;

/** The processes that have a store open, each with a directory for loads that are not committed yet. */
export class StoreSessions {
  readonly id = randomUUID();
  private readonly ownStaging: string;
  private begun = false;
  private readonly sessions: string;
  private readonly stagings: string;
  private readonly files: string;
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    this.sessions = join(directory, "sessions");
    this.stagings = join(directory, "staging");
    this.files = join(directory, "files");
    this.ownStaging = join(this.stagings, this.id);
  }

  /** Where this session prepares loads; it begins if it could not before. */
  staging(): string {
    try {
      this.begin();
    } catch (error) {
      throw storeFailure("write to the store in", this.directory, error);
    }
    return this.ownStaging;
  }

  /** Makes the store's directories and enters this session. */
  begin(): void {
    if (this.begun) return;
    for (const directory of [this.sessions, this.stagings, this.files]) mkdirSync(directory, { recursive: true });
    const draft = join(this.sessions, `.${this.id}`);
    discard(draft);
    writeNewFile(draft, Buffer.from(JSON.stringify(thisProcess)), false);
    renameSync(draft, join(this.sessions, this.id));
    mkdirSync(this.ownStaging, { recursive: true });
    this.begun = true;
  }

  end(): void {
    discard(this.ownStaging);
    discard(join(this.sessions, this.id));
  }

  /**
   * Removes what killed processes left behind, and, when no other session could still read them, files that no
   * version of the data has any more. The caller holds the store's lock.
   */
  sweep(manifest: Manifest): void {
    const living = new Set<string>();
    for (const id of readdirSync(this.sessions)) {
      // Who is not entered yet reads nothing before, and then what the manifest has.
      if (id.startsWith(".") && this.isDraft(id)) continue;
      if (this.isLiving(id)) living.add(id);
      else discard(join(this.sessions, id));
    }
    for (const id of readdirSync(this.stagings)) {
      if (!living.has(id)) discard(join(this.stagings, id));
    }
    for (const name of readdirSync(this.directory)) {
      if (/^(manifest(\.previous)?\.json|queries\.jsonl)\.[0-9a-f-]{36}$/.test(name)) {
        discard(join(this.directory, name));
      }
    }
    living.delete(this.id);
    if (living.size > 0) return;
    const known = filesOf(manifest);
    for (const name of readdirSync(this.files)) if (!known.has(name)) discard(join(this.files, name));
  }

  /** Whether a process may still be about to enter its session. */
  private isDraft(id: string): boolean {
    const stat = statSync(join(this.sessions, id), { throwIfNoEntry: false });
    return stat !== undefined && Date.now() - stat.mtimeMs < DRAFT_LIFE_MS;
  }

  private isLiving(id: string): boolean {
    const path = join(this.sessions, id);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || id.startsWith(".")) return false;
    const age = Date.now() - stat.mtimeMs;
    try {
      return isAlive(JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity) ?? age < FOREIGN_LIFE_MS;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }
}

import { resolve } from "node:path";
import { WriteError } from "../frames/write-file.ts";
import { openStore, type Store } from "../tables/store/store.ts";
import { ArgumentError, type OptionRule, shownValue } from "./argument-error.ts";
import { SessionLog } from "./session-log.ts";
import type { SliceFilter } from "./slice-filter.ts";

/** A session: the tables, views and queries of one store. Ends with `stop()`; a process has one at a time. */
export class Session {
  readonly name: string | null;
  readonly clientId: string | null;
  /** True when the session's tables are gone at its end. */
  readonly inMemory: boolean;
  readonly store: Store;
  /** Where the session writes what it does; null where it does not. */
  readonly log: SessionLog | null;
  /** The slice of queries that name none. */
  defaultSlice: SliceFilter | null = null;
  /** Bytes that the rows of queries and materializations may take, about, where these say nothing; null: a quarter of the machine's memory. */
  memoryLimit: number | null = null;

  constructor(
    store: Store,
    labels: { name: string | null; clientId: string | null; inMemory: boolean },
    log: SessionLog | null = null,
  ) {
    this.store = store;
    this.log = log;
    this.name = labels.name;
    this.clientId = labels.clientId;
    this.inMemory = labels.inMemory;
  }

  /** The folder of the session's store. */
  get path(): string {
    return this.store.directory;
  }

  /** Ends the session; an in-memory one forgets its tables. Stopping twice is no error. */
  async stop(): Promise<void> {
    if (living !== null && (await living) === this) {
      living = null;
      this.log?.add("stop");
    }
    await this.store.close();
  }
}

let living: Promise<Session> | null = null;

function checkText(method: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new ArgumentError(`LocalBuilder.${method} takes a text that is not empty, but got ${shownValue(value)}.`);
}

function checkFlag(method: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ArgumentError(`LocalBuilder.${method} takes true or false, but got ${shownValue(value)}.`);
}

/** Builds the session: `await new LocalBuilder().build()` keeps tables on disk, `.inMemory(true)` forgets them. */
export class LocalBuilder {
  #path: string | undefined;
  #inMemory = false;
  #name: string | null = null;
  #clientId: string | null = null;
  #logs: string | null = null;
  #memoryLimit: number | null = null;

  /** The folder that holds the tables; default `$FENL_HOME`, else `~/.cache/fenl`. */
  path(folder: string): this {
    this.#path = checkText("path", folder);
    return this;
  }

  /** Whether tables are forgotten when the session stops or the process ends. */
  inMemory(forget: boolean): this {
    this.#inMemory = checkFlag("inMemory", forget);
    return this;
  }

  /** A label of the session, for people. */
  name(name: string): this {
    this.#name = checkText("name", name);
    return this;
  }

  /** A label of the client, for people. */
  clientId(id: string): this {
    this.#clientId = checkText("clientId", id);
    return this;
  }

  /** The folder for `fenl.log`, with a line for what the session does; default: none is written. */
  logs(folder: string): this {
    this.#logs = checkText("logs", folder);
    return this;
  }

  /** Bytes that the rows of queries and materializations may take, about; default a quarter of the machine's memory. */
  memoryLimit(bytes: number): this {
    if (!Number.isSafeInteger(bytes) || bytes < 1_000_000) {
      const expected = "a whole number of bytes from 1000000";
      throw new ArgumentError(`LocalBuilder.memoryLimit takes ${expected}, but got ${shownValue(bytes)}.`);
    }
    this.#memoryLimit = bytes;
    return this;
  }

  /** Opens the session, or gives the living one whatever its options. */
  async build(): Promise<Session> {
    if (living === null) {
      const opening = this.#open();
      living = opening;
      opening.catch(() => {
        if (living === opening) living = null;
      });
    }
    return await living;
  }

  async #open(): Promise<Session> {
    const session = await openSession(this.#path, this.#inMemory, this.#name, this.#clientId, this.#logs);
    session.memoryLimit = this.#memoryLimit;
    return session;
  }
}

async function openSession(
  path: string | undefined,
  inMemory: boolean,
  name: string | null,
  clientId: string | null,
  logs: string | null,
): Promise<Session> {
  const store = await openStore(inMemory ? { inMemory } : path === undefined ? {} : { directory: path });
  try {
    const log = logs === null ? null : new SessionLog(resolve(logs));
    log?.add("open", { store: store.directory, name, clientId });
    return new Session(store, { name, clientId, inMemory }, log);
  } catch (error) {
    await store.close();
    throw new WriteError(resolve(String(logs)), (error as Error).message, error);
  }
}

/** The living session, or null. */
export async function livingSession(): Promise<Session | null> {
  return living;
}

/** The living session; without one, a session with the defaults is built. */
export async function sessionOrDefault(session?: Session | null): Promise<Session> {
  return session ?? (await new LocalBuilder().build());
}

/** The option that names a session other than the living one; it may come from another copy of this module. */
export const sessionOption: OptionRule = {
  expected: "a session",
  holds: (value) => typeof value === "object" && value !== null && "store" in value && "stop" in value,
};

import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { discard } from "../discard.ts";
import { storeFailure } from "../store-failure.ts";
import { TableError } from "../table-error.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { isAlive, thisProcess } from "./process-identity.ts";

/** After so long without a sign a holder on another host counts as gone: a lock is held for a commit only. */
const FOREIGN_HOLD_MS = 120_000;
const DRAFT_LIFE_MS = 3_600_000;
/** How often, and how soon after each other, it is tried to free a lock on a disk that fails. */
const FREE_TRIES = 100;
const FREE_PAUSE_MS = 100;
const FREE = JSON.stringify({ free: true });

/** Locks that this process has let go of while their files could not be changed. */
const released = new Set<string>();

interface Holder extends ProcessIdentity {
  readonly since: string;
}

/**
 * The writers' lock of a store. Locks are files numbered upwards; who owns the greatest number holds the lock, until
 * the file says that it is free or its owner is dead. A number is taken with a hard link, which only one process can
 * make, and the greatest is never removed, so that no one can take a number twice.
 */
export class StoreLock {
  private readonly directory: string;

  constructor(store: string) {
    this.directory = join(store, "locks");
  }

  /** Runs an action while no other writer does; waits for up to `timeout` milliseconds. */
  async hold<T>(timeout: number, action: () => T | Promise<T>): Promise<T> {
    // Written before the action, so that a disk that it fills cannot keep the lock from being freed.
    const freed = this.freeDraft();
    let number: number;
    try {
      number = await this.take(timeout);
    } catch (error) {
      discard(freed);
      throw error;
    }
    try {
      return await action();
    } finally {
      this.free(this.path(number), freed, FREE_TRIES);
    }
  }

  private freeDraft(): string {
    try {
      mkdirSync(this.directory, { recursive: true });
      return this.draft(FREE);
    } catch (error) {
      throw storeFailure("lock the store for writing in", this.directory, error);
    }
  }

  /** Frees the lock. Where the disk fails the action stands, this process knows, and the others are told a bit later. */
  private free(path: string, draft: string, tries: number): void {
    try {
      renameSync(draft, path);
      released.delete(path);
    } catch {
      released.add(path);
      if (tries > 0) globalThis.setTimeout(() => this.free(path, draft, tries - 1), FREE_PAUSE_MS).unref();
    }
  }

  private path(number: number): string {
    return join(this.directory, String(number));
  }

  private draft(content: string): string {
    const path = join(this.directory, `.${randomUUID()}`);
    try {
      writeFileSync(path, content);
    } catch (error) {
      discard(path);
      throw error;
    }
    return path;
  }

  private numbers(): number[] {
    return readdirSync(this.directory)
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number);
  }

  private async take(timeout: number): Promise<number> {
    const until = performance.now() + timeout;
    for (let pause = 2; ; pause = Math.min(pause * 1.5, 100)) {
      let holder: Holder | null;
      try {
        mkdirSync(this.directory, { recursive: true });
        const greatest = Math.max(0, ...this.numbers());
        holder = greatest === 0 ? null : this.holderOf(greatest);
        if (holder === null && this.tryNumber(greatest + 1)) return greatest + 1;
      } catch (error) {
        throw storeFailure("lock the store for writing in", this.directory, error);
      }
      if (performance.now() > until) throw this.busy(holder, timeout);
      await setTimeout(pause * (0.5 + Math.random()));
    }
  }

  /** Who holds the lock by this number; null when nobody does. */
  private holderOf(number: number): Holder | null {
    const path = this.path(number);
    if (released.has(path)) return null;
    try {
      const content = JSON.parse(readFileSync(path, "utf8")) as Holder & { free?: boolean };
      if (content.free) return null;
      const alive = isAlive(content);
      if (alive === null) return Date.now() - statSync(path).mtimeMs > FOREIGN_HOLD_MS ? null : content;
      return alive ? content : null;
    } catch (error) {
      // Another writer took a greater number and removed this one: look again.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { ...thisProcess, since: "" };
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }

  private tryNumber(number: number): boolean {
    const holder: Holder = { ...thisProcess, since: new Date().toISOString() };
    const draft = this.draft(JSON.stringify(holder));
    try {
      linkSync(draft, this.path(number));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      discard(draft);
    }
    try {
      const numbers = this.numbers();
      if (Math.max(...numbers) > number) {
        released.add(this.path(number));
        discard(this.path(number));
        return false;
      }
      for (const older of numbers) if (older < number) discard(this.path(older));
      this.sweepDrafts();
      return true;
    } catch (error) {
      released.add(this.path(number));
      throw error;
    }
  }

  /** Drafts of processes that died between writing and linking them. */
  private sweepDrafts(): void {
    for (const name of readdirSync(this.directory)) {
      const path = join(this.directory, name);
      const stat = name.startsWith(".") ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (stat !== undefined && Date.now() - stat.mtimeMs > DRAFT_LIFE_MS) discard(path);
    }
  }

  private busy(holder: Holder | null, timeout: number): TableError {
    const who = holder === null ? "others" : `process ${holder.pid} on ${holder.host} (since ${holder.since})`;
    const waited = `waited ${Math.round(timeout / 1000)} s`;
    const message = `the store is being written by ${who}: ${waited}; try again, or end that process`;
    return new TableError("store", message, { file: this.directory });
  }
}

import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { logLine } from "../wire/log.ts";

/** A cell that was run, as the protocol lists it. */
export interface HistoryEntry {
  readonly session: number;
  readonly line: number;
  readonly input: string;
  readonly output: string | null;
}

/** A line of the file: the start of a session, or a cell of it. */
type Line =
  | { readonly start: string }
  | { readonly of: string; readonly n: number; readonly in: string; readonly out?: string };

/** A file that grew beyond this is cut to its last half. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The cells of this session and of the sessions before it, kept in a file that several kernels append to. */
export class History {
  readonly #path: string;
  readonly #id: string;
  #started = false;
  #failed = false;
  /** What this session ran, for the case that the file cannot be written. */
  readonly #own: { n: number; input: string; output: string | null }[] = [];

  /** @param id tells this session's lines from those of other kernels. */
  constructor(path: string, id: string) {
    this.#path = path;
    this.#id = id;
  }

  /** Remembers a cell. @param output the text of its value. */
  add(n: number, input: string, output: string | null): void {
    this.#own.push({ n, input, output });
    this.#append({ of: this.#id, n, in: input, ...(output === null ? {} : { out: output }) });
  }

  /** All entries, oldest first. */
  entries(): HistoryEntry[] {
    const sessions = new Map<string, number>();
    const entries: HistoryEntry[] = [];
    const numberOf = (id: string) => {
      const number = sessions.get(id) ?? sessions.size + 1;
      sessions.set(id, number);
      return number;
    };
    for (const line of this.#read()) {
      if ("start" in line) numberOf(line.start);
      else if (line.of !== this.#id) {
        entries.push({ session: numberOf(line.of), line: line.n, input: line.in, output: line.out ?? null });
      }
    }
    const session = numberOf(this.#id);
    return [...entries, ...this.#own.map(({ n, input, output }) => ({ session, line: n, input, output }))];
  }

  /** The number of this session among the entries. */
  sessionNumber(entries: readonly HistoryEntry[]): number {
    return Math.max(1, ...entries.map(({ session }) => session));
  }

  #append(line: Line): void {
    if (this.#failed) return;
    try {
      if (!this.#started) {
        mkdirSync(dirname(this.#path), { recursive: true });
        this.#shorten();
        appendFileSync(this.#path, `${JSON.stringify({ start: this.#id })}\n`, { mode: 0o600 });
        this.#started = true;
      }
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
    } catch (error) {
      // Cells run all the same; the history of this session ends with it.
      this.#failed = true;
      logLine(`the history cannot be kept: ${(error as Error).message}`);
    }
  }

  #read(): Line[] {
    if (!existsSync(this.#path)) return [];
    const lines: Line[] = [];
    for (const text of readFileSync(this.#path, "utf8").split("\n")) {
      const line = readLine(text);
      if (line !== null) lines.push(line);
    }
    return lines;
  }

  #shorten(): void {
    if (!existsSync(this.#path) || statSync(this.#path).size <= MOST_BYTES) return;
    const text = readFileSync(this.#path, "utf8");
    const half = text.indexOf("\n", text.length / 2) + 1;
    const temporary = `${this.#path}.${process.pid}`;
    writeFileSync(temporary, text.slice(half), { mode: 0o600 });
    renameSync(temporary, this.#path);
  }
}

/** A line of the file; null for one that a killed process left half written. */
function readLine(text: string): Line | null {
  if (text === "") return null;
  try {
    const line = JSON.parse(text) as Partial<Record<"start" | "of" | "n" | "in" | "out", unknown>>;
    if (typeof line.start === "string") return { start: line.start };
    if (typeof line.of !== "string" || typeof line.n !== "number" || typeof line.in !== "string") return null;
    return { of: line.of, n: line.n, in: line.in, ...(typeof line.out === "string" ? { out: line.out } : {}) };
  } catch {
    return null;
  }
}

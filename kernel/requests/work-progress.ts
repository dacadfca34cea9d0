import { randomUUID } from "node:crypto";
import { clearTimeout, setTimeout } from "node:timers";
import { type LongWork, type WorkProgress, type WorkWatch, watchLongWork } from "../../src/api/long-work.ts";
import { escapeHtml } from "../display/escape-html.ts";
import { type CellRun, currentRun } from "./cell-run.ts";
import type { Kernel } from "./kernel.ts";

/** Of work that takes less, nothing is shown. */
const FIRST_MS = 500;
const EVERY_MS = 200;

/** Shows below a cell how far its loads and queries are, and has an interrupt of the cell stop them. */
export function showLongWork(kernel: Kernel): void {
  watchLongWork((work) => {
    const run = currentRun(kernel);
    return run === null ? null : new ShownProgress(work, run);
  });
}

/** One piece of work, as one output that is replaced while it goes on. */
class ShownProgress implements WorkWatch {
  readonly signal: AbortSignal;
  readonly #work: LongWork;
  readonly #run: CellRun;
  readonly #began = performance.now();
  readonly #displayId = randomUUID();
  readonly #stopped = () => this.#finish("stopped");
  #stepBegan = this.#began;
  #now: WorkProgress | null = null;
  #lastShown: number | null = null;
  #timer: NodeJS.Timeout | null;

  constructor(work: LongWork, run: CellRun) {
    this.#work = work;
    this.#run = run;
    this.signal = run.signal;
    run.signal.addEventListener("abort", this.#stopped, { once: true });
    this.#timer = setTimeout(() => this.#showAgain(), FIRST_MS);
  }

  progress(progress: WorkProgress): void {
    const now = performance.now();
    if (progress.step !== this.#now?.step) this.#stepBegan = now;
    this.#now = progress;
    // While rows are read no timer may come, so the time is also looked at here.
    if (now - (this.#lastShown ?? this.#began + FIRST_MS - EVERY_MS) > EVERY_MS) this.#showAgain();
  }

  ended(how: "done" | "failed"): void {
    this.#finish(how);
    this.#run.signal.removeEventListener("abort", this.#stopped);
  }

  #showAgain(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showAgain(), EVERY_MS);
    const now = performance.now();
    this.#show(`${this.#title}: ${this.#state(now)}`, this.#now?.fraction ?? null);
    this.#lastShown = now;
  }

  #finish(how: "done" | "failed" | "stopped"): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#lastShown === null) return;
    const rows = this.#now === null ? "" : `, ${count(this.#now.rows)} rows`;
    this.#show(
      `${this.#title}: ${how} after ${duration(performance.now() - this.#began)}${rows}`,
      how === "done" ? 1 : null,
    );
  }

  get #title(): string {
    return this.#work.kind === "load" ? `Loading ${this.#work.table}` : "Query";
  }

  #state(now: number): string {
    const progress = this.#now;
    if (progress === null) return `running for ${duration(now - this.#began)}`;
    const { step, rows, rowsTotal, fraction } = progress;
    const elapsed = now - this.#stepBegan;
    const parts = [`${count(rows)}${rowsTotal === null ? "" : ` of ${count(rowsTotal)}`} rows ${PAST[step]}`];
    if (fraction !== null) parts.push(`${Math.floor(fraction * 100)} %`);
    if (rows > 0 && elapsed > 0) parts.push(`${count((rows / elapsed) * 1000)} rows/s`);
    if (fraction !== null && fraction > 0 && fraction < 1) {
      parts.push(`about ${duration((elapsed / fraction) * (1 - fraction))} left`);
    }
    return parts.join(", ");
  }

  #show(text: string, fraction: number | null): void {
    const value = fraction === null ? "" : ` value="${fraction.toFixed(3)}"`;
    const label = escapeHtml(text);
    const html = `<div><progress max="1"${value} aria-label="${label}"></progress> ${label}</div>`;
    const options = { displayId: this.#displayId, update: this.#lastShown !== null };
    this.#run.display({ "text/plain": text, "text/html": html }, options);
  }
}

const PAST: Readonly<Record<WorkProgress["step"], string>> = {
  reading: "read",
  writing: "written",
  computing: "computed",
};

function count(rows: number): string {
  return Math.round(rows).toLocaleString("en-US");
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

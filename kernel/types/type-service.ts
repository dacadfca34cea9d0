import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { fileURLToPath } from "node:url";
import type { EditedCell, FromTypes, KnownCell, ToTypes, TypedCompletions, TypeProblem } from "./type-messages.ts";

/** A service that ends by itself this often is not started again. */
const MOST_FAILURES = 3;

type Answer = TypedCompletions | string | readonly TypeProblem[] | null;

/** The process that runs TypeScript's language service, seen from the kernel; it starts when it is first needed. */
export class TypeService {
  readonly #cells: KnownCell[] = [];
  #lastId = 0;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  /** Runs the kernel's own code, which no interrupt may end. */
  readonly #protect: (run: () => void) => void;
  #child: ChildProcess | null = null;
  #ready = false;
  #failures = 0;
  #requests = 0;

  constructor(protect: (run: () => void) => void) {
    this.#protect = protect;
    process.on("exit", () => this.#child?.kill("SIGKILL"));
  }

  /** Starts the process, unless it runs already or could not run before. */
  start(): void {
    if (this.#child !== null || this.#failures >= MOST_FAILURES) return;
    const child = fork(fileURLToPath(new URL("./types-process.ts", import.meta.url)), [], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child = child;
    child.on("message", (message) => this.#protect(() => this.#receive(message as FromTypes)));
    child.on("error", () => this.#protect(() => this.#ended(child)));
    child.on("exit", () => this.#protect(() => this.#ended(child)));
    // Neither the process nor the channel to it keeps a kernel alive.
    child.unref();
    child.channel?.unref();
    for (const cell of this.#cells) this.#send({ kind: "cell", cell });
  }

  /** Adds an executed text, or a declaration in place of one. @returns its number. */
  add(cell: Omit<KnownCell, "id">): number {
    const id = ++this.#lastId;
    const known = { ...cell, id };
    this.#cells.push(known);
    this.#send({ kind: "cell", cell: known });
    return id;
  }

  /** Takes back what was added last. */
  forget(id: number): void {
    if (this.#cells.at(-1)?.id === id) this.#cells.pop();
    this.#send({ kind: "forget", id });
  }

  /** Takes back all that was added. */
  forgetAll(): void {
    this.#cells.length = 0;
    this.#send({ kind: "forget all" });
  }

  /** The names that fit at a place; null when the types do not know in time. */
  async complete(cell: EditedCell, patienceMs: number): Promise<TypedCompletions | null> {
    return (await this.#askSoon({ kind: "complete", cell }, patienceMs)) as TypedCompletions | null;
  }

  /** What the types tell of a place; null when they do not know in time. */
  async explain(cell: EditedCell, patienceMs: number): Promise<string | null> {
    return (await this.#askSoon({ kind: "explain", cell }, patienceMs)) as string | null;
  }

  /** What is wrong with a text that was added; null when the service ended before it could tell. */
  async check(id: number): Promise<readonly TypeProblem[] | null> {
    this.start();
    if (this.#child === null) return null;
    const request = ++this.#requests;
    return await new Promise((resolve) => {
      this.#waiting.set(request, (answer) => resolve(answer as readonly TypeProblem[] | null));
      this.#send({ kind: "check", request, id });
    });
  }

  async #askSoon(
    question: { readonly kind: "complete" | "explain"; readonly cell: EditedCell },
    patienceMs: number,
  ): Promise<Answer> {
    this.start();
    if (!this.#ready) return null;
    const request = ++this.#requests;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(request, null), patienceMs);
      this.#waiting.set(request, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#send({ ...question, request });
    });
  }

  #send(message: ToTypes): void {
    const child = this.#child;
    // What cannot be sent any more is answered when the end of the process is noticed.
    if (child?.connected) child.send(message, () => {});
  }

  #receive(message: FromTypes): void {
    if (message.kind === "ready") this.#ready = true;
    else this.#settle(message.request, message.kind === "answer" ? message.answer : message.problems);
  }

  #settle(request: number, answer: Answer): void {
    const waiter = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiter?.(answer);
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#ready = false;
    this.#failures++;
    for (const request of [...this.#waiting.keys()]) this.#settle(request, null);
  }
}

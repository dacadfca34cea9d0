import { clearTimeout, setTimeout } from "node:timers";
import type { CellContext, CellOutput, MimeBundle } from "../cell/cell-context.ts";
import { currentCell } from "../session/current-cell.ts";
import type { LiveSession } from "../session/live-session.ts";
import type { Request } from "../wire/message.ts";
import type { WireLink } from "../wire/wire-link.ts";

/** How long text may wait for more text. */
const GATHER_MS = 20;
const MOST_GATHERED = 64 * 1024;

/** One execution: what its code can reach, and where its output goes. */
export class CellRun implements CellContext, CellOutput {
  readonly session: LiveSession;
  readonly request: Request;
  readonly executionCount: number;
  readonly silent: boolean;
  readonly #wire: WireLink;
  readonly #controller = new AbortController();
  #gathered: { name: "stdout" | "stderr"; text: string } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastFlush = Number.NEGATIVE_INFINITY;
  #muted: boolean;

  constructor(request: Request, wire: WireLink, session: LiveSession, executionCount: number, silent: boolean) {
    this.request = request;
    this.#wire = wire;
    this.session = session;
    this.executionCount = executionCount;
    this.silent = silent;
    // The protocol wants a silent execution to broadcast nothing.
    this.#muted = silent;
  }

  get output(): CellOutput {
    return this;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Tells what listens to the signal to stop. */
  abort(): void {
    this.#controller.abort();
  }

  /** Drops all output from now on: the cell was stopped and answered, though parts of it may still run. */
  mute(): void {
    this.flush();
    this.#muted = true;
  }

  stream(name: "stdout" | "stderr", text: string): void {
    if (text === "" || this.#muted) return;
    this.session.interrupts.kernelSection(() => this.#gather(name, text));
  }

  display(bundle: MimeBundle, options: { readonly displayId?: string; readonly update?: boolean } = {}): void {
    if (this.#muted) return;
    this.session.interrupts.kernelSection(() => {
      const transient = options.displayId === undefined ? {} : { display_id: options.displayId };
      const type = options.update === true ? "update_display_data" : "display_data";
      this.publish(type, { data: bundle, metadata: {}, transient });
    });
  }

  clear(wait: boolean): void {
    if (this.#muted) return;
    this.session.interrupts.kernelSection(() => this.publish("clear_output", { wait }));
  }

  /** Sends a message on iopub, after the text that was written before it. */
  publish(type: string, content: object): void {
    this.flush();
    this.#wire.send({ channel: "iopub", identities: [], type, parent: this.request.headerText, content });
  }

  /** Sends the text that waits for more. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const gathered = this.#gathered;
    if (gathered === null) return;
    this.#gathered = null;
    this.#lastFlush = performance.now();
    const { headerText: parent } = this.request;
    this.#wire.send({ channel: "iopub", identities: [], type: "stream", parent, content: gathered });
  }

  #gather(name: "stdout" | "stderr", text: string): void {
    if (this.#gathered !== null && this.#gathered.name !== name) this.flush();
    if (this.#gathered === null) this.#gathered = { name, text };
    else this.#gathered.text += text;
    // In a long loop the timer does not come, so the time is also looked at here.
    const due = performance.now() - this.#lastFlush > GATHER_MS;
    if (due || this.#gathered.text.length > MOST_GATHERED) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }
}

/** The run that the running code belongs to, or the last one when that is not known. */
export function currentRun(kernel: { readonly run: CellRun | null }): CellRun | null {
  const cell = currentCell();
  return cell instanceof CellRun ? cell : kernel.run;
}

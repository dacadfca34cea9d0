import { logLine } from "../wire/log.ts";
import type { Request } from "../wire/message.ts";
import { abortedReply } from "./execute.ts";
import type { Kernel } from "./kernel.ts";
import { requestTable } from "./table.ts";

/** Answers the requests of the shell channel one after the other, and those of control as they come. */
export class RequestServer {
  readonly #kernel: Kernel;
  #serving = false;
  #drained: (() => void) | null = null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  receive(request: Request): void {
    if (request.channel === "stdin") {
      this.#kernel.answers.received(request);
      return;
    }
    // A client may ask on control what it wants answered while a cell runs, but cells themselves wait for their turn.
    if (request.channel === "control" && request.header.msg_type !== "execute_request") {
      void this.#answer(request);
      return;
    }
    this.#kernel.waiting.push(request);
    if (!this.#serving) queueMicrotask(() => void this.#serve());
  }

  /** All that had arrived when it was asked for is here. */
  drained(): void {
    this.#drained?.();
    this.#drained = null;
  }

  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    for (let next = this.#kernel.waiting.shift(); next !== undefined; next = this.#kernel.waiting.shift()) {
      await this.#answer(next);
    }
    this.#serving = false;
  }

  async #answer(request: Request): Promise<void> {
    const { msg_type } = request.header;
    this.#status(request, "busy");
    const content = await this.#contentFor(request);
    let aborted: Request[] = [];
    if (msg_type === "execute_request" && isError(content) && request.content.stop_on_error !== false) {
      aborted = await this.#takeExecutions();
    }
    if (content !== null) this.#reply(request, content);
    this.#kernel.run?.flush();
    this.#status(request, "idle");
    for (const execution of aborted) {
      this.#status(execution, "busy");
      this.#reply(execution, abortedReply());
      this.#status(execution, "idle");
    }
  }

  async #contentFor(request: Request): Promise<object | null> {
    const { msg_type } = request.header;
    const handler = requestTable.get(msg_type);
    if (handler === undefined) {
      if (!msg_type.endsWith("_request")) return null;
      return { status: "error", ename: "NotImplementedError", evalue: `${msg_type} is not known`, traceback: [] };
    }
    try {
      return await handler(request, this.#kernel);
    } catch (error) {
      const { name, message, stack } = error as Error;
      logLine(`${msg_type} failed: ${stack ?? message}`);
      return { status: "error", ename: name, evalue: message, traceback: [] };
    }
  }

  /** The executions that a client sent together with the one that failed. */
  async #takeExecutions(): Promise<Request[]> {
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.#kernel.wire.drain();
    });
    const { waiting } = this.#kernel;
    const executions = waiting.filter(({ header }) => header.msg_type === "execute_request");
    const others = waiting.filter(({ header }) => header.msg_type !== "execute_request");
    waiting.splice(0, waiting.length, ...others);
    return executions;
  }

  #reply(request: Request, content: object): void {
    const type = request.header.msg_type.replace(/_request$/, "_reply");
    const { channel, identities, headerText: parent } = request;
    this.#kernel.wire.send({ channel, identities, type, parent, content });
  }

  #status({ headerText: parent }: Request, execution_state: "busy" | "idle"): void {
    this.#kernel.wire.send({ channel: "iopub", identities: [], type: "status", parent, content: { execution_state } });
  }
}

function isError(content: object | null): boolean {
  return content !== null && (content as { status?: unknown }).status === "error";
}

import { randomUUID } from "node:crypto";
import { ClientMessages, type KernelMessage } from "../wire/client-messages.ts";
import { ClientSockets } from "../wire/client-sockets.ts";
import { createSigner } from "../wire/signature.ts";
import type { OutputMessage } from "./cell-outputs.ts";
import { type KernelProcess, startKernelProcess } from "./kernel-process.ts";

/** A kernel that ended, or did not answer in time; the message is for the user. */
export class KernelError extends Error {
  override readonly name = "KernelError";
}

export interface ExecuteOptions {
  /** The most seconds that it may take; absent: no limit. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Takes the messages of the iopub channel that belong to the execution, in order. */
  onOutput(message: OutputMessage): void;
}

export interface ExecuteReply {
  readonly executionCount: number | null;
  readonly error: { readonly ename: string; readonly evalue: string } | null;
}

interface Pending {
  onOutput(message: OutputMessage): void;
  reply: Record<string, unknown> | null;
  idle: boolean;
  resolve(reply: Record<string, unknown>): void;
  reject(error: Error): void;
}

/** How long a kernel has to come up, to obey an interrupt, and to go. */
const START_SECONDS = 60;
const OBEY_SECONDS = 5;

/** A client of one kernel process, which it starts, speaks to over ZeroMQ, and ends. */
export class KernelClient {
  readonly #process: KernelProcess;
  readonly #sockets: ClientSockets;
  readonly #messages: ClientMessages;
  readonly #pending = new Map<string, Pending>();
  /** Why no answer can come any more. */
  #lost: string | null = null;
  #heardOutput = false;

  /** Starts a kernel in a folder. */
  static async start(options: { readonly folder: string }): Promise<KernelClient> {
    return new KernelClient(await startKernelProcess(options.folder));
  }

  private constructor(kernel: KernelProcess) {
    const { connection } = kernel;
    this.#process = kernel;
    this.#messages = new ClientMessages(createSigner(connection.key, connection.signature_scheme));
    this.#sockets = new ClientSockets(randomUUID());
    this.#sockets.connect(
      connection,
      (_channel, frames) => this.#receive(this.#messages.unpack(frames)),
      (error) => this.#lose(error.message),
    );
    kernel.ended.then(
      (written) => this.#lose(`the kernel ended unexpectedly${written === "" ? "" : `:\n${written.trimEnd()}`}`),
      (error: Error) => this.#lose(`the kernel could not be started: ${error.message}`),
    );
  }

  /** The answer to a kernel_info request, once the kernel is up and its outputs can be heard. */
  async kernelInfo(): Promise<Readonly<Record<string, unknown>>> {
    const deadline = Date.now() + START_SECONDS * 1000;
    for (;;) {
      const left = (deadline - Date.now()) / 1000;
      const info = await within(
        left,
        `the kernel did not answer in ${START_SECONDS} s`,
        this.#request("shell", "kernel_info_request", {}),
      );
      // Until the subscription has reached the kernel, outputs would be lost.
      if (this.#heardOutput) return info;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /**
   * Executes code and waits for its reply and all of its outputs.
   * @throws KernelError when the kernel ends, the time is up, or the signal aborts.
   */
  async execute(code: string, options: ExecuteOptions): Promise<ExecuteReply> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const reply = this.#request("shell", "execute_request", content, options.onOutput, true);
    const answer = await this.#stopAtLimit(reply, options);
    return {
      executionCount: typeof answer.execution_count === "number" ? answer.execution_count : null,
      error:
        answer.status === "ok"
          ? null
          : { ename: String(answer.ename ?? answer.status), evalue: String(answer.evalue ?? "") },
    };
  }

  /** Asks the kernel to end, and ends it if it does not. */
  async shutdown(): Promise<void> {
    this.#lost = "the kernel was shut down";
    if (this.#process.child.exitCode === null && this.#process.child.signalCode === null) {
      const { frames } = this.#messages.pack("shutdown_request", { restart: false });
      await this.#sockets.send("control", frames);
      const timer = setTimeout(() => this.#process.child.kill("SIGKILL"), OBEY_SECONDS * 1000);
      await this.#process.ended.catch(() => {});
      clearTimeout(timer);
    }
    this.#sockets.close();
  }

  async #stopAtLimit(
    reply: Promise<Record<string, unknown>>,
    options: ExecuteOptions,
  ): Promise<Record<string, unknown>> {
    const { timeout, signal } = options;
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    const limit = new Promise<string>((resolve) => {
      if (timeout !== undefined)
        timer = setTimeout(() => resolve(`the cell took longer than ${timeout} s`), timeout * 1000);
      stop = () => resolve("the run was interrupted");
      if (signal?.aborted) stop();
      signal?.addEventListener("abort", stop);
    });
    try {
      const first = await Promise.race([reply, limit]);
      if (typeof first !== "string") return first;
      await this.#interrupt();
      await within(OBEY_SECONDS, "", reply).catch(() => {});
      throw new KernelError(first);
    } finally {
      clearTimeout(timer);
      if (stop !== undefined) signal?.removeEventListener("abort", stop);
    }
  }

  async #interrupt(): Promise<void> {
    await this.#sockets.send("control", this.#messages.pack("interrupt_request", {}).frames);
  }

  #request(
    channel: "shell" | "control",
    type: string,
    content: object,
    onOutput: Pending["onOutput"] = () => {},
    awaitIdle = false,
  ): Promise<Record<string, unknown>> {
    if (this.#lost !== null) return Promise.reject(new KernelError(this.#lost));
    const { id, frames } = this.#messages.pack(type, content);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { onOutput, reply: null, idle: !awaitIdle, resolve, reject });
      this.#sockets.send(channel, frames).catch(reject);
    });
  }

  #receive(message: KernelMessage): void {
    const type = message.header.msg_type;
    const isReply = type.endsWith("_reply");
    this.#heardOutput ||= !isReply;
    const id = message.parentId;
    const pending = id === null ? undefined : this.#pending.get(id);
    if (pending === undefined) return;
    if (isReply) pending.reply = message.content;
    else if (type !== "status") pending.onOutput({ type, content: message.content });
    else if (message.content.execution_state === "idle") pending.idle = true;
    if (pending.reply !== null && pending.idle) {
      this.#pending.delete(id!);
      pending.resolve(pending.reply);
    }
  }

  #lose(reason: string): void {
    this.#lost ??= reason;
    for (const pending of this.#pending.values()) pending.reject(new KernelError(this.#lost));
    this.#pending.clear();
  }
}

function within<T>(seconds: number, message: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KernelError(message)), Math.max(0, seconds) * 1000);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

import { context, Reply, Router, type Socket, XPublisher } from "zeromq";
import { type Connection, socketAddress } from "./connection.ts";
import type { Outgoing, RequestChannel } from "./message.ts";

/** The high-water marks are off from the first moment: a mark set after construction lost messages. */
const UNBOUNDED = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 200 };

// Otherwise the end of the process writes a warning when the last messages go to a client that has gone.
context.blocky = false;

/** Where arriving frames go. */
export interface FrameHandlers {
  request(channel: RequestChannel, frames: Buffer[]): void;
  subscription(topic: string): void;
}

/** The five sockets of a kernel. */
export class Sockets {
  readonly #routers: Readonly<Record<RequestChannel, Router>>;
  readonly #iopub = new XPublisher({ ...UNBOUNDED, verbosity: "allSubs" });
  readonly #heartbeat = new Reply(UNBOUNDED);
  readonly #queues = new Map<Socket, { frames: (string | Uint8Array)[]; sent?: () => void }[]>();
  readonly #sending = new Map<Socket, Promise<void>>();

  constructor() {
    const router = () => new Router({ ...UNBOUNDED, handover: true });
    this.#routers = { shell: router(), control: router(), stdin: router() };
  }

  /** Opens the sockets, heartbeat last: who waits for it finds the others open. */
  async bind(connection: Connection): Promise<void> {
    for (const channel of ["shell", "control", "stdin"] as const) {
      await this.#routers[channel].bind(socketAddress(connection, channel));
    }
    await this.#iopub.bind(socketAddress(connection, "iopub"));
    await this.#heartbeat.bind(socketAddress(connection, "hb"));
  }

  /** Starts to read; returns at once. */
  listen(handlers: FrameHandlers, failed: (error: unknown) => void): void {
    for (const channel of ["shell", "control", "stdin"] as const) {
      const read = async () => {
        for await (const frames of this.#routers[channel]) handlers.request(channel, frames);
      };
      read().catch(failed);
    }
    const readSubscriptions = async () => {
      for await (const [frame] of this.#iopub) {
        if (frame !== undefined && frame[0] === 1) handlers.subscription(frame.subarray(1).toString("utf8"));
      }
    };
    readSubscriptions().catch(failed);
    const echo = async () => {
      for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
    };
    echo().catch(failed);
  }

  /** Puts frames at the end of a channel's queue. A ZeroMQ socket takes one message at a time. */
  send(channel: Outgoing["channel"], frames: (string | Uint8Array)[], sent?: () => void): void {
    const socket = channel === "iopub" ? this.#iopub : this.#routers[channel];
    let queue = this.#queues.get(socket);
    if (queue === undefined) {
      queue = [];
      this.#queues.set(socket, queue);
    }
    queue.push({ frames, sent });
    if (!this.#sending.has(socket)) {
      const pump = this.#pump(socket, queue).finally(() => this.#sending.delete(socket));
      this.#sending.set(socket, pump);
    }
  }

  async #pump(socket: Socket, queue: { frames: (string | Uint8Array)[]; sent?: () => void }[]): Promise<void> {
    const writer = socket as Router | XPublisher;
    let taken = 0;
    while (taken < queue.length) {
      const { frames, sent } = queue[taken++]!;
      try {
        await writer.send(frames);
      } catch (error) {
        // A client that went away does not get its answer; nobody else is concerned.
        const { code } = error as NodeJS.ErrnoException;
        if (socket.closed) return;
        if (code !== "EHOSTUNREACH" && code !== "EAGAIN") throw error;
      }
      sent?.();
      if (taken === 1024) {
        queue.splice(0, taken);
        taken = 0;
      }
    }
    queue.length = 0;
  }

  /** Sends what is queued and closes every socket: Node aborts when one is still open at exit. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#sending.values());
    for (const socket of [...Object.values(this.#routers), this.#iopub, this.#heartbeat]) socket.close();
  }
}

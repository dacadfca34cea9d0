import { randomUUID } from "node:crypto";
import type { WireLink } from "../wire/wire-link.ts";

/** What code in the kernel is told of a comm. */
export interface CommHandlers {
  message?(data: unknown, buffers: readonly Uint8Array[]): void;
  close?(data: unknown): void;
}

/** A line of messages between code in the kernel and code in the front end. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  send(data: unknown, buffers?: readonly Uint8Array[]): void;
  close(data?: unknown): void;
}

/** Decides what listens to a comm that the front end opens. */
export type CommTarget = (comm: Comm, data: unknown) => CommHandlers | undefined;

/** The comm targets that the kernel knows, and the comms that are open. */
export class Comms {
  readonly #wire: WireLink;
  readonly #targets = new Map<string, CommTarget>();
  readonly #open = new Map<string, { readonly comm: Comm; readonly handlers: CommHandlers }>();
  /** The header text of what is being answered, to which outgoing messages belong. */
  readonly #parent: () => string;

  constructor(wire: WireLink, parent: () => string) {
    this.#wire = wire;
    this.#parent = parent;
  }

  registerTarget(name: string, target: CommTarget): void {
    this.#targets.set(name, target);
  }

  /** Opens a comm to what the front end has registered under a target's name. */
  open(target: string, data: unknown = {}, handlers: CommHandlers = {}): Comm {
    const comm = this.#comm(randomUUID(), target);
    this.#open.set(comm.id, { comm, handlers });
    this.#send("comm_open", { comm_id: comm.id, target_name: target, data });
    return comm;
  }

  /** The content of a comm_info_reply. @param target of the comms to list; all when absent. */
  info(target?: string): object {
    const found = [...this.#open.values()].filter(({ comm }) => target === undefined || comm.target === target);
    return {
      status: "ok",
      comms: Object.fromEntries(found.map(({ comm }) => [comm.id, { target_name: comm.target }])),
    };
  }

  /** The front end opens a comm; one of a target that is not known is closed at once, as the protocol wants. */
  opened(id: string, target: string, data: unknown): void {
    const listen = this.#targets.get(target);
    if (listen === undefined) {
      this.#send("comm_close", { comm_id: id, data: {} });
      return;
    }
    const comm = this.#comm(id, target);
    this.#open.set(id, { comm, handlers: {} });
    this.#open.set(id, { comm, handlers: listen(comm, data) ?? {} });
  }

  received(id: string, data: unknown, buffers: readonly Uint8Array[]): void {
    this.#open.get(id)?.handlers.message?.(data, buffers);
  }

  closed(id: string, data: unknown): void {
    const found = this.#open.get(id);
    this.#open.delete(id);
    found?.handlers.close?.(data);
  }

  #comm(id: string, target: string): Comm {
    return {
      id,
      target,
      send: (data, buffers) => this.#send("comm_msg", { comm_id: id, data }, buffers),
      close: (data = {}) => {
        if (this.#open.delete(id)) this.#send("comm_close", { comm_id: id, data });
      },
    };
  }

  #send(type: string, content: object, buffers?: readonly Uint8Array[]): void {
    this.#wire.send({ channel: "iopub", identities: [], type, parent: this.#parent(), content, buffers });
  }
}

/** Gives cells the global `comms`: `comms.registerTarget(name, (comm, data) => handlers)` and `comms.open(name, data, handlers)`. */
export function installComms(comms: Comms): void {
  const value = Object.freeze({
    registerTarget: (name: string, target: CommTarget) => comms.registerTarget(name, target),
    open: (target: string, data?: unknown, handlers?: CommHandlers) => comms.open(target, data, handlers),
  });
  Object.defineProperty(globalThis, "comms", { value, writable: true, configurable: true });
}

import type { Connection } from "./connection.ts";
import type { Outgoing, Request } from "./message.ts";

/** What the wire thread is started with. */
export interface WireStart {
  readonly connection: Connection;
  /** The kernel's own session id, in the headers of all that it sends. */
  readonly session: string;
  /** See `execution-state.ts`. */
  readonly state: SharedArrayBuffer;
}

/** What the wire thread tells the main thread. */
export type FromWire =
  | { readonly kind: "listening" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "request"; readonly request: Request }
  /** The user wants the execution of this number to stop. */
  | { readonly kind: "interrupt"; readonly execution: number }
  | { readonly kind: "shutdown"; readonly restart: boolean }
  /** All that had arrived when `drain` was asked for has been handed over. */
  | { readonly kind: "drained" };

/** What the main thread tells the wire thread. */
export type ToWire =
  | { readonly kind: "send"; readonly message: Outgoing }
  | { readonly kind: "drain" }
  /** Send what waits, close the sockets, and end the process. */
  | { readonly kind: "exit"; readonly status: number };

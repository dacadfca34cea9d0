/** The channels on which requests and replies travel. */
export type RequestChannel = "shell" | "control" | "stdin";

/** The header of a Jupyter message, as the protocol spells it. */
export interface MessageHeader {
  readonly msg_id: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly msg_type: string;
  readonly version: string;
}

/** A message that a client sent, its signature checked. */
export interface Request {
  readonly channel: RequestChannel;
  /** The routing frames that lead back to the client. */
  readonly identities: readonly Uint8Array[];
  readonly header: MessageHeader;
  /** The header as it came: the parent header of every answer. */
  readonly headerText: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** A message to send. Content is JSON text, so that the thread that made it has also checked that it can be sent. */
export interface Outgoing {
  readonly channel: RequestChannel | "iopub";
  /** The client's routing frames; none on iopub, where everybody listens. */
  readonly identities: readonly Uint8Array[];
  readonly type: string;
  /** What subscribers on iopub select by; the kernel's session and the type when absent. */
  readonly topic?: string;
  /** The header text of the request that this answers; `{}` for none. */
  readonly parent: string;
  readonly content: string;
  readonly metadata?: string;
  readonly buffers?: readonly Uint8Array[];
}

/** The version of the protocol that the kernel speaks. */
export const PROTOCOL_VERSION = "5.4";

import type { MessageHeader, Outgoing, Request, RequestChannel } from "./message.ts";
import { PROTOCOL_VERSION } from "./message.ts";
import type { ReplayGuard } from "./replay-guard.ts";
import type { Signer } from "./signature.ts";

const DELIMITER = "<IDS|MSG>";
const delimiter = Buffer.from(DELIMITER);

/** A request, or why its frames are refused. */
export type Unpacked = { readonly request: Request } | { readonly refused: string };

/** Reads a request from its frames: identities, delimiter, signature, header, parent, metadata, content, buffers. */
export function unpack(
  channel: RequestChannel,
  frames: readonly Buffer[],
  signer: Signer,
  replays: ReplayGuard,
): Unpacked {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  if (at < 0) return { refused: `no ${DELIMITER} frame` };
  const [signature, ...rest] = frames.slice(at + 1);
  if (signature === undefined || rest.length < 4) return { refused: `${rest.length} of the 4 JSON frames` };
  const signed = rest.slice(0, 4);
  const digest = signature.toString("latin1");
  if (!signer.verify(digest, signed)) return { refused: "its signature is wrong" };
  if (!replays.isNew(digest)) return { refused: "it was sent before" };
  const texts = signed.map((frame) => frame.toString("utf8"));
  const parts: Record<string, unknown>[] = [];
  for (const [index, name] of (["header", "parent header", "metadata", "content"] as const).entries()) {
    const part = parseObject(texts[index]!);
    if (part === null) return { refused: `its ${name} is not a JSON object` };
    parts.push(part);
  }
  const header = parts[0]!;
  if (typeof header.msg_type !== "string" || typeof header.msg_id !== "string") {
    return { refused: "its header lacks msg_type or msg_id" };
  }
  return {
    request: {
      channel,
      identities: frames.slice(0, at),
      header: header as unknown as MessageHeader,
      headerText: texts[0]!,
      metadata: parts[2]!,
      content: parts[3]!,
      buffers: rest.slice(4),
    },
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Makes the frames of messages, each with a header of its own. */
export class Packer {
  readonly #signer: Signer;
  readonly #session: string;
  #count = 0;

  constructor(signer: Signer, session: string) {
    this.#signer = signer;
    this.#session = session;
  }

  pack(message: Outgoing): (string | Uint8Array)[] {
    const header = JSON.stringify({
      msg_id: `${this.#session}_${process.pid}_${++this.#count}`,
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      msg_type: message.type,
      version: PROTOCOL_VERSION,
    });
    const signed = [header, message.parent, message.metadata ?? "{}", message.content];
    const topic = message.topic ?? `kernel.${this.#session}.${message.type}`;
    const route = message.channel === "iopub" ? [topic] : message.identities;
    return [...route, DELIMITER, this.#signer.sign(signed), ...signed, ...(message.buffers ?? [])];
  }
}

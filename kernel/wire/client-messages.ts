import { randomUUID } from "node:crypto";
import { type MessageHeader, PROTOCOL_VERSION } from "./message.ts";
import type { Signer } from "./signature.ts";

const DELIMITER = "<IDS|MSG>";

/** A message from a kernel, as a client reads it. */
export interface KernelMessage {
  readonly header: MessageHeader;
  /** The id of the request that this answers, or null. */
  readonly parentId: string | null;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Makes a client's requests and reads the kernel's messages, both signed. */
export class ClientMessages {
  readonly #signer: Signer;
  readonly #session = randomUUID();

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** The frames of a request, with its id. */
  pack(type: string, content: object): { readonly id: string; readonly frames: string[] } {
    const id = randomUUID();
    const header: MessageHeader = {
      msg_id: id,
      session: this.#session,
      username: "fenl",
      date: new Date().toISOString(),
      msg_type: type,
      version: PROTOCOL_VERSION,
    };
    const signed = [JSON.stringify(header), "{}", "{}", JSON.stringify(content)];
    return { id, frames: [DELIMITER, this.#signer.sign(signed), ...signed] };
  }

  /**
   * Reads the frames of a message.
   * @throws Error for frames that no kernel with this key has sent.
   */
  unpack(frames: readonly Buffer[]): KernelMessage {
    const at = frames.findIndex((frame) => frame.toString("latin1") === DELIMITER);
    const signed = frames.slice(at + 2, at + 6);
    if (at < 0 || signed.length < 4) throw new Error("the kernel sent a message without its frames");
    if (!this.#signer.verify(frames[at + 1]!.toString("latin1"), signed)) {
      throw new Error("the kernel sent a message with a wrong signature");
    }
    const [header, parent, , content] = signed.map((frame) => JSON.parse(frame.toString("utf8"))) as [
      MessageHeader,
      Partial<MessageHeader>,
      unknown,
      Record<string, unknown>,
    ];
    return { header, parentId: parent.msg_id ?? null, content };
  }
}

import type { Request } from "../wire/message.ts";

/** Questions to the user that wait for their answers. */
export class InputAnswers {
  #waiting: { readonly client: string; readonly resolve: (text: string) => void } | null = null;

  /** Waits for the answer of a client; what was asked before is forgotten. */
  wait(client: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { client, resolve };
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  /** An input_reply came. One that nobody waits for, of a cell that was interrupted, is dropped. */
  received({ header, identities, content }: Request): void {
    if (header.msg_type !== "input_reply" || this.#waiting?.client !== clientOf(identities)) return;
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve(typeof content.value === "string" ? content.value : "");
  }
}

/** The client that sent a message, as text. */
export function clientOf(identities: readonly Uint8Array[]): string {
  return identities.map((identity) => Buffer.from(identity).toString("hex")).join(" ");
}

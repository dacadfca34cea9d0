import { Dealer, Subscriber } from "zeromq";
import { type Connection, socketAddress } from "./connection.ts";

/** The channels on which a client hears from a kernel. */
export type ClientChannel = "shell" | "control" | "iopub";

/** The high-water marks are off from the first moment: a mark set after construction lost messages. */
const UNBOUNDED = { receiveHighWaterMark: 0, linger: 0 };

/** The client's ends of a kernel's sockets. */
export class ClientSockets {
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #iopub = new Subscriber(UNBOUNDED);

  /** @param identity the routing identity of this client. */
  constructor(identity: string) {
    const options = { ...UNBOUNDED, sendHighWaterMark: 0, routingId: identity };
    this.#shell = new Dealer(options);
    this.#control = new Dealer(options);
  }

  /** Connects to where the kernel will listen, whether or not it does yet, and starts to read. */
  connect(
    connection: Connection,
    received: (channel: ClientChannel, frames: Buffer[]) => void,
    failed: (error: Error) => void,
  ): void {
    this.#iopub.subscribe();
    for (const [name, socket] of this.#all()) {
      socket.connect(socketAddress(connection, name));
      const read = async () => {
        for await (const frames of socket) received(name, frames);
      };
      read().catch((error: Error) => {
        if (!socket.closed) failed(error);
      });
    }
  }

  async send(channel: "shell" | "control", frames: (string | Uint8Array)[]): Promise<void> {
    await (channel === "shell" ? this.#shell : this.#control).send(frames);
  }

  /** Closes every socket: Node aborts when one is still open at exit. */
  close(): void {
    for (const [, socket] of this.#all()) socket.close();
  }

  #all(): [ClientChannel, Dealer | Subscriber][] {
    return [
      ["shell", this.#shell],
      ["control", this.#control],
      ["iopub", this.#iopub],
    ];
  }
}

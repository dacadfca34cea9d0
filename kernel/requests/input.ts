import { currentCell } from "../session/current-cell.ts";
import type { Request } from "../wire/message.ts";
import { CellRun } from "./cell-run.ts";
import type { Kernel } from "./kernel.ts";

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

/** Gives cells the global function `await input("Name: ")`. */
export function installInput(kernel: Kernel): void {
  const input = async (prompt: unknown = "", options: { readonly password?: boolean } = {}): Promise<string> => {
    const cell = currentCell();
    const run = cell instanceof CellRun ? cell : kernel.run;
    if (run === null || run !== kernel.run || kernel.state.execution === 0) {
      throw new Error("input() can only ask while its cell runs: await it");
    }
    if (run.request.content.allow_stdin !== true) {
      throw new Error("input() cannot ask: this front end does not take input for cells");
    }
    run.flush();
    const { identities, headerText: parent } = run.request;
    const content = { prompt: String(prompt), password: options.password === true };
    const answer = kernel.answers.wait(clientOf(identities), run.signal);
    kernel.wire.send({ channel: "stdin", identities, type: "input_request", parent, content });
    return answer;
  };
  Object.defineProperty(globalThis, "input", { value: input, writable: true, configurable: true });
}

function clientOf(identities: readonly Uint8Array[]): string {
  return identities.map((identity) => Buffer.from(identity).toString("hex")).join(" ");
}

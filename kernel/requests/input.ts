import { currentRun } from "./cell-run.ts";
import { clientOf } from "./input-answers.ts";
import type { Kernel } from "./kernel.ts";

/** Gives cells the global function `await input("Name: ")`. */
export function installInput(kernel: Kernel): void {
  const input = async (prompt: unknown = "", options: { readonly password?: boolean } = {}): Promise<string> => {
    const run = currentRun(kernel);
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

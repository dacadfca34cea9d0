import { join } from "node:path";
import process from "node:process";
import { jupyterDataDir } from "../kernelspec/jupyter-paths.ts";
import { installCellOutput } from "./requests/cell-streams.ts";
import { Comms } from "./requests/comms.ts";
import { installDisplay } from "./requests/display.ts";
import { History } from "./requests/history-store.ts";
import { InputAnswers, installInput } from "./requests/input.ts";
import type { Kernel } from "./requests/kernel.ts";
import { RequestServer } from "./requests/serve.ts";
import { reportUncaught } from "./requests/uncaught.ts";
import { LiveSession } from "./session/live-session.ts";
import type { ExecutionState } from "./wire/execution-state.ts";
import { logLine } from "./wire/log.ts";
import type { WireLink } from "./wire/wire-link.ts";

/** When to load what the first cell needs, after the sockets are open. */
const PRELOAD_MS = 50;

/** Connects the wire to the session, and serves requests. */
export async function startKernel(wire: WireLink, state: ExecutionState, id: string): Promise<void> {
  const session = new LiveSession(state);
  const kernel: Kernel = {
    wire,
    session,
    state,
    history: new History(join(jupyterDataDir(), "fenl", "history.jsonl"), id),
    comms: new Comms(wire, () => kernel.run?.request.headerText ?? "{}"),
    answers: new InputAnswers(),
    executionCount: 0,
    executions: 0,
    run: null,
    waiting: [],
  };
  installCellOutput(kernel);
  installDisplay(kernel);
  installInput(kernel);
  reportUncaught(kernel);
  const server = new RequestServer(kernel);
  const exit = async (status: number) => {
    await wire.close(status);
    process.exit(status);
  };
  wire.onMessage(
    (message) =>
      session.interrupts.kernelSection(() => {
        switch (message.kind) {
          case "listening":
            // Loaded before it is needed, and before a client that waits for kernel_info notices.
            setTimeout(() => void import("./cell/run-cell.ts"), PRELOAD_MS).unref();
            break;
          case "request":
            server.receive(message.request);
            break;
          case "drained":
            server.drained();
            break;
          case "interrupt":
            if (message.execution === state.execution) {
              kernel.run?.abort();
              session.interrupt();
            }
            break;
          case "shutdown":
            void exit(0);
            break;
          case "failed":
            logLine(`${message.message}`);
            void exit(1);
            break;
        }
      }),
    (error) => {
      logLine(`the wire thread ended: ${error.stack ?? error.message}`);
      process.exit(1);
    },
  );
}

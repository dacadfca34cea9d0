import { join } from "node:path";
import process from "node:process";
import { jupyterDataDir } from "../kernelspec/jupyter-paths.ts";
import { installPlot } from "./display/plot.ts";
import { installShowRows } from "./display/show-rows.ts";
import { currentRun } from "./requests/cell-run.ts";
import { installCellOutput } from "./requests/cell-streams.ts";
import { Comms, installComms } from "./requests/comms.ts";
import { installDisplay } from "./requests/display.ts";
import { History } from "./requests/history-store.ts";
import { installInput } from "./requests/input.ts";
import { InputAnswers } from "./requests/input-answers.ts";
import type { Kernel } from "./requests/kernel.ts";
import { RequestServer } from "./requests/serve.ts";
import { reportUncaught } from "./requests/uncaught.ts";
import { showLongWork } from "./requests/work-progress.ts";
import { LiveSession } from "./session/live-session.ts";
import { SessionTypes } from "./types/session-types.ts";
import type { ExecutionState } from "./wire/execution-state.ts";
import { logLine } from "./wire/log.ts";
import type { FromWire } from "./wire/thread-messages.ts";
import type { WireLink } from "./wire/wire-link.ts";

/** When to load what the first cell needs, after the sockets are open. */
const PRELOAD_MS = 50;

/** When to start the type service, after the sockets are open, and when to look again if a cell runs then. */
const TYPES_MS = 2000;

/** Connects the wire to the session, and serves requests. */
export async function startKernel(wire: WireLink, state: ExecutionState, id: string): Promise<void> {
  const session = new LiveSession(state);
  const kernel: Kernel = {
    wire,
    session,
    types: new SessionTypes(session),
    state,
    history: new History(join(jupyterDataDir(), "fenl", "history.jsonl"), id),
    comms: new Comms(wire, () => currentRun(kernel)?.request.headerText ?? "{}"),
    answers: new InputAnswers(),
    executionCount: 0,
    executions: 0,
    run: null,
    waiting: [],
  };
  installCellOutput(kernel);
  installDisplay(kernel);
  installInput(kernel);
  installPlot();
  installShowRows();
  showLongWork(kernel);
  installComms(kernel.comms);
  reportUncaught(kernel);
  const server = new RequestServer(kernel);
  const exit = exitWith(wire);
  letCellsExit(session, exit);
  const interrupt = () => {
    kernel.run?.abort();
    session.interrupt();
  };
  // Jupyter interrupts by message; this is for who sends a signal all the same, which would end the process.
  process.on("SIGINT", interrupt);
  const receive = (message: FromWire) => {
    switch (message.kind) {
      case "listening":
        // Loaded before it is needed, and after a client that waits for kernel_info has been answered.
        setTimeout(() => void import("./cell/run-cell.ts"), PRELOAD_MS).unref();
        startTypesWhenIdle(kernel);
        break;
      case "request":
        server.receive(message.request);
        break;
      case "drained":
        server.drained();
        break;
      case "interrupt":
        if (message.execution === state.execution) interrupt();
        break;
      case "shutdown":
        exit(0);
        break;
      case "failed":
        logLine(message.message);
        exit(1);
        break;
    }
  };
  wire.onMessage(
    (message) => session.interrupts.kernelSection(() => receive(message)),
    (error) => {
      logLine(`the wire thread ended: ${error.stack ?? error.message}`);
      exit(1);
    },
  );
}

/** Nothing that a user waits for waits for the type service. */
function startTypesWhenIdle(kernel: Kernel): void {
  setTimeout(() => {
    if (kernel.state.execution === 0) kernel.types.start();
    else startTypesWhenIdle(kernel);
  }, TYPES_MS).unref();
}

/** Ends the process, with the sockets closed: Node aborts when one is open. */
function exitWith(wire: WireLink): (status: number) => void {
  const end = process.exit.bind(process);
  let exiting = false;
  return (status) => {
    if (!exiting) void wire.close(status).then(() => end(status));
    exiting = true;
  };
}

/** `process.exit` of a cell ends the kernel in good order; like the original, it does not return. */
function letCellsExit(session: LiveSession, exit: (status: number) => void): void {
  const value = (status?: number | string | null) => {
    exit(Number(status ?? process.exitCode ?? 0));
    session.interrupts.endCaller();
  };
  Object.defineProperty(process, "exit", { value, writable: true, configurable: true });
}

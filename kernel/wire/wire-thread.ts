import { parentPort, workerData } from "node:worker_threads";
import { kernelInfo } from "../requests/kernel-info.ts";
import { ExecutionState, weightOf } from "./execution-state.ts";
import { Packer, unpack } from "./framing.ts";
import { Interrupter } from "./interrupter.ts";
import { logLine } from "./log.ts";
import type { Outgoing, Request, RequestChannel } from "./message.ts";
import { watchParent } from "./parent-watch.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { createSigner } from "./signature.ts";
import { Sockets } from "./sockets.ts";
import type { FromWire, ToWire, WireStart } from "./thread-messages.ts";

/** How long the main thread may take to end by itself before the process is killed. */
const EXIT_GRACE_MS = 1500;
/** How long messages that were sent together may take to arrive together. */
const DRAIN_MS = 2;
/** What is answered on the control channel without the main thread, which may be in an endless loop. */
const ANSWERED_HERE = new Set(["kernel_info_request", "interrupt_request", "shutdown_request"]);

const start = workerData as WireStart;
const main = parentPort!;
const state = new ExecutionState(start.state);
const signer = createSigner(start.connection.key, start.connection.signature_scheme);
const packer = new Packer(signer, start.session);
const replays = new ReplayGuard();
const sockets = new Sockets();
const interrupter = new Interrupter(state);
/** The header of the execution under way, to which a notice about it belongs. */
let executing = "{}";
let closing = false;

const tell = (message: FromWire): void => main.postMessage(message);

function send(message: Outgoing, counted = 0): void {
  if (closing) return;
  sockets.send(message.channel, packer.pack(message), counted > 0 ? () => state.addUnsent(-counted) : undefined);
}

function receive(channel: RequestChannel, frames: Buffer[]): void {
  const unpacked = unpack(channel, frames, signer, replays);
  if ("refused" in unpacked) {
    logLine(`a message on ${channel} was refused: ${unpacked.refused}`);
    return;
  }
  const { request } = unpacked;
  if (channel === "control" && ANSWERED_HERE.has(request.header.msg_type)) answerControl(request).catch(fail);
  else tell({ kind: "request", request });
}

/** Answers a control request while a cell runs. */
async function answerControl(request: Request): Promise<void> {
  const status = (execution_state: string) =>
    send(toIopub("status", request.headerText, JSON.stringify({ execution_state })));
  const reply = (content: object) =>
    send({
      channel: "control",
      identities: request.identities,
      type: request.header.msg_type.replace(/_request$/, "_reply"),
      parent: request.headerText,
      content: JSON.stringify(content),
    });
  status("busy");
  switch (request.header.msg_type) {
    case "kernel_info_request":
      reply(kernelInfo());
      break;
    case "interrupt_request":
      await interrupt();
      reply({ status: "ok" });
      break;
    case "shutdown_request": {
      const restart = request.content.restart === true;
      reply({ status: "ok", restart });
      send(toIopub("shutdown_reply", request.headerText, JSON.stringify({ status: "ok", restart })));
      status("idle");
      shutDown(restart);
      return;
    }
  }
  status("idle");
}

/** Answers when the code has stopped, or is known to be stuck: the client need not wait for that. */
function interrupt(): Promise<void> {
  const parent = executing;
  return new Promise((resolve, reject) => {
    const stuck = () => {
      const text =
        "The cell is inside a native call, which cannot be interrupted: it will stop as soon as that call returns.\n";
      send(toIopub("stream", parent, JSON.stringify({ name: "stderr", text })));
      resolve();
    };
    interrupter.interrupt((execution) => tell({ kind: "interrupt", execution }), stuck).then(resolve, reject);
  });
}

/** Asks the main thread to end, and ends the process if it cannot. */
function shutDown(restart: boolean): void {
  tell({ kind: "shutdown", restart });
  interrupter
    .interrupt(
      (execution) => tell({ kind: "interrupt", execution }),
      () => {},
    )
    .catch(() => {});
  setTimeout(() => void exit(null), EXIT_GRACE_MS);
}

/** @param status of the process; null when the main thread does not answer, so that only a signal can end it. */
async function exit(status: number | null): Promise<void> {
  if (closing) return;
  closing = true;
  await sockets.close();
  interrupter.close();
  if (status === null) process.kill(process.pid, "SIGKILL");
  // In a worker this ends the thread only.
  process.exit();
}

function fail(error: unknown): void {
  if (closing) return;
  tell({ kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

function toIopub(type: string, parent: string, content: string): Outgoing {
  return { channel: "iopub", identities: [], type, parent, content };
}

main.on("message", (message: ToWire) => {
  switch (message.kind) {
    case "send": {
      const { type, parent, content, channel } = message.message;
      if (type === "execute_input") executing = parent;
      send(message.message, channel === "iopub" ? weightOf(content) : 0);
      break;
    }
    case "drain":
      setTimeout(() => tell({ kind: "drained" }), DRAIN_MS);
      break;
    case "exit":
      void exit(message.status);
      break;
  }
});

try {
  await sockets.bind(start.connection);
  sockets.listen(
    {
      request: receive,
      subscription: (topic) =>
        send({
          ...toIopub("iopub_welcome", "{}", JSON.stringify({ subscription: topic })),
          topic,
        }),
    },
    fail,
  );
  watchParent(() => shutDown(false));
  send(toIopub("status", "{}", JSON.stringify({ execution_state: "starting" })));
  tell({ kind: "listening" });
} catch (error) {
  await sockets.close();
  const { message } = error as Error;
  tell({ kind: "failed", message: `The kernel's sockets cannot be opened: ${message}` });
  main.close();
}

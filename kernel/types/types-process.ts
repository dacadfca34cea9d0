import process from "node:process";
import { CellProgram } from "./cell-program.ts";
import { completionsAt, explanationAt, problemsOf } from "./type-answers.ts";
import type { FromTypes, ToTypes, TypedCompletions } from "./type-messages.ts";

const program = new CellProgram(process.cwd());
/** Checks wait until nobody waits for anything else. */
const checks: Extract<ToTypes, { kind: "check" }>[] = [];

function send(message: FromTypes): void {
  // The kernel may be gone, which ends this process as well.
  if (process.connected) process.send!(message);
}

function receive(message: ToTypes): void {
  switch (message.kind) {
    case "cell":
      program.add(message.cell);
      break;
    case "forget":
      program.forget(message.id);
      break;
    case "forget all":
      program.forgetAll();
      break;
    case "complete":
      answer(message.request, () => completionsAt(program, message.cell));
      break;
    case "explain":
      answer(message.request, () => explanationAt(program, message.cell));
      break;
    case "check":
      if (checks.push(message) === 1) setImmediate(checkNext);
      break;
  }
}

function answer(request: number, make: () => TypedCompletions | string | null): void {
  send({ kind: "answer", request, answer: attempt(make) });
}

/** TypeScript has faults of its own; one of them costs an answer, not the service. */
function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    process.stderr.write(`the type service: ${error instanceof Error ? error.stack : String(error)}\n`);
    return null;
  }
}

function checkNext(): void {
  const check = checks.shift();
  if (check === undefined) return;
  send({ kind: "checked", request: check.request, problems: attempt(() => problemsOf(program, check.id)) ?? [] });
  if (checks.length > 0) setImmediate(checkNext);
}

process.on("disconnect", () => process.exit());
// Terminals send it to every process of a group; only the kernel decides when this one ends.
process.on("SIGINT", () => {});
process.on("message", (message) => receive(message as ToTypes));
// Loads the declarations of the language and of Node, so that the first answer is quick.
completionsAt(program, { text: "process.", folder: process.cwd(), offset: "process.".length });
send({ kind: "ready" });

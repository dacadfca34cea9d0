import { randomUUID } from "node:crypto";
import process from "node:process";
import { readConnectionFile } from "./wire/connection.ts";
import { ExecutionState } from "./wire/execution-state.ts";
import { WireLink } from "./wire/wire-link.ts";

/** Runs a kernel for a connection file until it is shut down. */
export async function runKernel(connectionFile: string): Promise<void> {
  const connection = readConnectionFile(connectionFile);
  const id = randomUUID();
  const state = new ExecutionState();
  // The sockets open while the rest of the kernel loads.
  const wire = new WireLink(connection, id, state);
  const { startKernel } = await import("./start-kernel.ts");
  await startKernel(wire, state, id);
}

const [connectionFile, ...rest] = process.argv.slice(2);
if (connectionFile === undefined || rest.length > 0) {
  process.stderr.write("Usage: node kernel/main.js CONNECTION_FILE\n");
  process.exitCode = 2;
} else {
  runKernel(connectionFile).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}

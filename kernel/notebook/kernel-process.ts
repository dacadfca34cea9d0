import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeFlags } from "../../kernelspec/kernel-json.ts";
import type { Connection } from "../wire/connection.ts";

/** A kernel started as a process of its own, with where to reach it. */
export interface KernelProcess {
  readonly connection: Connection;
  readonly child: ChildProcess;
  /** Resolves when the process has ended, with what it last wrote to standard error. */
  readonly ended: Promise<string>;
}

/**
 * The command that starts the kernel of this installation, but for the connection file.
 * @throws Error when the kernel has not been built.
 */
export function kernelCommand(): string[] {
  // The kernel's threads are started from built files; run from sources, those of the last build are used.
  const main = fileURLToPath(new URL("../../dist/kernel/main.js", import.meta.url));
  if (!existsSync(main)) throw new Error(`${main} is not there yet: "npm run build" makes it`);
  return [process.execPath, ...nodeFlags, main];
}

/** Starts a kernel in a folder; it ends with this process. */
export async function startKernelProcess(folder: string): Promise<KernelProcess> {
  const runtime = await mkdtemp(join(tmpdir(), "fenl-kernel-"));
  const connection = {
    ...(process.platform === "win32" ? await freePorts() : privateSockets(runtime)),
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
  };
  const file = join(runtime, "connection.json");
  await writeFile(file, JSON.stringify(connection), { mode: 0o600 });
  const [program, ...parameters] = kernelCommand();
  const child = spawn(program!, [...parameters, file], {
    cwd: folder,
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, JPY_PARENT_PID: String(process.pid) },
  });
  let written = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    written = (written + text).slice(-4000);
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(written));
  }).finally(async () => {
    process.off("exit", kill);
    await rm(runtime, { recursive: true, force: true });
  });
  return { connection, child, ended };
}

type Address = Omit<Connection, "key" | "signature_scheme">;

/** Sockets in a folder that only this user may enter: no other process can take them in between, as it can a free port. */
function privateSockets(folder: string): Address {
  return {
    transport: "ipc",
    ip: join(folder, "socket"),
    shell_port: 1,
    iopub_port: 2,
    stdin_port: 3,
    control_port: 4,
    hb_port: 5,
  };
}

async function freePorts(): Promise<Address> {
  const servers = await Promise.all(Array.from({ length: 5 }, openServer));
  const [shell, iopub, stdin, control, hb] = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: shell!,
    iopub_port: iopub!,
    stdin_port: stdin!,
    control_port: control!,
    hb_port: hb!,
  };
}

function openServer(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

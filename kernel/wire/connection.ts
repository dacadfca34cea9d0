import { readFileSync } from "node:fs";

/** What Jupyter tells a kernel about its sockets, as the connection file holds it. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly key: string;
  readonly signature_scheme: string;
}

/** The sockets of a kernel, by the names that the connection file gives their ports. */
export type SocketName = "shell" | "iopub" | "stdin" | "control" | "hb";

const PORTS = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;

/**
 * Reads a connection file.
 * @throws Error that names the file and the field that is missing or wrong.
 */
export function readConnectionFile(path: string): Connection {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`The connection file ${path} cannot be read: ${(error as Error).message}`);
  }
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (error) {
    throw new Error(`The connection file ${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new Error(`The connection file ${path} must hold a JSON object`);
  }
  return checkConnection(fields as Record<string, unknown>, path);
}

function checkConnection(fields: Record<string, unknown>, path: string): Connection {
  for (const name of PORTS) {
    const port = fields[name];
    if (!Number.isInteger(port) || (port as number) < 0 || (port as number) > 65535) {
      throw new Error(`The connection file ${path} must give ${name} as a port number, not ${JSON.stringify(port)}`);
    }
  }
  const texts = { transport: "tcp", ip: "127.0.0.1", key: "", signature_scheme: "hmac-sha256" };
  for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
    const value = fields[name] ?? texts[name];
    if (typeof value !== "string") throw new Error(`The connection file ${path} must give ${name} as text`);
    texts[name] = value;
  }
  if (texts.transport !== "tcp" && texts.transport !== "ipc") {
    throw new Error(`The connection file ${path} asks for the transport "${texts.transport}"; tcp and ipc are known`);
  }
  return { ...(fields as unknown as Connection), ...texts };
}

/** The ZeroMQ address of one socket. */
export function socketAddress(connection: Connection, socket: SocketName): string {
  const separator = connection.transport === "ipc" ? "-" : ":";
  return `${connection.transport}://${connection.ip}${separator}${connection[`${socket}_port`]}`;
}

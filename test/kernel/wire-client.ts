import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Request, Subscriber } from "zeromq";
import { nodeFlags } from "../../kernelspec/kernel-json.ts";

/** A message as it came from the kernel. */
export interface Received {
  readonly channel: "shell" | "control" | "stdin" | "iopub";
  readonly type: string;
  readonly parentId: string | undefined;
  readonly header: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: each type of message has content of its own.
  readonly content: any;
  readonly signature: string;
  readonly signed: readonly Buffer[];
}

/** What an execution sent, in order. */
export interface Execution {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly reply: any;
  /** Everything on iopub but for busy, idle and execute_input. */
  readonly outputs: readonly Received[];
  readonly all: readonly Received[];
}

type Channel = "shell" | "control" | "stdin";

const DELIMITER = "<IDS|MSG>";
const PORTS = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;
const PATIENCE_MS = 15_000;

/** Clients that nobody has closed yet. */
const living = new Set<WireClient>();

/** Stops the kernels that a test which failed has left. */
export async function stopLeftKernels(): Promise<void> {
  await Promise.all(Array.from(living, (client) => client.stop()));
}

/** A kernel process and a client of it that shares no code with the kernel's wire. */
export class WireClient {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly key: string;
  readonly received: Received[] = [];
  /** What the kernel wrote to its own standard error. */
  log = "";
  /** When the kernel's first reply was here, as of `performance.now`. */
  answeredAt = 0;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #session = randomUUID();
  readonly #sockets: Readonly<Record<Channel, Dealer>>;
  readonly #iopub = new Subscriber({ receiveHighWaterMark: 0, linger: 0 });
  readonly #heartbeat = new Request({ linger: 0, receiveTimeout: 5000 });
  readonly #wakers = new Set<() => void>();

  private constructor(child: ChildProcess, folder: string, connection: Record<string, string | number>) {
    living.add(this);
    this.child = child;
    this.folder = folder;
    this.key = String(connection.key);
    this.exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
    });
    const dealer = () =>
      new Dealer({ routingId: this.#session, linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
    this.#sockets = { shell: dealer(), control: dealer(), stdin: dealer() };
    const address = (name: string) => `tcp://127.0.0.1:${connection[`${name}_port`]}`;
    this.#iopub.connect(address("iopub"));
    this.#iopub.subscribe();
    this.#heartbeat.connect(address("hb"));
    for (const channel of ["shell", "control", "stdin"] as const) {
      this.#sockets[channel].connect(address(channel));
      void this.#read(channel, this.#sockets[channel]);
    }
    void this.#read("iopub", this.#iopub);
  }

  /** Starts a kernel in a folder of its own: ours, or the one that `command` makes of a connection file's path. */
  static async start(
    options: {
      folder?: string;
      env?: Record<string, string>;
      flags?: readonly string[];
      command?: (file: string) => readonly string[];
    } = {},
  ): Promise<WireClient> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "fenl-wire-")));
    const connection: Record<string, string | number> = {
      transport: "tcp",
      ip: "127.0.0.1",
      key: randomUUID(),
      signature_scheme: "hmac-sha256",
      ...(await freePorts()),
    };
    const file = join(folder, "connection.json");
    await writeFile(file, JSON.stringify(connection));
    const main = fileURLToPath(new URL("../../dist/kernel/main.js", import.meta.url));
    const own = (path: string) => [process.execPath, ...(options.flags ?? nodeFlags), main, path];
    const [program, ...rest] = (options.command ?? own)(file);
    const child = spawn(program!, rest, {
      cwd: folder,
      stdio: ["ignore", options.command ? "ignore" : "inherit", "pipe"],
      env: { ...process.env, JUPYTER_DATA_DIR: join(folder, "jupyter"), ...options.env },
    });
    const client = new WireClient(child, folder, connection);
    // Outputs sent before the subscription has arrived are lost, so this asks until one is heard.
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      const id = await client.send("shell", "kernel_info_request", {});
      await client.reply(id);
      client.answeredAt ||= performance.now();
      if (client.received.some(({ channel }) => channel === "iopub")) break;
      assert(Date.now() < deadline, `no output from the kernel; its log: ${client.log}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await client.settle();
    return client;
  }

  /** Sends a request. @returns its msg_id. */
  async send(channel: Channel, type: string, content: object, parent: object = {}): Promise<string> {
    const { id, frames } = this.pack(type, content, parent);
    await this.sendFrames(channel, frames);
    return id;
  }

  /** The frames of a message, signed. */
  pack(type: string, content: object, parent: object = {}): { id: string; frames: string[] } {
    const id = randomUUID();
    const header = {
      msg_id: id,
      session: this.#session,
      username: "test",
      date: new Date().toISOString(),
      msg_type: type,
      version: "5.4",
    };
    const signed = [header, parent, {}, content].map((part) => JSON.stringify(part));
    return { id, frames: [DELIMITER, this.sign(signed), ...signed] };
  }

  sign(signed: readonly (string | Buffer)[]): string {
    const hmac = createHmac("sha256", this.key);
    for (const part of signed) hmac.update(part);
    return hmac.digest("hex");
  }

  async sendFrames(channel: Channel, frames: readonly string[]): Promise<void> {
    await this.#sockets[channel].send([...frames]);
  }

  /** Waits for a message that came or will come. */
  async wait(what: string, test: (message: Received) => boolean, patience = PATIENCE_MS): Promise<Received> {
    const deadline = Date.now() + patience;
    for (let seen = 0; ; ) {
      for (; seen < this.received.length; seen++) if (test(this.received[seen]!)) return this.received[seen]!;
      const left = deadline - Date.now();
      assert(left > 0, `waited in vain for ${what}; the kernel's log: ${this.log}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#wakers.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#wakers.add(wake);
      });
    }
  }

  /** Waits for the reply to a request. */
  reply(id: string, patience = PATIENCE_MS): Promise<Received> {
    return this.wait(
      "a reply",
      ({ parentId, channel }) => parentId === id && channel !== "iopub" && channel !== "stdin",
      patience,
    );
  }

  /** Waits until a request has been answered and the kernel is idle again. */
  async idle(id: string, patience = PATIENCE_MS): Promise<void> {
    await this.wait(
      "idle",
      ({ type, parentId, content }) => type === "status" && parentId === id && content.execution_state === "idle",
      patience,
    );
  }

  /** Sends a request on the shell channel and waits for its reply's content. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async ask(type: string, content: object, channel: Channel = "shell"): Promise<any> {
    const id = await this.send(channel, type, content);
    const { content: answer } = await this.reply(id);
    await this.idle(id);
    return answer;
  }

  async startExecution(code: string, options: object = {}): Promise<string> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    return this.send("shell", "execute_request", { ...content, ...options });
  }

  /** Runs a cell and waits until it is done. */
  async execute(code: string, options: object = {}): Promise<Execution> {
    return this.finished(await this.startExecution(code, options));
  }

  /** Waits for the end of an execution. */
  async finished(id: string, patience = PATIENCE_MS): Promise<Execution> {
    const { content: reply } = await this.reply(id, patience);
    await this.idle(id, patience);
    const all = this.received.filter(({ parentId }) => parentId === id);
    const outputs = all.filter(
      ({ channel, type }) => channel === "iopub" && type !== "status" && type !== "execute_input",
    );
    return { reply, outputs, all };
  }

  /** The plain text of the value of a cell. */
  async value(code: string): Promise<string | undefined> {
    const { reply, outputs } = await this.execute(code);
    assert.equal(reply.status, "ok", `${code}: ${reply.ename}: ${reply.evalue}`);
    return outputs.find(({ type }) => type === "execute_result")?.content.data["text/plain"];
  }

  /** Sends an interrupt and waits for its reply. */
  async interrupt(): Promise<void> {
    const answer = await this.ask("interrupt_request", {}, "control");
    assert.equal(answer.status, "ok");
  }

  async heartbeat(bytes: string): Promise<string> {
    await this.#heartbeat.send(bytes);
    const [answer] = await this.#heartbeat.receive();
    return String(answer);
  }

  /** Lets messages that are on their way arrive. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Ends the kernel, by force if it does not obey, and removes its folder. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await this.send("control", "shutdown_request", { restart: false });
      const timer = setTimeout(() => this.child.kill("SIGKILL"), 5000);
      await this.exited;
      clearTimeout(timer);
    }
    this.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Closes the client's sockets. */
  close(): void {
    living.delete(this);
    for (const socket of [...Object.values(this.#sockets), this.#iopub, this.#heartbeat]) socket.close();
  }

  async #read(channel: Received["channel"], socket: Dealer | Subscriber): Promise<void> {
    for await (const frames of socket) {
      const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
      const signed = frames.slice(at + 2, at + 6);
      const signature = frames[at + 1]!.toString();
      assert.equal(signature, this.sign(signed), "the kernel signs what it sends");
      const [header, parent, , content] = signed.map((frame) => JSON.parse(frame.toString("utf8")));
      this.received.push({
        channel,
        type: header.msg_type,
        parentId: parent.msg_id,
        header,
        content,
        signature,
        signed,
      });
      for (const wake of [...this.#wakers]) wake();
    }
  }
}

async function freePorts(): Promise<Record<string, number>> {
  const servers = await Promise.all(
    PORTS.map(
      () =>
        new Promise<Server>((resolve) => {
          const server = createServer();
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(PORTS.map((name, index) => [name, ports[index]!]));
}

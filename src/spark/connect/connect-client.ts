import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import {
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { SparkFault } from "../spark-fault.ts";

/** A message of Spark Connect, by its fields' names. */
export type Message = Readonly<Record<string, unknown>>;

/** Where a Spark Connect server is: `sc://host:15002/;token=...;use_ssl=true`. */
export interface ConnectAddress {
  readonly host: string;
  readonly token: string | null;
  readonly secure: boolean;
  readonly user: string;
}

const DESCRIPTORS = new URL("../../../spark/spark-connect.protoset", import.meta.url);
const DEFAULT_PORT = 15002;
const MOST_BYTES = 128 << 20;

/** Reads an address as Spark writes it. @throws SparkFault */
export function connectAddress(url: string): ConnectAddress {
  const [, host, rest] = /^sc:\/\/([^/;]+)(?:\/(?:;(.*))?)?$/.exec(url) ?? [];
  if (host === undefined)
    throw new SparkFault("start", `${url} is no address of Spark Connect; expected sc://host:15002`);
  const settings = new Map((rest ?? "").split(";").flatMap((part) => (part === "" ? [] : [pair(part)])));
  const token = settings.get("token") ?? null;
  return {
    host: /:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORT}`,
    token,
    secure: token !== null || settings.get("use_ssl") === "true",
    user: settings.get("user_id") ?? process.env.USER ?? "fenl",
  };
}

function pair(part: string): [string, string] {
  const at = part.indexOf("=");
  return at < 0 ? [part, ""] : [part.slice(0, at), decodeURIComponent(part.slice(at + 1))];
}

type Callback = (error: ServiceError | null, answer: Message) => void;

interface Service {
  executePlan(request: Message, metadata: Metadata): ClientReadableStream<Message>;
  analyzePlan(request: Message, metadata: Metadata, callback: Callback): void;
  config(request: Message, metadata: Metadata, callback: Callback): void;
  interrupt(request: Message, metadata: Metadata, callback: Callback): void;
  releaseSession(request: Message, metadata: Metadata, callback: Callback): void;
  addArtifacts(metadata: Metadata, callback: Callback): ClientWritableStream<Message>;
  close(): void;
}

/** A session of a Spark Connect server, spoken to by gRPC. */
export class ConnectClient {
  readonly #service: Service;
  readonly #metadata = new Metadata();
  readonly #session: Message;

  constructor(address: ConnectAddress) {
    const options = { keepCase: true, longs: String, enums: String, defaults: false, oneofs: true };
    const definition = loadFileDescriptorSetFromBuffer(readFileSync(DESCRIPTORS), options);
    const { spark } = loadPackageDefinition(definition) as unknown as {
      spark: { connect: { SparkConnectService: new (...parameters: unknown[]) => Service } };
    };
    const channel = address.secure ? credentials.createSsl() : credentials.createInsecure();
    this.#service = new spark.connect.SparkConnectService(address.host, channel, {
      "grpc.max_receive_message_length": MOST_BYTES,
      "grpc.max_send_message_length": MOST_BYTES,
    });
    if (address.token !== null) this.#metadata.set("authorization", `Bearer ${address.token}`);
    this.#session = {
      session_id: randomUUID(),
      user_context: { user_id: address.user, user_name: address.user },
      client_type: "fenl",
    };
  }

  /** Runs a plan; returns the Arrow streams that come back. */
  async execute(plan: Message, tag: string): Promise<Uint8Array[]> {
    const stream = this.#service.executePlan({ ...this.#session, plan, tags: [tag] }, this.#metadata);
    const parts: Uint8Array[] = [];
    return await new Promise((resolve, reject) => {
      stream.on("data", (answer: Message) => {
        const batch = answer.arrow_batch as { data?: Uint8Array } | undefined;
        if (batch?.data) parts.push(batch.data);
      });
      stream.on("error", (error) => reject(faultOf(error as ServiceError)));
      stream.on("end", () => resolve(parts));
    });
  }

  async version(): Promise<string> {
    const answer = await this.#call("analyzePlan", { spark_version: {} });
    return (answer.spark_version as { version: string }).version;
  }

  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => ({ key, value }));
    await this.#call("config", { operation: { set: { pairs } } });
  }

  async interrupt(tag: string): Promise<void> {
    await this.#call("interrupt", { interrupt_type: "INTERRUPT_TYPE_TAG", operation_tag: tag });
  }

  /** Gives the session files: `pyfiles/...`, `files/...`, `archives/...`. */
  async addArtifacts(files: readonly { readonly name: string; readonly data: Uint8Array }[]): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stream = this.#service.addArtifacts(this.#metadata, (error) =>
        error ? reject(faultOf(error)) : resolve(),
      );
      stream.on("error", reject);
      for (const { name, data } of files) {
        const artifact = { name, data: { data, crc: String(crc32(data)) } };
        stream.write({ ...this.#session, batch: { artifacts: [artifact] } });
      }
      stream.end();
    });
  }

  async close(): Promise<void> {
    await this.#call("releaseSession", {}).catch(() => {});
    this.#service.close();
  }

  #call(method: "analyzePlan" | "config" | "interrupt" | "releaseSession", request: Message): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.#service[method]({ ...this.#session, ...request }, this.#metadata, (error, answer) =>
        error ? reject(faultOf(error)) : resolve(answer),
      );
    });
  }
}

/** What the user is told of an error: what a task said, wherever it stands among Spark's own words. */
function faultOf(error: ServiceError): SparkFault {
  const { details, code } = error;
  const [, encoded] = /\[fenl-fault:([A-Za-z0-9+/=]+)\]/.exec(details) ?? [];
  if (encoded !== undefined) {
    return SparkFault.of(
      JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as { kind: string; message: string },
    );
  }
  const unavailable = code === 14;
  const words = details.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^\s*\.\.\. \d+ more/.test(line));
  return new SparkFault(unavailable ? "start" : "spark", words.slice(0, 20).join("\n"));
}

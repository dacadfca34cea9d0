import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TableError } from "../table-error.ts";

const SCHEMES: ReadonlySet<string> = new Set(["http", "https", "s3", "gs"]);

/** The scheme of an address such as `https://...`, in lower case; null for a path. */
export function schemeOf(address: string): string | null {
  return /^([A-Za-z][A-Za-z0-9+.-]+):\/\//.exec(address)?.[1]?.toLowerCase() ?? null;
}

/** Whether an address is read over the network. */
export function isRemote(address: string): boolean {
  return SCHEMES.has(schemeOf(address) ?? "");
}

function refused(address: string, reason: string, cause?: unknown): TableError {
  return new TableError("file", `cannot read ${address}: ${reason}`, { file: address }, { cause });
}

/** The request for an object of an S3 store, signed where there are credentials in the environment. */
async function s3Request(address: string, signal: AbortSignal | undefined): Promise<Response> {
  const { hostname: bucket, pathname } = new URL(address);
  const { env } = process;
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? "us-east-1";
  const endpoint = env.AWS_ENDPOINT ?? env.AWS_ENDPOINT_URL;
  const url =
    endpoint === undefined
      ? `https://${bucket}.s3.${region}.amazonaws.com${pathname}`
      : `${endpoint.replace(/\/$/, "")}/${bucket}${pathname}`;
  if (url.startsWith("http:") && env.AWS_ALLOW_HTTP !== "true") {
    throw refused(address, "its endpoint is not https; AWS_ALLOW_HTTP=true allows that");
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined) return await fetch(url, { signal });
  const { AwsClient } = await import("aws4fetch");
  const sessionToken = env.AWS_SESSION_TOKEN;
  const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, region, service: "s3", retries: 3 });
  return await client.fetch(url, { signal });
}

/** The key of a service account that the environment gives, as text or as a file; null without one. */
async function serviceAccount(address: string): Promise<{ email: string; key: string; tokens: string } | null> {
  const { env } = process;
  const path = env.GOOGLE_SERVICE_ACCOUNT ?? env.GOOGLE_SERVICE_ACCOUNT_PATH ?? env.GOOGLE_APPLICATION_CREDENTIALS;
  let text = env.GOOGLE_SERVICE_ACCOUNT_KEY;
  try {
    if (text === undefined && path !== undefined) text = await readFile(path, "utf8");
  } catch (error) {
    throw refused(address, `the service account's key ${path} cannot be read: ${(error as Error).message}`, error);
  }
  if (text === undefined) return null;
  let account: Partial<Record<"client_email" | "private_key" | "token_uri", unknown>> | null = null;
  try {
    account = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const {
    client_email: email,
    private_key: key,
    token_uri: tokens = "https://oauth2.googleapis.com/token",
  } = account ?? {};
  if (typeof email !== "string" || typeof key !== "string" || typeof tokens !== "string") {
    throw refused(address, "the service account's key is not one: expected JSON with client_email and private_key");
  }
  return { email, key, tokens };
}

/** A token for reading objects of Google Cloud Storage; null without a service account. */
async function googleToken(address: string, signal: AbortSignal | undefined): Promise<string | null> {
  const account = await serviceAccount(address);
  if (account === null) return null;
  const { SignJWT, importPKCS8 } = await import("jose");
  const { email, key, tokens } = account;
  let assertion: string;
  try {
    assertion = await new SignJWT({ scope: "https://www.googleapis.com/auth/devstorage.read_only" })
      .setProtectedHeader({ alg: "RS256", typ: "JWT" })
      .setIssuer(email)
      .setAudience(tokens)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(await importPKCS8(key, "RS256"));
  } catch (error) {
    throw refused(address, `the service account's private_key cannot be used: ${(error as Error).message}`, error);
  }
  const body = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const response = await fetch(tokens, { method: "POST", body, signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw refused(address, `the service account was refused: ${response.status} ${response.statusText}`.trimEnd());
  }
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw refused(address, "the service account got no token");
  return token;
}

/** The request for an object of Google Cloud Storage, or of an emulator of it. */
async function gsRequest(address: string, signal: AbortSignal | undefined): Promise<Response> {
  const { hostname: bucket, pathname } = new URL(address);
  const emulator = process.env.STORAGE_EMULATOR_HOST;
  const host = emulator === undefined ? "https://storage.googleapis.com" : emulator.replace(/^(?!https?:)/, "http://");
  const token = await googleToken(address, signal);
  const headers = token === null ? undefined : { authorization: `Bearer ${token}` };
  return await fetch(`${host.replace(/\/$/, "")}/${bucket}${pathname}`, { signal, headers });
}

function request(address: string, signal: AbortSignal | undefined): Promise<Response> {
  const scheme = schemeOf(address);
  if (scheme === "s3") return s3Request(address, signal);
  return scheme === "gs" ? gsRequest(address, signal) : fetch(address, { signal });
}

/**
 * Fetches a file into a folder.
 * @returns its path
 * @throws TableError
 */
export async function download(address: string, folder: string, signal: AbortSignal | undefined): Promise<string> {
  let response: Response;
  try {
    response = await request(address, signal);
  } catch (error) {
    if (signal?.aborted || error instanceof TableError) throw error;
    const { message, cause } = error as Error;
    throw refused(address, cause instanceof Error ? cause.message : message, error);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw refused(address, `the server answered ${response.status} ${response.statusText}`.trimEnd());
  }
  const path = join(folder, "downloaded");
  try {
    await pipeline(Readable.fromWeb(response.body), createWriteStream(path), { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw refused(address, `the transfer broke off: ${(error as Error).message}`, error);
  }
  return path;
}

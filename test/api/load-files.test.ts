import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "csv-parse/sync";
import * as query from "../../src/api/query.ts";
import { LocalBuilder, type Session } from "../../src/api/session.ts";
import * as table from "../../src/api/table.ts";

const CSV = "at,who,n\n2022-01-01T00:00:00Z,ann,1\n2022-01-02T00:00:00Z,bob,2\n";

/** Bytes as Zstandard compresses them. */
async function zstd(folder: string, text: string): Promise<string> {
  const plain = join(folder, "plain.txt");
  const path = join(folder, "made.csv.zst");
  writeFileSync(plain, text);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT * FROM read_csv('${plain}', all_varchar = true)) TO '${path}' (FORMAT csv, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
  return path;
}

describe("loading files", function () {
  this.timeout(60_000);
  let folder: string;
  let session: Session;
  const path = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "fenl-load-"));
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "T", timeColumnName: "at", entityKeyColumnName: "who" });
  });
  afterEach(async () => {
    await session.stop();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const load = (file: Parameters<typeof table.load>[0]["file"], more: object = {}) =>
    table.load({ tableName: "T", file, ...more });
  const types = async () =>
    Object.fromEntries((await table.getTable("T")).columns.map(({ name, type }) => [name, type]));
  const temporary = () => readdirSync(tmpdir()).filter((name) => name.startsWith("fenl-input-"));

  it("decompresses gzip and Zstandard, and knows the content again", async () => {
    const before = temporary();
    assert.equal((await load(write("a.csv.gz", gzipSync(CSV)))).rowCount, 2);
    assert.equal((await load(write("a.csv", CSV))).added, false);
    assert.equal((await load(await zstd(folder, CSV.replace("ann", "cyd")))).added, true);
    assert.equal((await query.createQuery({ expression: "T" })).rowCount, 4);
    await assert.rejects(load(write("cut.csv.gz", gzipSync(CSV).subarray(0, 30))), {
      kind: "format",
      message: /cut\.csv\.gz cannot be decompressed as gzip: unexpected end of file/,
    });
    await assert.rejects(load(write("no.csv.zst", "not compressed at all")), {
      kind: "format",
      message: /no\.csv\.zst cannot be decompressed as zstd/,
    });
    await assert.rejects(load(path("none.csv.gz")), { kind: "file", message: /none\.csv\.gz: there is no such file/ });
    await assert.rejects(load(write("a.xyz.gz", gzipSync(CSV))), { message: /its extension '\.xyz' is not known/ });
    assert.deepEqual(temporary(), before);
  });

  it("reads JSON lines with the types of their values", async () => {
    const lines = [
      {
        at: "2022-01-01T00:00:00.123456789Z",
        who: "ann",
        x: 1.5,
        l: [1, 2],
        s: { a: 1 },
        d: "2022-01-01",
        b: true,
        t: "5",
      },
      { who: "bob", at: "2022-01-02T00:00:00Z", x: null, z: "q", t: "" },
    ];
    const text = lines.map((line) => `${JSON.stringify(line).replace('"x":1.5', '"n":9007199254740993,"x":1.5')}\n`);
    assert.equal((await load(write("a.jsonl", text.join("")))).rowCount, 2);
    assert.deepEqual(await types(), {
      at: "timestamp_ns",
      who: "string",
      n: "i64",
      x: "f64",
      l: "list<i64>",
      s: "{a: i64}",
      d: "date32",
      b: "bool",
      t: "string",
      z: "string",
    });
    const csv = (await query.createQuery({ expression: "{ n: T.n, z: T.z, b: T.b, len: list_len(T.l) }" })).toCsv();
    assert.match(csv, /^2022-01-01T00:00:00\.123456789,\d+,\d+,ann,9007199254740993,,true,2$/m);
    await assert.rejects(load(write("bad.jsonl", '{"at":"2022-01-01T00:00:00Z","who":"a"}\n{"at":\n')), {
      kind: "format",
      message: /^\S+bad\.jsonl cannot be read as JSON lines: .*line/,
    });
    await assert.rejects(load(write("empty.ndjson", "")), { kind: "format", message: /is empty/ });
  });

  it("loads several files, lists and patterns in one call, each whole or not at all", async () => {
    mkdirSync(path("deep/er"), { recursive: true });
    write("p1.csv", CSV);
    write("p2.csv", CSV.replace("ann", "cyd"));
    write("deep/er/p3.csv", CSV.replace("ann", "dan"));
    const pattern = await load(path("p*.csv"));
    assert.equal(pattern.rowCount, 4);
    assert.equal(pattern.table.version, 2);
    const list = await load([path("p1.csv"), pathToFileURL(path("deep/er/p3.csv"))]);
    assert.equal(list.table.version, 3);
    assert.equal((await load(path("**/p3.csv"))).added, false);
    // A file of that very name is no pattern.
    assert.equal((await load(write("odd[1].csv", CSV.replace("ann", "eve")))).added, true);
    await assert.rejects(load(path("q*.csv")), { kind: "file", message: /q\*\.csv: no file matches this pattern/ });
    await assert.rejects(load([]), { name: "ArgumentError" });
  });

  it("takes other dividers and quotes, and says what it expected of them", async () => {
    await load(write("a.tsv", CSV.replaceAll(",", "\t")));
    await load(write("b.csv", "at;who;n\n2022-01-03T00:00:00Z;'a;''b';3\n"), { delimiter: ";", quote: "'" });
    const csv = (await query.createQuery({ expression: "{ n: T.n }" })).toCsv();
    assert.match(csv, /,a;'b,3$/m);
    await assert.rejects(load(write("c.csv", 'at;who;n\n1;"a"x;3\n'), { delimiter: ";" }), {
      kind: "format",
      message:
        /c\.csv, row 1 \(line 2\), column 'who', byte 14: text after a closing quote; expected ";" or the line's end/,
    });
    await assert.rejects(load(write("d.csv", "a\n"), { delimiter: "x" }), {
      message: /delimiter of CSV cannot be 'x'/,
    });
    await assert.rejects(load(path("d.csv"), { delimiter: '"' }), { message: /delimiter of CSV cannot be '"'/ });
    await assert.rejects(load(path("b.csv"), { delimiter: ",," }), { name: "ArgumentError" });
  });

  it("takes integers of any unit as times", async () => {
    await load(write("s.csv", "at,who,n\n1640995200,ann,1\n"), { timeUnit: "s" });
    assert.match((await query.createQuery({ expression: "T" })).toCsv(), /^2022-01-01T00:00:00\.000000000,/m);
    assert.equal((await types()).at, "timestamp_s");
    await assert.rejects(load(write("text.csv", CSV), { timeUnit: "ms" }), {
      kind: "column",
      message: /column 'at' is of type timestamp_s; expected integers/,
    });
    await assert.rejects(load(path("text.csv"), { timeUnit: "minutes" }), { name: "ArgumentError" });
  });

  it("fails at a row that is no event, or leaves it out and keeps it in a file", async () => {
    const text =
      'at,who,n\n2022-01-01T00:00:00Z,ann,1\nsoon,"b,b",2\n,cyd,3\n3022-01-01T00:00:00Z,dan,4\n2022-01-02T00:00:00Z,eve,5\n';
    const file = write("bad.csv", text);
    await assert.rejects(load(file), { kind: "value", message: /row 2 \(line 3\), column 'at': 'soon' is not a time/ });
    assert.equal((await table.getTable("T")).version, 0);
    const loaded = await load(file, { onError: "skip" });
    assert.equal(loaded.rowCount, 2);
    assert.equal(loaded.rejectedRows, 3);
    const rejects = /^3 rows were left out; they are in (.*)\.$/.exec(loaded.warnings[0]!)![1]!;
    const lines = readFileSync(rejects, "utf8").trimEnd().split("\n");
    assert.equal(lines[0], "reason,line,text,at,who,n");
    assert.match(lines[1]!, /bad\.csv, row 2 \(line 3\), column 'at': 'soon' is not a time.*,3,,soon,"b,b",2$/);
    assert.match(lines[2]!, /row 3 .*the cell is empty.*,4,,,cyd,3$/);
    assert.match(lines[3]!, /row 4 .*,5,,3022-01-01T00:00:00Z,dan,4$/);
    assert.equal(lines.length, 4);
    // The table has times, as of the rows that stayed.
    assert.equal((await types()).at, "timestamp_s");
    assert.equal((await load(write("good.csv", CSV), { onError: "skip" })).rejectedRows, 0);
    await table.createTable({ tableName: "K", timeColumnName: "at", entityKeyColumnName: "k", subsortColumnName: "s" });
    const keys = await table.load({
      tableName: "K",
      file: write("k.csv", "at,k,s\n1,1,1\n2,,2\n3,3,\n4,4,4\n"),
      onError: "skip",
    });
    assert.deepEqual([keys.rowCount, keys.rejectedRows], [2, 2]);
  });

  it("leave out rows that are no CSV or not UTF-8, and keep them as they are written", async () => {
    await table.createTable({ tableName: "M", timeColumnName: "at", entityKeyColumnName: "who" });
    const bytes = Buffer.concat([
      Buffer.from('at,who,text\n1,ann,one\n2,bob\n3,cyd,"two\nlines"\n4,dan,a "quote"\n\n5,eve,"closed" early\n6,f'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('y,six\nnever,gus,seven\n8,hal,eight,too many\n9,ida,"never closed\n10,jon,ten\n'),
    ]);
    const file = join(folder, "malformed.csv");
    writeFileSync(file, bytes);
    await assert.rejects(table.load({ tableName: "M", file }), {
      kind: "format",
      message: /malformed\.csv, row 2 \(line 3\), byte \d+: 2 cells, and the header has 3$/,
    });
    assert.equal((await table.getTable("M")).version, 0);
    const loaded = await table.load({ tableName: "M", file, onError: "skip" });
    assert.deepEqual([loaded.table.rowCount, loaded.rejectedRows], [3, 7]);
    const path = /^7 rows were left out; they are in (.*)\.$/.exec(loaded.warnings[0]!)![1]!;
    const rejects = parse(readFileSync(path), { columns: true }) as Record<string, string>[];
    const told = rejects.map(({ line, text_: text, at, reason }) => [line, text, at, reason!.replace(/^.*?: /, "")]);
    assert.deepEqual(told, [
      ["3", "2,bob", "", "2 cells, and the header has 3"],
      ["6", '4,dan,a "quote"', "", "a quote inside an unquoted cell; quote the whole cell and double the quotes in it"],
      [
        "8",
        '5,eve,"closed" early',
        "",
        "text after a closing quote; expected a comma or the line's end, and quotes inside quotes doubled",
      ],
      ["9", "6,f\ufffd\ufffdy,six", "", "the byte 0xff is not UTF-8"],
      ["10", "", "never", "'never' is not a time; expected a time such as 2022-01-31T08:30:00Z"],
      ["11", "8,hal,eight,too many", "", "4 cells, and the header has 3"],
      ["12", '9,ida,"never closed', "", "this quote is never closed"],
    ]);
    assert.match(rejects[3]!.reason!, /row 6 \(line 9\), column 'who', byte \d+:/);
    const rows = (await query.createQuery({ expression: "M" })).toCsv().trimEnd().split("\n").slice(1);
    assert.match(rows.join("\n"), /ann,one\n.*cyd,"two\nlines"\n.*jon,ten$/);
  });

  describe("over the network", () => {
    let server: Server;
    let address: string;
    const asked: { url: string; authorization: string | undefined; body: string }[] = [];
    const saved = { ...process.env };

    before((done) => {
      server = createServer(async (request, response) => {
        const body = await text(request);
        asked.push({ url: request.url!, authorization: request.headers.authorization, body });
        if (request.url!.startsWith("/broken")) {
          response.writeHead(200, { "content-length": "1000" });
          response.write("at,who");
          setTimeout(() => response.destroy(), 20);
        } else if (request.url === "/token") {
          response.end(JSON.stringify({ access_token: "the-token" }));
        } else if (request.url!.includes("none")) {
          response.writeHead(404).end();
        } else {
          response.end(request.url!.includes(".gz") ? gzipSync(CSV) : CSV.replace("ann", "net"));
        }
      }).listen(0, "127.0.0.1", () => {
        address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        done();
      });
    });
    after((done) => {
      server.closeAllConnections();
      server.close(done);
    });
    afterEach(() => {
      const isCloud = (name: string) => /^(AWS|GOOGLE|STORAGE)_/.test(name);
      for (const name of Object.keys(process.env)) if (isCloud(name)) delete process.env[name];
      for (const [name, value] of Object.entries(saved)) if (isCloud(name)) process.env[name] = value;
    });

    it("reads http addresses, compressed or not", async () => {
      const before = temporary();
      assert.equal((await load(`${address}/data/a.csv?version=2`)).rowCount, 2);
      assert.equal((await load(new URL(`${address}/b.csv.gz`))).added, true);
      assert.equal((await load(`${address}/again.csv`)).added, false);
      await assert.rejects(load(`${address}/none.csv`), {
        kind: "file",
        message: /none\.csv: the server answered 404/,
      });
      await assert.rejects(load(`${address}/broken.csv`), {
        kind: "file",
        message: /broken\.csv: the transfer broke off/,
      });
      await assert.rejects(load("http://127.0.0.1:1/x.csv"), { kind: "file", message: /cannot read http:.*x\.csv: / });
      await assert.rejects(load("ftp://example.org/x.csv"), {
        name: "ArgumentError",
        message: /ftp: is not supported/,
      });
      assert.deepEqual(temporary(), before);
    });

    it("reads s3 addresses, signed with the environment's keys", async () => {
      process.env.AWS_ENDPOINT = address;
      await assert.rejects(load("s3://bucket/deep/a.csv"), { kind: "file", message: /AWS_ALLOW_HTTP/ });
      process.env.AWS_ALLOW_HTTP = "true";
      process.env.AWS_ACCESS_KEY_ID = "AKID";
      process.env.AWS_SECRET_ACCESS_KEY = "secret";
      process.env.AWS_REGION = "eu-west-1";
      assert.equal((await load("s3://bucket/deep/a.csv")).rowCount, 2);
      const { url, authorization } = asked.at(-1)!;
      assert.equal(url, "/bucket/deep/a.csv");
      assert.match(authorization!, /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/s3\/aws4_request/);
      await assert.rejects(load("s3://bucket/none.csv"), {
        kind: "file",
        message: /s3:\/\/bucket\/none\.csv: the server answered 404/,
      });
    });

    it("reads gs addresses, with a token for the environment's service account", async () => {
      process.env.STORAGE_EMULATOR_HOST = address.replace("http://", "");
      assert.equal((await load("gs://bucket/deep/a.csv")).rowCount, 2);
      assert.deepEqual(asked.at(-1), { url: "/bucket/deep/a.csv", authorization: undefined, body: "" });
      const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const account = {
        client_email: "me@project.iam",
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
        token_uri: `${address}/token`,
      };
      process.env.GOOGLE_SERVICE_ACCOUNT_PATH = write("key.json", JSON.stringify(account));
      assert.equal((await load("gs://bucket/deep/a.csv.gz")).rowCount, 2);
      const [asking, reading] = asked.slice(-2);
      assert.deepEqual([reading!.url, reading!.authorization], ["/bucket/deep/a.csv.gz", "Bearer the-token"]);
      const assertion = new URLSearchParams(asking!.body).get("assertion")!;
      const [header, claims, signature] = assertion.split(".") as [string, string, string];
      const signed = Buffer.from(`${header}.${claims}`);
      assert.ok(verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url")));
      const { iss, aud, scope } = JSON.parse(Buffer.from(claims, "base64url").toString());
      assert.deepEqual([iss, aud], ["me@project.iam", `${address}/token`]);
      assert.match(scope, /devstorage\.read_only$/);
      await assert.rejects(load("gs://bucket/none.csv"), {
        kind: "file",
        message: /gs:\/\/bucket\/none\.csv: the server answered 404/,
      });
      process.env.GOOGLE_SERVICE_ACCOUNT_KEY = JSON.stringify({ ...account, private_key: "no key" });
      await assert.rejects(load("gs://bucket/a.csv"), { message: /the service account's private_key cannot be used/ });
      process.env.GOOGLE_SERVICE_ACCOUNT_KEY = "{}";
      await assert.rejects(load("gs://bucket/a.csv"), { message: /expected JSON with client_email and private_key/ });
    });
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ChecksumRecord } from "../../src/execute/checksum-record.ts";
import { prepareCsvText } from "../../src/tables/load/ad-hoc-table.ts";
import { movePrepared } from "../../src/tables/prepared/prepared-head.ts";

describe("a file's checksum", () => {
  const directory = mkdtempSync(join(tmpdir(), "written-here-"));
  const definition = { name: "Plays", timeColumn: "time", keyColumn: "user", grouping: "user" };
  const newFile = async () => {
    const table = await prepareCsvText(definition, "time,user,n\n2024-01-01,a,1\n2024-01-02,b,2\n", directory);
    // Files that go with their process have none; those of a store do.
    const [file] = table.files;
    return { ...file!, crc32: crc32(readFileSync(file!.path)) };
  };
  const isVerified = (file: Awaited<ReturnType<typeof newFile>>) => new ChecksumRecord().claim(file);

  after(() => rmSync(directory, { recursive: true }));

  it("is not read again by the process that has written the file", async () => {
    assert.equal(isVerified(await newFile()), false);
  });

  it("is not read again where the file was moved by the process", async () => {
    const file = await newFile();
    const path = join(directory, "moved.arrow");
    movePrepared(file.path, path, false);
    assert.equal(isVerified({ ...file, path }), false);
  });

  it("is verified where the file was changed since", async () => {
    const file = await newFile();
    const bytes = readFileSync(file.path);
    bytes[bytes.length >> 1]! ^= 1;
    // As another file of the same size: a clock that ticks rarely may show the time of the first one.
    writeFileSync(`${file.path}.changed`, bytes);
    renameSync(`${file.path}.changed`, file.path);
    assert.equal(isVerified(file), true);
  });

  it("is verified where another process has written the file", async () => {
    const file = await newFile();
    const path = join(directory, "copy.arrow");
    writeFileSync(path, readFileSync(file.path));
    assert.equal(isVerified({ ...file, path }), true);
  });
});

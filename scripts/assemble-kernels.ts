// Assembles the loops of hashing, loading and writing Parquet: node --import tsx scripts/assemble-kernels.ts
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { ENCODE_WAT } from "../src/frames/parquet/encode-wat.ts";
import { KERNELS_WAT } from "../src/tables/bulk/kernels-wat.ts";
import { KEY_HASH_WAT } from "../src/values/key-hash-module.ts";

/** Puts an assembled module in place of what a constant of a file was. */
async function assemble(wat: string, name: string, file: string): Promise<void> {
  const module = (await wabt()).parseWat("module.wat", wat, { threads: true, simd: true, bulk_memory: true });
  const text = Buffer.from(module.toBinary({}).buffer).toString("base64");
  const lines = text.match(/.{1,116}/g)!.map((line) => `  "${line}"`);
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const source = readFileSync(path, "utf8");
  const at = source.indexOf(`export const ${name} =`);
  writeFileSync(path, `${source.slice(0, at)}export const ${name} =\n${lines.join(" +\n")};\n`);
}

await assemble(KEY_HASH_WAT, "KEY_HASH_BINARY", "src/values/key-hash-module.ts");
await assemble(KERNELS_WAT, "KERNELS_BINARY", "src/tables/bulk/kernels-binary.ts");
await assemble(ENCODE_WAT, "ENCODE_BINARY", "src/frames/parquet/encode-binary.ts");

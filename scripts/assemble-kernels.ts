// Assembles the loops of loading: node --import tsx scripts/assemble-kernels.ts
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { KERNELS_WAT } from "../src/tables/bulk/kernels-wat.ts";

const features = { threads: true, simd: true, bulk_memory: true };
const module = (await wabt()).parseWat("kernels.wat", KERNELS_WAT, features);
const text = Buffer.from(module.toBinary({}).buffer).toString("base64");
const lines = text.match(/.{1,116}/g)!.map((line) => `  "${line}"`);
writeFileSync(
  fileURLToPath(new URL("../src/tables/bulk/kernels-binary.ts", import.meta.url)),
  `/** \`KERNELS_WAT\` assembled by scripts/assemble-kernels.ts, base64. */\nexport const KERNELS_BINARY =\n${lines.join(" +\n")};\n`,
);

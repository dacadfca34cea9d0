import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** Tests for which this machine lacks something: they say what, and count neither way. */
  readonly notRun: number;
  readonly seconds: number;
}

/** Runs a command with its output shown; a command that counts its own tests says so in mocha's words. */
function run(name: string, command: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: root, stdio: ["inherit", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk.toString("utf8");
    });
    child.on("error", reject);
    child.on("close", (status) => {
      const count = (word: string) => Number(output.match(new RegExp(`^ +(\\d+) ${word}`, "m"))?.[1] ?? 0);
      const passed = count("passing") + (status === 0 && !/^ +\d+ passing/m.test(output) ? 1 : 0);
      const failed = Math.max(count("failing"), status === 0 ? 0 : 1);
      resolve({ name, passed, failed, notRun: count("pending"), seconds: (performance.now() - started) / 1000 });
    });
  });
}

const patterns = process.argv.length > 2 ? process.argv.slice(2) : ["test/**/*.test.ts"];
const checks = Promise.all([
  run("typecheck", ["node_modules/typescript/bin/tsc", "--noEmit"]),
  run("lint", ["node_modules/@biomejs/biome/bin/biome", "check", "."]),
]);
const built = await run("build", ["--import", "tsx", "scripts/build.ts"]);
const outcomes = [
  ...(await checks),
  built,
  await run("tests", [
    "--no-experimental-require-module",
    "--import",
    "tsx",
    "node_modules/mocha/bin/mocha.js",
    ...patterns,
  ]),
];

console.log();
for (const { name, passed, failed, notRun, seconds } of outcomes) {
  const verdict = `${failed === 0 ? "ok" : "FAILED"}  ${passed} passed  ${failed} failed`;
  console.log(`${name.padEnd(10)} ${verdict}${notRun > 0 ? `  ${notRun} NOT RUN` : ""}  ${seconds.toFixed(1)} s`);
}
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
console.log(`\n${outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

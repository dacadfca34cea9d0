import { Survival } from "../test/crash/survive.ts";

const [countText = "300", seedText] = process.argv.slice(2);
const count = Number(countText);
const seed = seedText === undefined ? Date.now() % 2 ** 31 : Number(seedText);
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
  console.error("usage: npm run crash -- [COUNT] [SEED]\nCOUNT and SEED are whole numbers, COUNT at least 1.");
  process.exit(2);
}

console.log(`${count} rounds of kills and failing disks, seed ${seed}`);
const survival = new Survival(seed);
const failures = new Map<string, number>();
let killed = 0;
let loads = 0;
await survival.begin();
for (let round = 1; round <= count; round++) {
  const outcome = await survival.round();
  killed += outcome.killed;
  loads = outcome.loads;
  for (const message of outcome.failures) {
    const kind = message.replace(/\S*\/\S*/g, "PATH").replace(/[0-9]+/g, "N");
    failures.set(kind, (failures.get(kind) ?? 0) + 1);
  }
  if (round % 10 === 0) console.log(`${round} rounds, ${killed} killed, ${loads} loads kept`);
}
survival.end();
console.log("\nwhat users were told:");
for (const [kind, times] of [...failures].sort((a, b) => b[1] - a[1]))
  console.log(`${String(times).padStart(6)}  ${kind}`);
console.log(`\n${count} rounds survived: ${killed} processes killed, ${loads} loads kept, none lost`);

import { Survival } from "./survive.ts";

/** A hundredth of what `npm run crash` runs. */
const ROUNDS = 3;

describe("a store whose processes are killed and whose disk fails", () => {
  it(`opens, is whole, keeps what was committed and goes on, over ${ROUNDS} rounds`, async function () {
    this.timeout(60_000 + ROUNDS * 120_000);
    const survival = new Survival(7);
    try {
      await survival.begin();
      for (let round = 0; round < ROUNDS; round++) await survival.round();
    } finally {
      survival.end();
    }
  });
});

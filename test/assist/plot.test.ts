import assert from "node:assert/strict";
import { tableFromArrays } from "apache-arrow";
import { magics } from "../../kernel/cell/magics.ts";
import { toMimeBundle } from "../../kernel/display/mime-bundle.ts";
import { plot } from "../../kernel/display/plot.ts";
import { axisMarks, shownTime, timeAt } from "../../kernel/display/plot-axis.ts";
import { thinPoints } from "../../kernel/display/plot-thin.ts";
import { createQuery } from "../../src/api/query.ts";
import * as table from "../../src/api/table.ts";
import { LocalBuilder, type Session } from "../../src/index.ts";
import { parseTimestamp } from "../../src/values/timestamp.ts";

const SCRIPT = "<script>alert('&\"')</script>";

describe("plot", () => {
  let session: Session;
  before(async () => {
    session = await new LocalBuilder().inMemory(true).build();
    await table.createTable({ tableName: "P", timeColumnName: "at", entityKeyColumnName: "who", session });
    const dataframe = tableFromArrays({
      at: ["2022-01-01T00:30:00Z", "2022-01-01T12:00:00Z", "2022-01-02T12:00:00Z", "2022-01-03T00:30:00Z"],
      who: ["ann", SCRIPT, "ann", "ann"],
      amount: new Int32Array([5, 7, 9, 1]),
      note: ["x", SCRIPT, "y\u0007", "x"],
    });
    await table.loadDataframe({ tableName: "P", dataframe, session });
  });
  after(() => session.stop());

  const run = (expression: string) => createQuery({ expression, session });
  const texts = (svg: string) =>
    [...svg.matchAll(/<text[^>]*>(?:<title>[^<]*<\/title>)?([^<]*)/g)].map(([, text]) => text);
  const count = (svg: string, part: string) => svg.split(part).length - 1;

  it("draws steps for continuous fields and points for discrete ones", async () => {
    const { svg } = plot(await run("{ total: sum(P.amount), amount: P.amount }"));
    assert.equal(count(svg, 'class="step"'), 2 + 1, "a line for each entity, and one in the key");
    assert.equal(count(svg, 'class="point"'), 4 + 1);
    const paths = [...svg.matchAll(/class="step" d="([^"]*)"/g)].map(([, path]) => path!);
    const [ann] = paths.filter((path) => path.includes("V"));
    assert.match(ann!, /^M[\d.]+ [\d.]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+H804$/, "steps that stand until the end");
    assert.ok(texts(svg).includes("total") && texts(svg).includes("15") && texts(svg).includes("ann"));
  });

  it("interrupts a continuous line where there is no value", async () => {
    const result = await run("let s = sum(P.amount) in { s: s | if(s < 15) }");
    assert.deepEqual(result.output.continuous, [true]);
    const { svg } = plot(result, { entities: ["ann"] });
    assert.match(svg, /class="step" d="M[\d.]+ [\d.]+H[\d.]+V[\d.]+H800"/, "it ends at the last row, before the edge");
    assert.equal(count(svg, 'class="dot"'), 2);
  });

  it("shows why there are rows: events, ticks, moved rows", async () => {
    const moved = await run("{ late: P.amount | shift_by(hours(1)), n: count(P), daily: count(P) | when(daily()) }");
    const { svg, text } = plot(moved);
    for (const kind of ["event", "tick", "shift"]) assert.ok(svg.includes(`<title>${kind} at 2022-01-0`), kind);
    assert.match(text, /rows .*\^.*>/);
    assert.match(text, /\| event {3}\^ tick {3}> shifted row/);
    assert.ok(!plot(await run("{ n: count(P) }")).svg.includes("<title>tick"));
  });

  it("lets nothing of the data through as markup", async () => {
    const { svg } = plot(await run("{ note: P.note }"));
    assert.ok(!svg.includes("<script"));
    assert.ok(svg.includes("&lt;script&gt;"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    assert.doesNotMatch(svg, /[\u0000-\u0009\u000b-\u001f]/);
    const open = [...svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)].filter(([, , , closed]) => closed === "");
    assert.equal(open.filter(([, close]) => close === "").length, open.filter(([, close]) => close === "/").length);
  });

  it("says in words what it shows", async () => {
    const made = plot(await run("{ total: sum(P.amount) }"));
    const [, ids] = /aria-labelledby="([^"]+)"/.exec(made.svg)!;
    for (const id of ids!.split(" ")) assert.ok(made.svg.includes(`id="${id}"`));
    assert.match(
      made.svg,
      /<desc[^>]*>From 2022-01-01 00:30:00 to 2022-01-03 00:30:00 UTC\. ann: 3 rows.*total \(continuous\): 5 to 15\./,
    );
    const bundle = toMimeBundle(made);
    assert.deepEqual(Object.keys(bundle).sort(), ["image/svg+xml", "text/html", "text/plain"]);
    assert.match(bundle["text/plain"] as string, /^ann\n {2}rows {3}\|[·|]+\n {2}total {2}▁+█+ {2}5 to 15\n/);
  });

  it("draws what it is asked for, and refuses what is not there", async () => {
    const result = await run("{ total: sum(P.amount), amount: P.amount }");
    const { text } = plot(result, { entities: [SCRIPT], fields: ["amount"] });
    assert.ok(!text.includes("ann") && !text.includes("total"));
    const refused: [unknown, object, RegExp][] = [
      [result, { fields: ["nothing"] }, /no field "nothing"; its fields are "total", "amount"/],
      [result, { entities: ["bob"] }, /no rows of the entity "bob"/],
      [result, { field: ["total"] }, /no option "field"/],
      [result, { fields: "total" }, /fields must be a list/],
      [{}, {}, /takes the result of a query/],
      [null, {}, /takes the result of a query/],
    ];
    for (const [value, options, message] of refused) {
      assert.throws(() => plot(value as typeof result, options), { name: "TypeError", message });
    }
  });

  it("draws results without rows, and with one", async () => {
    assert.equal(plot(await run("{ n: P.amount } | when($input.n > 100)")).text, "no rows to plot");
    assert.doesNotMatch(plot(await run("{ n: P.amount } | when($input.n == 7)")).svg, /NaN|Infinity|undefined/);
  });

  it("is an option of %%fenl", () => {
    const fenl = magics.find(({ name }) => name === "fenl");
    assert.ok(fenl?.options?.some(({ name }) => name === "plot"));
  });
});

describe("the axis of a plot", () => {
  it("has marks at round times", () => {
    const start = parseTimestamp("2022-01-01T00:30:00Z")!;
    const texts = (length: number) => axisMarks(start, length, 7).map(({ text }) => text);
    assert.deepEqual(texts(6 * 3_600_000), ["01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]);
    assert.deepEqual(texts(3 * 86_400_000), ["12:00", "2022-01-02", "12:00", "2022-01-03", "12:00", "2022-01-04"]);
    assert.deepEqual(texts(0), ["2022-01-01 00:30:00"]);
    assert.equal(shownTime(start), "2022-01-01 00:30:00");
    assert.equal(shownTime(timeAt(start, 1500)), "2022-01-01 00:30:01.5");
    assert.ok(axisMarks(-(2n ** 63n) + 1n, 1.8e13, 7).length <= 8);
  });
});

describe("thinning", () => {
  it("keeps the extremes of every column", () => {
    const points = Array.from({ length: 100_000 }, (_, at) => ({ at, level: at === 54_321 ? 9 : at % 3 }));
    const thin = thinPoints(points, 100_000, 100);
    assert.ok(thin.length <= 400);
    assert.ok(thin.includes(points[54_321]!) && thin.includes(points[0]!) && thin.includes(points.at(-1)!));
    assert.ok(thin.every(({ at }, index) => index === 0 || at > thin[index - 1]!.at));
    assert.equal(thinPoints(points.slice(0, 10), 10, 100).length, 10);
  });
});

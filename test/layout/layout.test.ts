import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findCycles, type ImportEdge, importEdges, importsOf, ROOT, sourceFiles } from "./import-graph.ts";

/** The engine's stages in the order of the data's way through them: a later one may import an earlier one. */
const STAGES = [
  "text",
  "values",
  "syntax",
  "functions",
  "analyze",
  "assist",
  "tables",
  "plan",
  "compile",
  "execute",
  "run-fenl.ts",
  "explain-fenl.ts",
  "explain-code.ts",
  "frames",
  "spark",
  "api",
  "index.ts",
];

/** The rooms of large folders, likewise; "." is the folder itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "src/tables": [".", "read", "prepared", "bulk", "load", "store"],
  "src/execute": ["rows", "order", "spill", "scan", "stage", "."],
  "src/frames": [".", "parquet"],
};

/** Packages that only some folders may touch. */
const KEEPERS: readonly { readonly name: string; readonly folders: readonly string[] }[] = [
  { name: "zeromq", folders: ["kernel/wire/"] },
  { name: "danfojs-node", folders: ["src/frames/"] },
  { name: "wabt", folders: ["src/compile/"] },
  { name: "ohm-js", folders: ["src/syntax/"] },
  { name: "commander", folders: ["cli/"] },
  { name: "@grpc/grpc-js", folders: ["src/spark/connect/"] },
  { name: "@grpc/proto-loader", folders: ["src/spark/connect/"] },
];

const GRAB_BAGS = new Set(["utils", "util", "helpers", "helper", "common", "types", "misc", "shared"]);
const MOST_LINES = 500;

const product = sourceFiles("src", "kernel", "kernelspec", "cli");
const everything = [...product, ...sourceFiles("test", "scripts", "bench")];
const edges = importEdges(product);

const stageOf = (path: string) => STAGES.indexOf(path.split("/")[1]!);
const show = (edge: ImportEdge) => `${edge.from}:${edge.line} imports ${edge.to}`;

describe("layout", () => {
  it("finds every form of import", () => {
    const text = `import a from "./a.ts";
import type { B } from "./b.ts";
import {
  c,
  d,
} from "../c/c.ts";
export * from "./e.ts";
import "./f.ts";
// import x from "./not-this.ts" is a comment
const g = await import("pkg/g");
/* import h from "./nor-this.ts"; */
`;
    assert.deepEqual(
      importsOf("src/x/x.ts", text).map((edge) => edge.to),
      ["src/x/a.ts", "src/x/b.ts", "src/c/c.ts", "src/x/e.ts", "src/x/f.ts", "pkg/g"],
    );
    assert.equal(importsOf("src/x/x.ts", text)[2]!.line, 6);
  });

  it("finds a cycle through type imports", () => {
    const edge = (from: string, to: string): ImportEdge => ({ from, to, line: 1 });
    assert.deepEqual(findCycles([edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", "d")]), [
      ["a", "b", "c", "a"],
    ]);
    assert.deepEqual(findCycles([edge("a", "b"), edge("a", "c"), edge("b", "c")]), []);
  });

  it("imports in src go from later stages to earlier ones", () => {
    const unknown = product.filter((file) => file.startsWith("src/") && stageOf(file) < 0);
    assert.deepEqual(unknown, [], "files of no known stage");
    const wrong = edges.filter(
      (edge) => edge.from.startsWith("src/") && edge.to.startsWith("src/") && stageOf(edge.from) < stageOf(edge.to),
    );
    assert.deepEqual(wrong.map(show), []);
  });

  for (const [folder, rooms] of Object.entries(ROOMS)) {
    it(`imports in ${folder} go from later rooms to earlier ones`, () => {
      const roomOf = (path: string) => rooms.indexOf(dirname(path.slice(folder.length + 1)).split("/")[0]!);
      const inside = (path: string) => path.startsWith(`${folder}/`);
      assert.deepEqual(
        product.filter((file) => inside(file) && roomOf(file) < 0),
        [],
        "files of no known room",
      );
      const wrong = edges.filter(({ from, to }) => inside(from) && inside(to) && roomOf(from) < roomOf(to));
      assert.deepEqual(wrong.map(show), []);
    });
  }

  it("the engine knows neither the kernel nor the command line", () => {
    const wrong = edges.filter(
      (edge) => edge.from.startsWith("src/") && /^(kernel|kernelspec|cli|test)\//.test(edge.to),
    );
    assert.deepEqual(wrong.map(show), []);
  });

  it("the kernel does not know the command line, and no product file knows the tests", () => {
    const wrong = edges.filter(
      (edge) => (/^kernel/.test(edge.from) && edge.to.startsWith("cli/")) || /^(test|bench)\//.test(edge.to),
    );
    assert.deepEqual(wrong.map(show), []);
  });

  it("the public index is not imported from inside src", () => {
    assert.deepEqual(edges.filter((edge) => edge.from.startsWith("src/") && edge.to === "src/index.ts").map(show), []);
  });

  it("packages stay in their folders", () => {
    const wrong = edges.filter((edge) =>
      KEEPERS.some(
        (keeper) =>
          (edge.to === keeper.name || edge.to.startsWith(`${keeper.name}/`)) &&
          !keeper.folders.some((folder) => edge.from.startsWith(folder)),
      ),
    );
    assert.deepEqual(wrong.map(show), []);
  });

  it("relative imports name a file that is there", () => {
    const generated = /\.ohm-bundle\.js$/;
    const wrong = edges.filter(
      (edge) =>
        /^(src|kernel|kernelspec|cli)\//.test(edge.to) && !generated.test(edge.to) && !existsSync(join(ROOT, edge.to)),
    );
    assert.deepEqual(wrong.map(show), []);
  });

  it("has no cycles", () => {
    assert.deepEqual(
      findCycles(edges).map((cycle) => cycle.join(" -> ")),
      [],
    );
  });

  it(`has no file over ${MOST_LINES} lines`, () => {
    const long = everything
      .filter((file) => !file.includes("/generated/"))
      .map((file) => ({ file, lines: readFileSync(join(ROOT, file), "utf8").split("\n").length - 1 }))
      .filter(({ lines }) => lines > MOST_LINES);
    assert.deepEqual(long, []);
  });

  it("has no grab-bags, and no barrel but the public index", () => {
    assert.deepEqual(
      everything.filter((file) => GRAB_BAGS.has(basename(file).replace(/\.m?ts$/, ""))),
      [],
    );
    assert.deepEqual(
      product.filter((file) => basename(file) === "index.ts"),
      product.includes("src/index.ts") ? ["src/index.ts"] : [],
    );
  });
});

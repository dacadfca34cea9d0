import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

describe("fenl run", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fenl-run-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  function run(...parameters: string[]): SpawnSyncReturns<string> {
    const command = ["--import", "tsx", join(ROOT, "cli/main.ts"), "run", ...parameters];
    return spawnSync(process.execPath, command, { cwd: ROOT, encoding: "utf8" });
  }

  /** Runs cells as a notebook; gives the process's end and the notebook that was written. */
  function runCells(
    cells: readonly (string | { readonly source: string; readonly tags: string[] })[],
    ...options: string[]
  ) {
    const path = join(folder, "cells.ipynb");
    const out = join(folder, "cells.out.ipynb");
    const notebook = {
      cells: cells.map((cell) => {
        const { source, tags } = typeof cell === "string" ? { source: cell, tags: [] } : cell;
        return { cell_type: "code", metadata: { tags }, source, outputs: [], execution_count: 99 };
      }),
      metadata: { kept: true },
      nbformat: 4,
      nbformat_minor: 4,
    };
    writeFileSync(path, JSON.stringify(notebook));
    rmSync(out, { force: true });
    const end = run(path, "--out", out, ...options);
    return { end, written: JSON.parse(readFileSync(out, "utf8")) };
  }

  it("writes outputs, counts, and a notebook of format 4.5", () => {
    const { end, written } = runCells(["console.log('a'); console.log('b'); console.error('c')", "", "1 + 1"]);
    assert.equal(end.status, 0, end.stderr);
    assert.equal(written.nbformat_minor, 5);
    assert.equal(written.metadata.kept, true);
    assert.equal(written.metadata.language_info.name, "typescript");
    const [streams, empty, result] = written.cells;
    assert.ok(streams.id !== undefined && streams.id !== result.id);
    assert.deepEqual(streams.outputs, [
      { output_type: "stream", name: "stdout", text: ["a\n", "b\n"] },
      { output_type: "stream", name: "stderr", text: ["c\n"] },
    ]);
    assert.deepEqual([empty.execution_count, empty.outputs], [null, []]);
    assert.deepEqual(result.outputs, [
      { output_type: "execute_result", execution_count: 2, data: { "text/plain": ["2"] }, metadata: {} },
    ]);
  });

  it("names the failing cell, stops there, and still writes what was executed", () => {
    const { end, written } = runCells(["const a = 1;", "// the bad one\nnoSuchName + a", "console.log('not reached')"]);
    assert.equal(end.status, 1, end.stderr);
    assert.match(
      end.stderr,
      /Cell 2 failed: \/\/ the bad one {2}\(\+1 line\)\nReferenceError: noSuchName is not defined/,
    );
    assert.ok(!end.stdout.includes("not reached\n[") && !end.stdout.endsWith("not reached\n"));
    assert.equal(written.cells[1].outputs[0].output_type, "error");
    assert.deepEqual(written.cells[2].outputs, []);
  });

  it("goes on after a cell that is tagged to fail", () => {
    const { end } = runCells([{ source: "throw new Error('meant')", tags: ["raises-exception"] }, "console.log('on')"]);
    assert.equal(end.status, 0);
    assert.match(end.stdout, /Error: meant[\s\S]*\non\n/);
  });

  it("shows a wrong query's diagnostics without a stack trace", () => {
    const { end, written } = runCells(["%%fenl\n{ n: GamePlya.duration }"]);
    assert.equal(end.status, 1, end.stderr);
    assert.match(end.stdout, /error\[E0006\]: Unbound reference\n {2}--> Query:1:6/);
    assert.ok(!/^ +at /m.test(end.stdout + end.stderr));
    assert.equal(written.cells[0].outputs[0].ename, "FenlError");
  });

  it("stops a cell that takes too long", () => {
    const { end } = runCells(["for (;;);", "1"], "--timeout", "1");
    assert.equal(end.status, 1, end.stderr);
    assert.match(end.stderr, /the cell took longer than 1 s/);
  });

  it("tells that the kernel went away", () => {
    const { end } = runCells(["process.kill(process.pid, 'SIGKILL')"]);
    assert.equal(end.status, 1, end.stderr);
    assert.match(end.stderr, /the kernel ended unexpectedly/);
  });

  it("refuses what is no notebook", () => {
    for (const [name, text, message] of [
      ["missing.ipynb", null, /cannot read .*missing\.ipynb: there is no such file/],
      ["text.ipynb", "hello", /text\.ipynb is not a notebook/],
      ["old.ipynb", '{"nbformat": 3, "worksheets": []}', /not a notebook of format 4/],
      ["damaged.ipynb", '{"nbformat": 4, "cells": [{}]}', /is damaged: cell 1/],
      ["null.ipynb", "null", /not a notebook of format 4/],
    ] as const) {
      const path = join(folder, name);
      if (text !== null) writeFileSync(path, text);
      const end = run(path, "--out", join(folder, "none.ipynb"));
      assert.equal(end.status, 1, name);
      assert.match(end.stderr, message);
      assert.ok(!/^ +at /m.test(end.stderr));
    }
    assert.match(run(join(folder, "x.ipynb"), "--timeout", "soon").stderr, /number of seconds/);
  });
});

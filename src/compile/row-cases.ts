import { type BranchContext, branchless } from "./branchless-wat.ts";
import { Known, simplifyStatements } from "./simplify-wat.ts";
import type { StageWriter } from "./stage-writer.ts";
import { type Part, partText, readParts } from "./wat-tree.ts";

/** A stream of rows, as far as telling apart which streams have a row goes. Components are WebAssembly text. */
export interface RowStream {
  /** The local that is 1 where the stream has the row. */
  readonly present: string;
  /** The time of its next row; the last of all times where there is none. */
  readonly time: string;
  /** The number of the source, if it is one. */
  readonly source: number | null;
}

/** Code for each stream is worth it up to so many characters in all: it has to be assembled and compiled. */
const MOST_TEXT = 60_000;

/**
 * Code for the rows that one stream has alone, of two or more: most rows. There it is known which domains have the row,
 * and which have not falls away. It goes on to the next row; where several streams have the row, it does nothing.
 * @param row what is done on a row
 */
export function rowCases(writer: StageWriter, streams: readonly RowStream[], row: string): string {
  if (streams.length < 2 || streams.length * row.length > MOST_TEXT) return "";
  const cases = streams.map((stream) => {
    const text = rowOfStream(writer, streams, stream, row);
    return `(local.set $time ${stream.time}) ${text}`;
  });
  if (streams.length === 2) {
    const [first, second] = [streams[0]!.time, streams[1]!.time];
    return `(block $several
      (block $second
        (block $first
          (br_if $first (i64.lt_s ${first} ${second}))
          (br_if $second (i64.lt_s ${second} ${first}))
          (br $several))
        ${cases[0]})
      ${cases[1]})`;
  }
  return cases
    .map((text, index) => {
      const others = streams
        .filter((_, other) => other !== index)
        .map((other) => `(i64.lt_s ${streams[index]!.time} ${other.time})`);
      return `(block $next (br_if $next (i32.eqz ${others.reduce((a, b) => `(i32.and ${a} ${b})`)})) ${text})`;
    })
    .join("\n");
}

/** What is done on a row that one stream has and no other. */
export function rowOfStream(
  writer: StageWriter,
  streams: readonly RowStream[],
  stream: RowStream,
  row: string,
): string {
  const isBoolean = (local: string) => writer.isTruth(local.slice(1));
  const presence = streams.map(({ present }): Part => {
    return ["local.set", nameOf(present), ["i32.const", present === stream.present ? "1" : "0"]];
  });
  const simple = simplifyStatements([...presence, ...readParts(row)], new Known(isBoolean));
  return branchless(simple, rowContext(writer, stream.source)).map(partText).join("\n");
}

/** What the rewriting of branches asks, where a source has the row. */
export function rowContext(writer: StageWriter, source: number | null): BranchContext {
  let locals = 0;
  return {
    sources: new Set(source === null ? [] : [source]),
    isBoolean: (local) => writer.isTruth(local.slice(1)),
    typeOf: (local) => writer.typeOf(local.slice(1)),
    newLocal: (type) => {
      const name = `b${locals++}_${type}`;
      writer.scratch(name, type);
      return `$${name}`;
    },
  };
}

/** `(local.get $x)` makes `$x`. */
function nameOf(get: string): string {
  return get.slice("(local.get ".length, -1);
}

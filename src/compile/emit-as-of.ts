import type { AsOfWalk } from "./as-of-walk.ts";
import { branchless } from "./branchless-wat.ts";
import { headOf, readSubsorts, type SourceText } from "./emit-sources.ts";
import { rowContext, rowOfStream } from "./row-cases.ts";
import { rowsAtOnce } from "./rows-at-once.ts";
import { rowAddress, type SourceSlots } from "./stage-layout.ts";
import { balanced, type StageWriter } from "./stage-writer.ts";
import { type Part, partText, readParts } from "./wat-tree.ts";

/** Stands for what moves the followers on to the leader's row. */
export const CATCH_UP = "(catch_up)";

/** What is done on rows, as text. */
export interface AsOfBodies {
  /** On a row of each source; of the leader with {@link CATCH_UP} before what stands of the followers is read. */
  readonly rows: readonly string[];
  /** The numbers of the sources whose subsorts are read once two sources have rows at one time. */
  readonly subsortsLater: readonly number[];
}

const LAST = "(i32.const 0)";

/**
 * Walks an entity's rows: those of the leader one after the other, and the followers' where a row asks what stands by
 * then. Where sources are windows, followers are moved on before each row, so that a run can come back between two rows.
 * @param leave leaves the run, which goes on with the next row when it is entered again
 */
export function walkAsOf(
  writer: StageWriter,
  sources: SourceText,
  walk: AsOfWalk,
  bodies: AsOfBodies,
  leave: string,
): string {
  for (const name of ["limit", "counted", "step"]) writer.scratch(name, "i32");
  const { leader } = walk;
  const { slots, streams } = sources;
  const [row, fuel, limit] = [`(local.get $s${leader}_row)`, "(local.get $fuel)", "(local.get $limit)"];
  const end = `(local.get $s${leader}_end)`;
  const { entities } = slots[leader]!;
  const followers = walk.followers.map((index) => follower(writer, sources, walk, bodies, index));
  const time = `(local.set $time ${streams[leader]!.time})`;
  const catchUp = followers.map((own) => own.catchUp(null)).join("\n");
  const own = withTime(rowOfStream(writer, streams, streams[leader]!, bodies.rows[leader]!), time)
    .replaceAll(CATCH_UP, catchUp)
    // A sink that is full ends the loop with this row.
    .replaceAll("(local.set $fuel (i32.const 1))", `(local.set $fuel (i32.const 1)) (local.set $limit ${LAST})`);
  const left = `(i32.sub ${end} ${row})`;
  const isHere = `(i64.eq (i64.load ${rowAddress(`(local.get $s${leader}_keyHash)`, row, "i64")}) (local.get $key))`;
  const [isNext, isInside] = entities
    ? [`(i32.lt_u ${row} ${limit})`, `(i32.lt_u ${row} ${end})`]
    : [`(i32.and (i32.lt_u ${row} ${limit}) ${isHere})`, isHere];
  const most = entities ? `(select ${left} ${fuel} (i32.lt_u ${left} ${fuel}))` : fuel;
  const stops = walk.followers.map((index) => {
    const s = `$s${index}`;
    return `(local.set ${s}_stop (select (local.get ${s}_end) (local.get ${s}_row) (local.get ${s}_on)))`;
  });
  const isWindowed = `(local.get $${WINDOWED})`;
  // Windows hold as many rows of each source as a run may walk of all of them.
  const burn = entities ? "" : `(if (i32.eqz ${isWindowed}) (then (local.set $fuel (i32.sub ${limit} ${row}))))`;
  return `${stops.join(" ")}
    (if (local.get $s${leader}_on) (then
      (if ${isWindowed}
        (then
          ${time}
          ${followers.map((one) => one.catchUp(leave)).join("\n")}
          (local.set $limit (i32.add ${row} (i32.const 1))))
        (else
          (local.set $limit (i32.add ${row} ${most}))
          ${entities ? `(local.set $fuel (i32.sub ${fuel} (i32.sub ${limit} ${row})))` : ""}))
      (loop $some
        ${own}
        (local.set $s${leader}_row (i32.add ${row} (i32.const 1)))
        (br_if $some ${isNext}))
      ${burn}
      (br_if $rows ${isInside})
      ${nextEntity(leader, slots[leader]!)}))
    ${followers.map(({ skip }) => skip(leave)).join("\n")}`;
}

/** The local that tells whether the sources are windows that move on over their rows. */
export const WINDOWED = "windowed";

/** Ends a source's rows of an entity. */
function nextEntity(index: number, slots: SourceSlots): string {
  const next = slots.entities
    ? `(local.set $s${index}_number (i32.add (local.get $s${index}_number) (i32.const 1)))`
    : "";
  return `${next} ${headOf(`s${index}`, slots)} (local.set $s${index}_on (i32.const 0))`;
}

/** How a follower is moved on. */
interface Follower {
  /** To the leader's row; `leave` where a run may come back between two rows. */
  catchUp(leave: string | null): string;
  /** To the entity's end. */
  skip(leave: string): string;
}

function follower(
  writer: StageWriter,
  { slots, streams, isNotAfter }: SourceText,
  { leader }: AsOfWalk,
  bodies: AsOfBodies,
  index: number,
): Follower {
  const s = `s${index}`;
  writer.scratch(`${s}_stop`, "i32");
  const [row, stop, fuel] = [`(local.get $${s}_row)`, `(local.get $${s}_stop)`, "(local.get $fuel)"];
  const stream = streams[index]!;
  const text = ownPresence(writer, s, rowOfStream(writer, streams, stream, bodies.rows[index]!));
  const own = text.includes("(local.get $time)")
    ? `(local.set $time ${stream.time}) ${text} (local.set $time ${streams[leader]!.time})`
    : text;
  const subsorts = [leader, index]
    .filter((one) => bodies.subsortsLater.includes(one))
    .map(readSubsorts)
    .join(" ");
  const many = rowsAtOnce(text, "(local.get $counted)");
  const next = (by: string) => `(local.set $${s}_row (i32.add ${row} ${by}))`;
  // When the run is entered again, windows tell of the entity that has the next row.
  const step = (leave: string | null) => `(block $caught (loop $catch
      (br_if $caught (i32.eqz (i32.and (i32.lt_u ${row} ${stop}) (i64.le_s ${stream.time} (local.get $time)))))
      (if (i64.eq ${stream.time} (local.get $time)) (then
        ${subsorts}
        (br_if $caught (i32.eqz ${isNotAfter(index, leader)}))))
      ${leave === null ? "" : `(if (i32.le_s ${fuel} (i32.const 0)) (then ${leave})) (local.set $fuel (i32.sub ${fuel} (i32.const 1)))`}
      ${own}
      ${next("(i32.const 1)")}
      ${leave === null ? "" : `(if (i32.ge_u ${row} ${stop}) (then ${nextEntity(index, slots[index]!)}))`}
      (br $catch)))`;
  const count = (atOnce: string) => {
    const times = branchless(readParts(`(if (local.get $counted) (then ${atOnce}))`), rowContext(writer, index));
    return `(local.set $counted (i32.const 0))
      (loop $count
        (local.set $step ${earlier(`(local.get $${s}_time)`, row, stop)})
        ${next("(local.get $step)")}
        (local.set $counted (i32.add (local.get $counted) (local.get $step)))
        (br_if $count (i32.eq (local.get $step) (i32.const ${AT_ONCE}))))
      ${times.map(partText).join("\n")}`;
  };
  return {
    catchUp: (leave) => {
      if (leave !== null || many === null) return step(leave);
      // Rows of the same time, if any are not after it.
      return isNotAfter(index, leader) === "(i32.const 0)" ? count(many) : `${count(many)} ${step(null)}`;
    },
    skip: (leave) => `(if (local.get $${s}_on) (then
      (if (local.get $${WINDOWED}) (then
        (if (i32.gt_u (i32.sub ${stop} ${row}) ${fuel}) (then ${next(fuel)} ${leave}))
        (local.set $fuel (i32.sub ${fuel} (i32.sub ${stop} ${row})))))
      (local.set $${s}_row ${stop})
      ${nextEntity(index, slots[index]!)}))`,
  };
}

/** Which domains have a follower's row is no matter of the leader's row, in the middle of which it is found out. */
function ownPresence(writer: StageWriter, prefix: string, text: string): string {
  return text.replace(/\$p(\d+)\b/g, (_, id: string) => {
    writer.scratch(`${prefix}_p${id}`, "i32");
    return `$${prefix}_p${id}`;
  });
}

/** How many rows' times are compared before it is asked whether there are more of them; memory has room for as many behind the last. */
const AT_ONCE = 4;

/** Of the next rows, how many are earlier than `$time`: no guess is wrong. */
function earlier(times: string, row: string, stop: string): string {
  const terms = Array.from({ length: AT_ONCE }, (_, ahead) => {
    const isThere = `(i32.lt_u (i32.add ${row} (i32.const ${ahead})) ${stop})`;
    const time = `(i64.load offset=${8 * ahead} ${rowAddress(times, row, "i64")})`;
    return `(i32.and ${isThere} (i64.lt_s ${time} (local.get $time)))`;
  });
  return balanced("i32.add", terms);
}

/** Sets the row's time where some code asks for it, and no earlier. */
function withTime(text: string, time: string): string {
  const [set] = readParts(time);
  return placed(readParts(text), set!).map(partText).join("\n");
}

function placed(statements: readonly Part[], set: Part): readonly Part[] {
  const users = statements.filter(asksTime);
  const [only] = users;
  if (only === undefined) return statements;
  const at = statements.indexOf(only);
  const inside = users.length === 1 ? placedInside(only, set) : null;
  return [...statements.slice(0, at), ...(inside === null ? [set, only] : [inside]), ...statements.slice(at + 1)];
}

/** Within one arm of a branch, if nothing else of it asks for the time. */
function placedInside(part: Part, set: Part): Part | null {
  if (!Array.isArray(part) || part[0] !== "if") return null;
  const users = part.filter(asksTime);
  const [arm] = users;
  if (users.length > 1 || !Array.isArray(arm) || (arm[0] !== "then" && arm[0] !== "else")) return null;
  const inside: Part = [arm[0], ...placed(arm.slice(1), set)];
  return part.map((one) => (one === arm ? inside : one));
}

function asksTime(part: Part): boolean {
  if (typeof part === "string") return false;
  return part[0] === "catch_up" || (part[0] === "local.get" && part[1] === "$time") || part.some(asksTime);
}

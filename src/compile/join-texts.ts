import { type JoinSlots, loadSlot, rowAddress, storeSlot, type TextPlaceSlots } from "./stage-layout.ts";
import type { StageWriter } from "./stage-writer.ts";

/** Arguments whose results are remembered: a power of two. */
export const REMEMBERED_JOINS = 1 << 12;
/**
 * Whether results are had again is looked at for so many rows of so many, powers of two; from so many on they are taken again
 * until they are fewer. Elsewhere each row has a text of its own, in the order of rows.
 */
const [LOOKED_AT, ROWS, OFTEN] = [1 << 6, 1 << 10, 48];

/** Longer texts are joined by the host, and so are all once so many bytes are made. A thousand texts have fewer than 2 GiB. */
const LONGEST_TEXT = 1 << 20;
const MOST_BYTES = 1 << 28;
/** Bytes are copied sixteen at a time, which may be fifteen too many. */
export const SLACK = 16;
/** Texts of a query that are longer are copied as those of rows are. */
const LONGEST_CONSTANT = 32;

const COPY_TEXT = `(func $copy_text (param $to i32) (param $from i32) (param $length i32)
    (local $end i32)
    (if (i32.gt_u (local.get $length) (i32.const 64)) (then
      (memory.copy (local.get $to) (local.get $from) (local.get $length))
      (return)))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
      (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br $next))))`;

const at = (array: number, index: string) => rowAddress(loadSlot(array), index, "i32");

/** Where the bytes of the stage's texts are. */
export function textPlaces(writer: StageWriter): TextPlaceSlots {
  if (writer.textPlaces === null) {
    const { layout } = writer;
    writer.textPlaces = { starts: layout.slot(), lengths: layout.slot(), codes: layout.slot() };
    writer.functions.push(COPY_TEXT);
  }
  return writer.textPlaces;
}

/** A part of joined texts: the code of one as WebAssembly text, and the text itself where it is the same on all rows. */
export interface JoinPart {
  readonly code: string;
  readonly text: string | null;
}

/** The bytes of a part that stands in the code. */
function constantBytes({ text }: JoinPart): Buffer | null {
  const bytes = text === null ? null : Buffer.from(text);
  // Half a character has no bytes.
  return bytes !== null && bytes.length <= LONGEST_CONSTANT && bytes.toString() === text ? bytes : null;
}

function copyConstant(bytes: Buffer): string {
  const words: string[] = [];
  const padded = Buffer.alloc(bytes.length + 8);
  bytes.copy(padded);
  for (let at = 0; at < bytes.length; at += 8) {
    words.push(`(i64.store offset=${at} (local.get $to) (i64.const ${padded.readBigInt64LE(at)}))`);
  }
  return `${words.join(" ")}
      (local.set $to (i32.add (local.get $to) (i32.const ${bytes.length})))`;
}

/**
 * Writes the function `$join_NAME`, which writes texts one after the other behind those that it has made, and gives the
 * number of what it has made. Where it does not know a text's bytes the import NAME does so, whose numbers are turned.
 * @param parts in order; `$c0`, `$c1` ... are the function's parameters
 */
export function writeJoin(
  writer: StageWriter,
  name: string,
  parameters: number,
  parts: readonly JoinPart[],
): JoinSlots {
  const places = textPlaces(writer);
  const { layout } = writer;
  const join: JoinSlots = {
    places,
    bytes: layout.slot(),
    room: layout.slot(),
    offsets: layout.slot(),
    offsetsRoom: layout.slot(),
    count: layout.slot(),
    known: layout.slot(),
    row: layout.slot(),
    hits: layout.slot(),
    reuses: layout.slot(),
    parameters,
  };
  const codes = Array.from({ length: parameters }, (_, index) => `(local.get $c${index})`);
  const known = (index: number) => `(i32.load offset=${4 * index} (local.get $slot))`;
  const mix = codes
    .map(
      (code) => `(local.set $hash (i32.mul (i32.xor (local.get $hash) ${code}) (i32.const 0x2c1b3c6d)))
    (local.set $hash (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))`,
    )
    .join("\n    ");
  const same = codes.reduce((all, code, index) => `(i32.and ${all} (i32.eq ${known(index)} ${code}))`, "(i32.const 1)");
  const constants = parts.map(constantBytes);
  const constantSize = constants.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  const lengths = parts.flatMap((_, index) => (constants[index] === null ? [`$length${index}`] : []));
  const measure = parts
    .map(({ code }, index) => {
      if (constants[index] !== null) return "";
      return `(br_if $asked (i32.ge_u ${code} ${loadSlot(places.codes)}))
      (local.set $length${index} (i32.load ${at(places.lengths, code)}))
      (br_if $asked (i32.gt_u (local.get $length${index}) (i32.const ${LONGEST_TEXT})))
      (local.set $size (i32.add (local.get $size) (local.get $length${index})))`;
    })
    .join("\n      ");
  const copy = parts
    .map(({ code }, index) => {
      const constant = constants[index]!;
      if (constant !== null) return copyConstant(constant);
      const length = `(local.get $length${index})`;
      return `(local.set $from (i32.load ${at(places.starts, code)}))
      (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from)))
      (if (i32.gt_u ${length} (i32.const 16)) (then
        (call $copy_text (i32.add (local.get $to) (i32.const 16)) (i32.add (local.get $from) (i32.const 16))
          (i32.sub ${length} (i32.const 16)))))
      (local.set $to (i32.add (local.get $to) ${length}))`;
    })
    .join("\n      ");
  const wanted = `(i32.add (local.get $end) (i32.add (local.get $size) (i32.const ${SLACK})))`;
  const entry = 4 * (parameters + 1);
  writer.functions.push(`(func $join_${name} ${codes.map((_, index) => `(param $c${index} i32)`).join(" ")} (result i32)
    ${lengths.map((name) => `(local ${name} i32)`).join(" ")}
    (local $hash i32) (local $slot i32) (local $size i32) (local $end i32) (local $to i32)
    (local $from i32) (local $count i32) (local $row i32)
    (local.set $row (i32.and (i32.add ${loadSlot(join.row)} (i32.const 1)) (i32.const ${ROWS - 1})))
    ${storeSlot(join.row, "(local.get $row)")}
    (if (i32.and (i32.eqz (i32.and (local.get $row) (i32.const ${LOOKED_AT - 1})))
        (i32.or ${loadSlot(join.reuses)} (i32.eq (local.get $row) (i32.const ${LOOKED_AT})))) (then
      ${storeSlot(join.reuses, `(i32.ge_u ${loadSlot(join.hits)} (i32.const ${OFTEN}))`)}
      ${storeSlot(join.hits, "(i32.const 0)")}))
    (if (i32.or ${loadSlot(join.reuses)} (i32.lt_u (local.get $row) (i32.const ${LOOKED_AT}))) (then
      ${mix}
      (local.set $slot (i32.add ${loadSlot(join.known)}
        (i32.mul (i32.and (local.get $hash) (i32.const ${REMEMBERED_JOINS - 1})) (i32.const ${entry}))))
      (if ${same} (then
        ${storeSlot(join.hits, `(i32.add ${loadSlot(join.hits)} (i32.const 1))`)}
        (if ${loadSlot(join.reuses)} (then (return ${known(parameters)})))))))
    (local.set $size (i32.const ${constantSize}))
    (local.set $count ${loadSlot(join.count)})
    (block $made (block $asked
      ${measure}
      (local.set $end (i32.load ${at(join.offsets, "(local.get $count)")}))
      (if (i32.gt_u ${wanted} ${loadSlot(join.room)}) (then
        (br_if $asked (i32.gt_u ${wanted} (i32.const ${MOST_BYTES})))
        ${storeSlot(join.bytes, `(call $host_grow ${loadSlot(join.bytes)} (local.get $end) (i32.shl ${wanted} (i32.const 1)))`)}
        ${storeSlot(join.room, `(i32.shl ${wanted} (i32.const 1))`)}))
      (if (i32.ge_u (i32.add (local.get $count) (i32.const 1)) ${loadSlot(join.offsetsRoom)}) (then
        ${storeSlot(
          join.offsets,
          `(call $host_grow ${loadSlot(join.offsets)} (i32.shl (i32.add (local.get $count) (i32.const 1)) (i32.const 2))
          (i32.shl ${loadSlot(join.offsetsRoom)} (i32.const 3)))`,
        )}
        ${storeSlot(join.offsetsRoom, `(i32.shl ${loadSlot(join.offsetsRoom)} (i32.const 1))`)}))
      (local.set $to (i32.add ${loadSlot(join.bytes)} (local.get $end)))
      ${copy}
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      ${storeSlot(join.count, "(local.get $count)")}
      (i32.store ${at(join.offsets, "(local.get $count)")} (i32.add (local.get $end) (local.get $size)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $made))
      (local.set $count (i32.xor (call $${name} ${codes.join(" ")}) (i32.const -1))))
    (if (local.get $slot) (then
      ${codes.map((code, index) => `(i32.store offset=${4 * index} (local.get $slot) ${code})`).join(" ")}
      (i32.store offset=${4 * parameters} (local.get $slot) (local.get $count))))
    (local.get $count))`);
  return join;
}

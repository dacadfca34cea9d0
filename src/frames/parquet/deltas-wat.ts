import { on, times } from "../../tables/bulk/wat-loops.ts";

/** One of eight numbers: its bits behind those of the one before, of which the first byte has the last. */
const packed = (index: number) => `
      (local.set $value (i64.sub (i64.load offset=${8 * index} (local.get $from)) (local.get $least)))
      (local.set $shift (i64.and (local.get $bit) (i64.const 7)))
      (i64.store align=1 (i32.add (local.get $to) (i32.wrap_i64 (i64.shr_u (local.get $bit) (i64.const 3))))
        (i64.or
          (i64.shl (local.get $value) (local.get $shift))
          (i64.shr_u (local.get $before) (i64.sub (local.get $width) (local.get $shift)))))
      (local.set $before (local.get $value))
      (local.set $bit (i64.add (local.get $bit) (local.get $width)))`;

const VARINTS = `
  (func $varint (param $to i32) (param $value i64) (result i32)
    (block $end (loop $next
      (br_if $end (i64.lt_u (local.get $value) (i64.const 128)))
      (i32.store8 (local.get $to) (i32.or (i32.wrap_i64 (local.get $value)) (i32.const 128)))
      (local.set $value (i64.shr_u (local.get $value) (i64.const 7)))
      ${on(1, "to")}
      (br $next)))
    (i32.store8 (local.get $to) (i32.wrap_i64 (local.get $value)))
    (i32.add (local.get $to) (i32.const 1)))
  (func $zigzag (param $to i32) (param $value i64) (result i32)
    (call $varint (local.get $to)
      (i64.xor (i64.shl (local.get $value) (i64.const 1)) (i64.shr_s (local.get $value) (i64.const 63)))))`;

const MINIBLOCK = `
  ;; Packs 32 numbers of 8 to 63 bits, each less the least: eight of them begin where a byte does, and none waits for the
  ;; one before.
  (func $wideMiniblock (param $from i32) (param $to i32) (param $width i64) (param $least i64) (result i32)
    (local $eights i32) (local $value i64) (local $before i64) (local $bit i64) (local $shift i64)
    (local.set $eights (i32.const 4))
    ${times(
      "eights",
      `(local.set $bit (i64.const 0))
      (local.set $before (i64.const 0))
      ${[0, 1, 2, 3, 4, 5, 6, 7].map(packed).join("")}
      ${on(64, "from")}
      (local.set $to (i32.add (local.get $to) (i32.wrap_i64 (local.get $width))))`,
    )}
    (local.get $to))
  ;; Packs 32 numbers of so many bits, each less the least; the end.
  (func $miniblock (param $from i32) (param $to i32) (param $width i64) (param $least i64) (result i32)
    (local $rows i32) (local $value i64) (local $held i64) (local $bits i64)
    (if (i64.lt_u (i64.sub (local.get $width) (i64.const 8)) (i64.const 56)) (then
      (return (call $wideMiniblock (local.get $from) (local.get $to) (local.get $width) (local.get $least)))))
    (local.set $rows (i32.const 32))
    ${times(
      "rows",
      `(local.set $value (i64.sub (i64.load (local.get $from)) (local.get $least)))
      (local.set $held (i64.or (local.get $held) (i64.shl (local.get $value) (local.get $bits))))
      (local.set $bits (i64.add (local.get $bits) (local.get $width)))
      (if (i64.ge_u (local.get $bits) (i64.const 64)) (then
        (i64.store align=1 (local.get $to) (local.get $held))
        ${on(8, "to")}
        (local.set $bits (i64.sub (local.get $bits) (i64.const 64)))
        ;; A shift by 64 would be one by 0.
        (local.set $held (select
          (i64.shr_u (local.get $value) (i64.sub (local.get $width) (local.get $bits)))
          (i64.const 0)
          (i64.ne (local.get $bits) (i64.const 0))))))
      ${on(8, "from")}`,
    )}
    (i64.store align=1 (local.get $to) (local.get $held))
    (i32.add (local.get $to) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 3)))))`;

const LEASTS = ["leasts0", "leasts1", "leasts2", "leasts3"];

/** DELTA_BINARY_PACKED in blocks of 128, of which each has four parts; `$room` is for 128 differences. The end. */
const delta = (size: 4 | 8) => {
  const load = size === 8 ? "(i64.load (local.get $from))" : "(i64.load32_s (local.get $from))";
  const difference = "(i64.sub (local.get $value) (local.get $last))";
  // Differences of 32-bit numbers are 32-bit numbers.
  const wrapped = size === 8 ? difference : `(i64.extend32_s ${difference})`;
  const load2 = size === 8 ? "v128.load" : "v128.load64_zero";
  const differences = (index: number) => {
    const pair = (of: string) => `(${load2} offset=${2 * size * index} align=${size} ${of})`;
    const before = pair(`(i32.sub (local.get $from) (i32.const ${size}))`);
    const both = `(i${8 * size}x${16 / size}.sub ${pair("(local.get $from)")} ${before})`;
    return size === 8 ? both : `(i64x2.extend_low_i32x4_s ${both})`;
  };
  const least = "(select (local.get $value) (local.get $least) (i64.lt_s (local.get $value) (local.get $least)))";
  return `
  (func (export "delta${size}") (param $from i32) (param $rows i32) (param $to i32) (param $room i32) (result i32)
    (local $last i64) (local $value i64) (local $least i64) (local $mask i64)
    (local $pair v128) ${LEASTS.map((name) => `(local $${name} v128)`).join(" ")} (local $mosts v128)
    (local $some i32) (local $count i32) (local $at i32) (local $widths i32) (local $part i32)
    (i32.store align=1 (local.get $to) (i32.const 0x040180))
    (local.set $to (call $varint (i32.add (local.get $to) (i32.const 3)) (i64.extend_i32_u (local.get $rows))))
    (local.set $last (if (result i64) (local.get $rows) (then ${load}) (else (i64.const 0))))
    (local.set $to (call $zigzag (local.get $to) (local.get $last)))
    ${on(size, "from")}
    (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
    (block $done (loop $block
      (br_if $done (i32.le_s (local.get $rows) (i32.const 0)))
      (local.set $some (select (local.get $rows) (i32.const 128) (i32.lt_u (local.get $rows) (i32.const 128))))
      (local.set $rows (i32.sub (local.get $rows) (local.get $some)))
      (local.set $least (i64.const 0x7fffffffffffffff))
      (local.set $at (local.get $room))
      (local.set $count (local.get $some))
      (if (i32.eq (local.get $some) (i32.const 128))
        (then
          ;; Several, so that none waits for the one before.
          ${LEASTS.map((name) => `(local.set $${name} (i64x2.splat (local.get $least)))`).join("")}
          (local.set $count (i32.const ${64 / LEASTS.length}))
          ${times(
            "count",
            `${LEASTS.map(
              (name, index) => `(local.set $pair ${differences(index)})
            (v128.store offset=${16 * index} align=8 (local.get $at) (local.get $pair))
            (local.set $${name}
              (v128.bitselect (local.get $pair) (local.get $${name}) (i64x2.lt_s (local.get $pair) (local.get $${name}))))`,
            ).join("\n            ")}
            ${on(2 * size * LEASTS.length, "from")}
            ${on(16 * LEASTS.length, "at")}`,
          )}
          ${LEASTS.flatMap((name) => [0, 1].map((lane) => ({ name, lane })))
            .map(
              ({ name, lane }) => `(local.set $value (i64x2.extract_lane ${lane} (local.get $${name})))
          (local.set $least ${least})`,
            )
            .join("\n          ")})
        (else
          (local.set $last ${load.replace("(local.get $from)", `(i32.sub (local.get $from) (i32.const ${size}))`)})
          ${times(
            "count",
            `(local.set $value ${load})
            (i64.store (local.get $at) ${wrapped})
            (local.set $last (local.get $value))
            (local.set $value (i64.load (local.get $at)))
            (local.set $least ${least})
            ${on(size, "from")}
            ${on(8, "at")}`,
          )}
          (local.set $count (i32.sub (i32.const 128) (local.get $some)))
          ${times("count", `(i64.store (local.get $at) (local.get $least)) ${on(8, "at")}`)}))
      (local.set $to (call $zigzag (local.get $to) (local.get $least)))
      (local.set $widths (local.get $to))
      ${on(4, "to")}
      (local.set $part (i32.const 0))
      (local.set $leasts0 (i64x2.splat (local.get $least)))
      (loop $parts
        (local.set $mosts (v128.const i64x2 0 0))
        (local.set $at (i32.add (local.get $room) (i32.shl (local.get $part) (i32.const 8))))
        (local.set $count (i32.const 16))
        ${times(
          "count",
          `(local.set $mosts
            (v128.or (local.get $mosts) (i64x2.sub (v128.load align=8 (local.get $at)) (local.get $leasts0))))
          ${on(16, "at")}`,
        )}
        (local.set $mask (i64.sub (i64.const 64) (i64.clz
          (i64.or (i64x2.extract_lane 0 (local.get $mosts)) (i64x2.extract_lane 1 (local.get $mosts))))))
        (i32.store8 (i32.add (local.get $widths) (local.get $part)) (i32.wrap_i64 (local.get $mask)))
        (if (i64.ne (local.get $mask) (i64.const 0)) (then
          (local.set $to (call $miniblock
            (i32.sub (local.get $at) (i32.const 256)) (local.get $to) (local.get $mask) (local.get $least)))))
        (local.set $part (i32.add (local.get $part) (i32.const 1)))
        (br_if $parts (i32.lt_u (local.get $part) (i32.const 4))))
      (br $block)))
    (local.get $to))`;
};

/** Integers as differences, and numbers in seven bits a byte, as WebAssembly text. */
export const DELTAS = `${VARINTS}${MINIBLOCK}${delta(4)}${delta(8)}`;

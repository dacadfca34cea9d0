import { on, times } from "./wat-loops.ts";

/** Parquet's DELTA_BINARY_PACKED and DELTA_BYTE_ARRAY, as WebAssembly text. */
export const DELTA_KERNELS = `
  (global $cursor (mut i32) (i32.const 0))
  ;; The number of seven bits a byte at the cursor, which is then behind it, or behind the end where it is cut off.
  (func $numberAtCursor (param $end i32) (result i64)
    (local $byte i64) (local $value i64) (local $shift i64)
    (loop $next
      (if (i32.ge_u (global.get $cursor) (local.get $end)) (then
        (global.set $cursor (i32.add (local.get $end) (i32.const 1)))
        (return (i64.const 0))))
      (local.set $byte (i64.load8_u (global.get $cursor)))
      (global.set $cursor (i32.add (global.get $cursor) (i32.const 1)))
      (local.set $value (i64.or (local.get $value)
        (i64.shl (i64.and (local.get $byte) (i64.const 127)) (local.get $shift))))
      (local.set $shift (i64.add (local.get $shift) (i64.const 7)))
      (br_if $next (i32.and (i64.ge_u (local.get $byte) (i64.const 128)) (i64.lt_u (local.get $shift) (i64.const 70)))))
    (local.get $value))
  (func $signedAtCursor (param $end i32) (result i64)
    (local $value i64)
    (local.set $value (call $numberAtCursor (local.get $end)))
    (i64.xor (i64.shr_u (local.get $value) (i64.const 1)) (i64.sub (i64.const 0) (i64.and (local.get $value) (i64.const 1)))))
  ;; Adds differences up, to numbers of 8 bytes, or of 4; 0 where they are damaged or not so many.
  (func (export "addDeltas") (param $at i32) (param $rows i32) (param $end i32) (param $to i32) (param $wide i32) (result i32)
    (local $block i64) (local $parts i64) (local $each i32) (local $value i64) (local $least i64) (local $mask i64)
    (local $widths i32) (local $part i32) (local $width i32) (local $some i32) (local $bit i32) (local $place i32)
    (local $found i64) (local $shift i64)
    (global.set $cursor (local.get $at))
    (local.set $block (call $numberAtCursor (local.get $end)))
    (local.set $parts (call $numberAtCursor (local.get $end)))
    (if (i64.ne (call $numberAtCursor (local.get $end)) (i64.extend_i32_u (local.get $rows))) (then (return (i32.const 0))))
    (local.set $value (call $signedAtCursor (local.get $end)))
    (if (i32.gt_u (global.get $cursor) (local.get $end)) (then (return (i32.const 0))))
    (if (i32.eqz (local.get $rows)) (then (return (i32.const 1))))
    (if (i32.or (i64.gt_u (local.get $block) (i64.const 0x1000000)) (i64.eqz (local.get $parts))) (then
      (return (i32.const 0))))
    (local.set $each (i32.wrap_i64 (i64.div_u (local.get $block) (local.get $parts))))
    (if (i32.or (i32.eqz (local.get $each)) (i32.and (local.get $each) (i32.const 31))) (then (return (i32.const 0))))
    (if (local.get $wide) (then (i64.store (local.get $to) (local.get $value)) ${on(8, "to")})
      (else (i64.store32 (local.get $to) (local.get $value)) ${on(4, "to")}))
    (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
    (block $done (loop $blocks
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $least (call $signedAtCursor (local.get $end)))
      (local.set $widths (global.get $cursor))
      (if (i64.gt_u (i64.add (i64.extend_i32_u (local.get $widths)) (local.get $parts)) (i64.extend_i32_u (local.get $end)))
        (then (return (i32.const 0))))
      (global.set $cursor (i32.add (global.get $cursor) (i32.wrap_i64 (local.get $parts))))
      (local.set $part (i32.const 0))
      (block $blockDone (loop $next
        (br_if $blockDone (i32.eqz (local.get $rows)))
        (br_if $blockDone (i32.ge_u (local.get $part) (i32.wrap_i64 (local.get $parts))))
        (local.set $width (i32.load8_u (i32.add (local.get $widths) (local.get $part))))
        (if (i32.gt_u (local.get $width) (i32.const 64)) (then (return (i32.const 0))))
        (local.set $some (select (local.get $rows) (local.get $each) (i32.lt_u (local.get $rows) (local.get $each))))
        ;; The bytes of a part that is not full may be cut off.
        (if (i64.gt_u
            (i64.add (i64.extend_i32_u (global.get $cursor)) (i64.shr_u (i64.add (i64.const 7)
              (i64.mul (i64.extend_i32_u (local.get $some)) (i64.extend_i32_u (local.get $width)))) (i64.const 3)))
            (i64.extend_i32_u (local.get $end)))
          (then (return (i32.const 0))))
        (local.set $rows (i32.sub (local.get $rows) (local.get $some)))
        (local.set $mask (select
          (i64.sub (i64.shl (i64.const 1) (i64.extend_i32_u (local.get $width))) (i64.const 1))
          (i64.const -1)
          (i32.lt_u (local.get $width) (i32.const 64))))
        (local.set $bit (i32.const 0))
        ${times(
          "some",
          `(local.set $place (i32.add (global.get $cursor) (i32.shr_u (local.get $bit) (i32.const 3))))
          (local.set $shift (i64.extend_i32_u (i32.and (local.get $bit) (i32.const 7))))
          (local.set $found (i64.shr_u (i64.load align=1 (local.get $place)) (local.get $shift)))
          (if (i32.gt_u (i32.add (i32.wrap_i64 (local.get $shift)) (local.get $width)) (i32.const 64)) (then
            (local.set $found (i64.or (local.get $found) (i64.shl
              (i64.load8_u offset=8 (local.get $place)) (i64.sub (i64.const 64) (local.get $shift)))))))
          (local.set $bit (i32.add (local.get $bit) (local.get $width)))
          (local.set $value (i64.add (i64.add (local.get $value) (local.get $least))
            (i64.and (local.get $found) (local.get $mask))))
          (if (local.get $wide) (then (i64.store (local.get $to) (local.get $value)) ${on(8, "to")})
            (else (i64.store32 (local.get $to) (local.get $value)) ${on(4, "to")}))`,
        )}
        (global.set $cursor (i32.add (global.get $cursor)
          (i32.mul (i32.shr_u (local.get $each) (i32.const 3)) (local.get $width))))
        (local.set $part (i32.add (local.get $part) (i32.const 1)))
        (br $next)))
      (br $blocks)))
    (i32.const 1))
  ;; Where the differences that were added up last end.
  (func (export "deltasEnd") (result i32) (global.get $cursor))
  ;; Puts texts together of what each shares with the one before and the bytes that it does not, and writes the lengths of
  ;; all in the place of the shared ones; where the last ends, or -1 where they are damaged.
  (func (export "joinFronts")
    (param $shared i32) (param $rows i32) (param $others i32) (param $at i32) (param $atEnd i32) (param $to i32) (result i32)
    (local $before i32) (local $length i32) (local $front i32) (local $rest i32)
    ${times(
      "rows",
      `(local.set $front (i32.load (local.get $shared)))
      (local.set $rest (i32.load (local.get $others)))
      (if (i32.or
          (i32.gt_u (local.get $front) (local.get $length))
          (i32.gt_u (local.get $rest) (i32.sub (local.get $atEnd) (local.get $at))))
        (then (return (i32.const -1))))
      (call $copyText (local.get $before) (local.get $to) (local.get $front))
      (call $copyText (local.get $at) (i32.add (local.get $to) (local.get $front)) (local.get $rest))
      (local.set $at (i32.add (local.get $at) (local.get $rest)))
      (local.set $length (i32.add (local.get $front) (local.get $rest)))
      (local.set $before (local.get $to))
      (local.set $to (i32.add (local.get $to) (local.get $length)))
      (i32.store (local.get $shared) (local.get $length))
      ${on(4, "shared", "others")}`,
    )}
    (local.get $to))`;

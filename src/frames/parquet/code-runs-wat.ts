import { on, times } from "../../tables/bulk/wat-loops.ts";

/** Runs of equal codes, as WebAssembly text. */
export const CODE_RUNS = `
  ;; Whether all codes are below a number; there are zeros up to the next four.
  (func (export "areBelow") (param $codes i32) (param $rows i32) (param $size i32) (result i32)
    (local $most v128)
    (local.set $rows (i32.shr_u (i32.add (local.get $rows) (i32.const 3)) (i32.const 2)))
    ${times(
      "rows",
      `(local.set $most (i32x4.max_u (local.get $most) (v128.load (local.get $codes))))
      ${on(16, "codes")}`,
    )}
    (i32x4.all_true (i32x4.lt_u (local.get $most) (i32x4.splat (local.get $size)))))
  ;; The code of each run of equal codes, and its length; how many there are, or -1 where they are more than some.
  (func (export "codeRuns")
    (param $codes i32) (param $rows i32) (param $most i32) (param $values i32) (param $lengths i32) (result i32)
    (local $end i32) (local $last i32) (local $begin i32) (local $code i32) (local $same v128) (local $mask i32)
    (local $runs i32)
    (local.set $end (i32.add (local.get $codes) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done (loop $run
      (br_if $done (i32.ge_u (local.get $codes) (local.get $end)))
      (if (i32.eq (local.get $runs) (local.get $most)) (then (return (i32.const -1))))
      (local.set $begin (local.get $codes))
      (local.set $code (i32.load (local.get $codes)))
      (local.set $same (i32x4.splat (local.get $code)))
      (block $found (loop $four
        (local.set $mask (i32.xor (i32.const 15)
          (i32x4.bitmask (i32x4.eq (v128.load align=4 (local.get $codes)) (local.get $same)))))
        (local.set $codes (i32.add (local.get $codes)
          (i32.shl (i32.ctz (i32.or (local.get $mask) (i32.const 16))) (i32.const 2))))
        (br_if $found (local.get $mask))
        (br_if $four (i32.lt_u (local.get $codes) (local.get $end)))))
      ;; What is behind the last one may be equal to it.
      (local.set $codes (select (local.get $codes) (local.get $end) (i32.lt_u (local.get $codes) (local.get $end))))
      (i32.store (local.get $values) (local.get $code))
      (i32.store (local.get $lengths) (i32.shr_u (i32.sub (local.get $codes) (local.get $begin)) (i32.const 2)))
      (local.set $runs (i32.add (local.get $runs) (i32.const 1)))
      ${on(4, "values", "lengths")}
      (br $run)))
    (local.get $runs))
  ;; Writes runs of codes of some bytes each; the end.
  (func (export "packRuns")
    (param $codes i32) (param $runs i32) (param $lengths i32) (param $bytes i32) (param $to i32) (result i32)
    ${times(
      "runs",
      `(local.set $to (call $varint (local.get $to)
        (i64.shl (i64.extend_i32_u (i32.load (local.get $lengths))) (i64.const 1))))
      (i32.store align=1 (local.get $to) (i32.load (local.get $codes)))
      (local.set $to (i32.add (local.get $to) (local.get $bytes)))
      ${on(4, "codes", "lengths")}`,
    )}
    (local.get $to))`;

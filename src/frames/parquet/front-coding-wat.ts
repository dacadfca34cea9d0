import { on, times } from "../../tables/bulk/wat-loops.ts";

/** Front coding, as WebAssembly text: of each text, how many bytes it shares with the one before, and the others. */
export const FRONT_CODING = `
  ;; Texts lie one after the other. Bytes are compared and copied sixteen at a time; the end of those that are left.
  (func (export "frontCode")
    (param $at i32) (param $rows i32) (param $lengths i32) (param $prefixes i32) (param $suffixes i32) (param $to i32)
    (result i32)
    (local $before i32) (local $length i32) (local $most i32) (local $shared i32) (local $rest i32) (local $differ i32)
    (local.set $before (local.get $at))
    ${times(
      "rows",
      `(local.set $length (i32.load (local.get $lengths)))
      (local.set $most (select (local.get $length) (local.get $most) (i32.lt_u (local.get $length) (local.get $most))))
      (local.set $shared (i32.const 0))
      (block $found (loop $compare
        (local.set $differ (i32.xor (i32.const 0xffff) (i8x16.bitmask (i8x16.eq
          (v128.load align=1 (i32.add (local.get $before) (local.get $shared)))
          (v128.load align=1 (i32.add (local.get $at) (local.get $shared)))))))
        ;; Above sixteen bits one is set in any case.
        (local.set $shared (i32.add (local.get $shared)
          (i32.ctz (i32.or (local.get $differ) (i32.const 0x10000)))))
        (br_if $found (local.get $differ))
        (br_if $compare (i32.lt_u (local.get $shared) (local.get $most)))))
      (local.set $shared (select (local.get $shared) (local.get $most) (i32.lt_u (local.get $shared) (local.get $most))))
      (local.set $rest (i32.sub (local.get $length) (local.get $shared)))
      (i32.store (local.get $prefixes) (local.get $shared))
      (i32.store (local.get $suffixes) (local.get $rest))
      (local.set $before (local.get $at))
      (local.set $most (local.get $length))
      (local.set $shared (i32.add (local.get $at) (local.get $shared)))
      (local.set $at (i32.add (local.get $at) (local.get $length)))
      (local.set $differ (local.get $to))
      (local.set $to (i32.add (local.get $to) (local.get $rest)))
      (loop $copy
        (v128.store align=1 (local.get $differ) (v128.load align=1 (local.get $shared)))
        ${on(16, "differ", "shared")}
        (br_if $copy (i32.lt_u (local.get $differ) (local.get $to))))
      ${on(4, "lengths", "prefixes", "suffixes")}`,
    )}
    (local.get $to))`;

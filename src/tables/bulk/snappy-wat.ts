import { on } from "./wat-loops.ts";

/** Decompresses a block of Snappy, without its size, that must fill `to`. Up to 16 bytes after it are overwritten. */
export const SNAPPY = `
  (func (export "snappy") (param $from i32) (param $fromEnd i32) (param $to i32) (param $toEnd i32) (result i32)
    (local $start i32) (local $tag i32) (local $size i32) (local $extra i32) (local $offset i32) (local $source i32)
    (local $end i32)
    (local.set $start (local.get $to))
    (block $bad (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $from) (local.get $fromEnd)))
      (local.set $tag (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (if (i32.eqz (i32.and (local.get $tag) (i32.const 3))) (then
        (local.set $size (i32.shr_u (local.get $tag) (i32.const 2)))
        (if (i32.ge_u (local.get $size) (i32.const 60)) (then
          (local.set $extra (i32.sub (local.get $size) (i32.const 59)))
          (local.set $size (i32.and (i32.load (local.get $from))
            (i32.shr_u (i32.const -1) (i32.shl (i32.sub (i32.const 4) (local.get $extra)) (i32.const 3)))))
          (local.set $from (i32.add (local.get $from) (local.get $extra)))
          (br_if $bad (i32.gt_u (local.get $from) (local.get $fromEnd)))))
        ;; One less than there are.
        (br_if $bad (i32.ge_u (local.get $size) (i32.sub (local.get $fromEnd) (local.get $from))))
        (br_if $bad (i32.ge_u (local.get $size) (i32.sub (local.get $toEnd) (local.get $to))))
        (local.set $size (i32.add (local.get $size) (i32.const 1)))
        (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from)))
        (if (i32.gt_u (local.get $size) (i32.const 16))
          (then (memory.copy (local.get $to) (local.get $from) (local.get $size))))
        (local.set $from (i32.add (local.get $from) (local.get $size)))
        (local.set $to (i32.add (local.get $to) (local.get $size)))
        (br $next)))
      (if (i32.eq (i32.and (local.get $tag) (i32.const 3)) (i32.const 3))
        (then
          (local.set $size (i32.add (i32.shr_u (local.get $tag) (i32.const 2)) (i32.const 1)))
          (local.set $offset (i32.load align=1 (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 4))))
        (else
          ;; One of the two usual forms: which, is better calculated with than guessed.
          (local.set $extra (i32.and (local.get $tag) (i32.const 1)))
          (local.set $offset (i32.load16_u align=1 (local.get $from)))
          (local.set $offset (select
            (i32.or (i32.shl (i32.and (local.get $tag) (i32.const 0xe0)) (i32.const 3))
              (i32.and (local.get $offset) (i32.const 0xff)))
            (local.get $offset)
            (local.get $extra)))
          (local.set $size (select
            (i32.add (i32.and (i32.shr_u (local.get $tag) (i32.const 2)) (i32.const 7)) (i32.const 4))
            (i32.add (i32.shr_u (local.get $tag) (i32.const 2)) (i32.const 1))
            (local.get $extra)))
          (local.set $from (i32.sub (i32.add (local.get $from) (i32.const 2)) (local.get $extra)))))
      (br_if $bad (i32.eqz (local.get $offset)))
      (br_if $bad (i32.gt_u (local.get $offset) (i32.sub (local.get $to) (local.get $start))))
      (br_if $bad (i32.gt_u (local.get $size) (i32.sub (local.get $toEnd) (local.get $to))))
      (local.set $source (i32.sub (local.get $to) (local.get $offset)))
      (local.set $end (i32.add (local.get $to) (local.get $size)))
      (if (i32.ge_u (local.get $offset) (i32.const 16)) (then
        (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $source)))
        (if (i32.gt_u (local.get $size) (i32.const 16)) (then
          (loop $more
            ${on(16, "to", "source")}
            (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $source)))
            (br_if $more (i32.lt_u (i32.add (local.get $to) (i32.const 16)) (local.get $end))))))
        (local.set $to (local.get $end))
        (br $next)))
      ;; Bytes that repeat after fewer than eight: each copy makes the pattern twice as long.
      (block $far (loop $near
        (br_if $far (i32.ge_u (local.get $offset) (i32.const 8)))
        (br_if $far (i32.ge_u (local.get $to) (local.get $end)))
        (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $source)))
        (local.set $to (i32.add (local.get $to) (local.get $offset)))
        (local.set $offset (i32.shl (local.get $offset) (i32.const 1)))
        (br $near)))
      (block $copied (loop $copy
        (br_if $copied (i32.ge_u (local.get $to) (local.get $end)))
        (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $source)))
        ${on(8, "to", "source")}
        (br $copy)))
      (local.set $to (local.get $end))
      (br $next)))
      (return (i32.and (i32.eq (local.get $to) (local.get $toEnd)) (i32.eq (local.get $from) (local.get $fromEnd)))))
    (i32.const 0))`;

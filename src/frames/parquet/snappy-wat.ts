import { on } from "../../tables/bulk/wat-loops.ts";

/** The place in the table for what stands at an address. */
const slot = (address: string) =>
  `(i32.add (local.get $table) (i32.and (i32.const 0x7ffe)
      (i32.shr_u (i32.mul (i32.load align=1 ${address}) (i32.const 0x1e35a7bd)) (i32.const 17))))`;

/** Where the bytes last stood that have a slot, and now stand at an address. */
const lookUp = (address: string) => `
      (local.set $slot ${slot(address)})
      (local.set $candidate (i32.add (local.get $base) (i32.load16_u (local.get $slot))))
      (i32.store16 (local.get $slot) (i32.sub ${address} (local.get $base)))`;

/** Compression by Snappy, as WebAssembly text: blocks of 64 KiB, and in each a table of where four bytes last stood. */
export const SNAPPY_ENCODER = `
  ;; Writes bytes as they are, and up to 16 further ones; the end.
  (func $literal (param $to i32) (param $from i32) (param $size i32) (result i32)
    (if (i32.le_u (local.get $size) (i32.const 60))
      (then
        (i32.store8 (local.get $to) (i32.shl (i32.sub (local.get $size) (i32.const 1)) (i32.const 2)))
        ${on(1, "to")})
      (else
        (if (i32.le_u (local.get $size) (i32.const 256))
          (then
            (i32.store8 (local.get $to) (i32.const 240))
            (i32.store8 offset=1 (local.get $to) (i32.sub (local.get $size) (i32.const 1)))
            ${on(2, "to")})
          (else
            (i32.store8 (local.get $to) (i32.const 244))
            (i32.store16 offset=1 align=1 (local.get $to) (i32.sub (local.get $size) (i32.const 1)))
            ${on(3, "to")}))))
    (if (i32.le_u (local.get $size) (i32.const 16))
      (then (v128.store align=1 (local.get $to) (v128.load align=1 (local.get $from))))
      (else (memory.copy (local.get $to) (local.get $from) (local.get $size))))
    (i32.add (local.get $to) (local.get $size)))
  ;; Writes that bytes are those that stood so far before; the end.
  (func $copy (param $to i32) (param $offset i32) (param $size i32) (result i32)
    (local $some i32)
    (block $short (loop $long
      (br_if $short (i32.le_u (local.get $size) (i32.const 64)))
      ;; At least four are left.
      (local.set $some (select (i32.const 60) (i32.const 64) (i32.lt_u (local.get $size) (i32.const 68))))
      (i32.store8 (local.get $to) (i32.or (i32.const 2) (i32.shl (i32.sub (local.get $some) (i32.const 1)) (i32.const 2))))
      (i32.store16 offset=1 align=1 (local.get $to) (local.get $offset))
      ${on(3, "to")}
      (local.set $size (i32.sub (local.get $size) (local.get $some)))
      (br $long)))
    (if (i32.and (i32.lt_u (local.get $size) (i32.const 12)) (i32.lt_u (local.get $offset) (i32.const 2048))) (then
      (i32.store8 (local.get $to) (i32.or (i32.const 1) (i32.or
        (i32.shl (i32.sub (local.get $size) (i32.const 4)) (i32.const 2))
        (i32.shl (i32.shr_u (local.get $offset) (i32.const 8)) (i32.const 5)))))
      (i32.store8 offset=1 (local.get $to) (local.get $offset))
      (return (i32.add (local.get $to) (i32.const 2)))))
    (i32.store8 (local.get $to) (i32.or (i32.const 2) (i32.shl (i32.sub (local.get $size) (i32.const 1)) (i32.const 2))))
    (i32.store16 offset=1 align=1 (local.get $to) (local.get $offset))
    (i32.add (local.get $to) (i32.const 3)))
  ;; Compresses a block; the end of what it becomes.
  (func $block (param $base i32) (param $size i32) (param $to i32) (param $table i32) (result i32)
    (local $at i32) (local $end i32) (local $limit i32) (local $done i32) (local $next i32) (local $skip i32)
    (local $slot i32) (local $candidate i32) (local $match i32) (local $same i64)
    (memory.fill (local.get $table) (i32.const 0) (i32.const 0x8000))
    (local.set $end (i32.add (local.get $base) (local.get $size)))
    (local.set $done (local.get $base))
    (block $rest
      (br_if $rest (i32.lt_u (local.get $size) (i32.const 16)))
      (local.set $limit (i32.sub (local.get $end) (i32.const 15)))
      (local.set $at (i32.add (local.get $base) (i32.const 1)))
      (loop $search
        (local.set $skip (i32.const 32))
        (local.set $next (local.get $at))
        (loop $step
          (local.set $at (local.get $next))
          (local.set $next (i32.add (local.get $at) (i32.shr_u (local.get $skip) (i32.const 5))))
          (local.set $skip (i32.add (local.get $skip) (i32.sub (local.get $next) (local.get $at))))
          (br_if $rest (i32.gt_u (local.get $next) (local.get $limit)))
          ${lookUp("(local.get $at)")}
          (br_if $step (i32.ne (i32.load align=1 (local.get $at)) (i32.load align=1 (local.get $candidate)))))
        (if (i32.gt_u (local.get $at) (local.get $done)) (then
          (local.set $to (call $literal (local.get $to) (local.get $done) (i32.sub (local.get $at) (local.get $done))))))
        (loop $copies
          (local.set $done (local.get $at))
          (local.set $match (i32.add (local.get $candidate) (i32.const 4)))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (block $ends
            (loop $eights
              (br_if $ends (i32.gt_u (i32.add (local.get $at) (i32.const 8)) (local.get $end)))
              (local.set $same (i64.xor (i64.load align=1 (local.get $at)) (i64.load align=1 (local.get $match))))
              (if (i64.eqz (local.get $same)) (then
                ${on(8, "at", "match")}
                (br $eights)))
              (local.set $at (i32.add (local.get $at) (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $same)) (i64.const 3)))))))
          (local.set $to (call $copy (local.get $to)
            (i32.sub (local.get $done) (local.get $candidate)) (i32.sub (local.get $at) (local.get $done))))
          (local.set $done (local.get $at))
          (br_if $rest (i32.ge_u (local.get $at) (local.get $limit)))
          (i32.store16 ${slot("(i32.sub (local.get $at) (i32.const 1))")}
            (i32.sub (i32.sub (local.get $at) (i32.const 1)) (local.get $base)))
          ${lookUp("(local.get $at)")}
          (br_if $copies (i32.eq (i32.load align=1 (local.get $at)) (i32.load align=1 (local.get $candidate)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $search)))
    (if (i32.lt_u (local.get $done) (local.get $end)) (then
      (local.set $to (call $literal (local.get $to) (local.get $done) (i32.sub (local.get $end) (local.get $done))))))
    (local.get $to))
  ;; Compresses bytes, their number before them; the end. $table is for 32 KiB.
  (func (export "snappy") (param $from i32) (param $size i32) (param $to i32) (param $table i32) (result i32)
    (local $some i32)
    (local.set $to (call $varint (local.get $to) (i64.extend_i32_u (local.get $size))))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $size)))
      (local.set $some (select (i32.const 0x10000) (local.get $size) (i32.gt_u (local.get $size) (i32.const 0x10000))))
      (local.set $to (call $block (local.get $from) (local.get $some) (local.get $to) (local.get $table)))
      (local.set $from (i32.add (local.get $from) (local.get $some)))
      (local.set $size (i32.sub (local.get $size) (local.get $some)))
      (br $next)))
    (local.get $to))`;

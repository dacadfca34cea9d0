const word = (array: string, index: string) => `(i32.add (local.get $${array}) (i32.shl ${index} (i32.const 2)))`;

/** Loops that replace codes, as WebAssembly text. */
export const CODES = `
  ;; Writes the codes that a table has for others to their places, and 0 for those that it does not have.
  (func (export "scatterCodes")
    (param $codes i32) (param $places i32) (param $rows i32) (param $into i32) (param $table i32) (param $size i32)
    (local $end i32) (local $code i32)
    (local.set $end ${word("places", "(local.get $rows)")})
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $places) (local.get $end)))
      (local.set $code (i32.load (local.get $codes)))
      (local.set $code (if (result i32) (i32.lt_u (local.get $code) (local.get $size))
        (then (i32.load ${word("table", "(local.get $code)")}))
        (else (i32.const 0))))
      (i32.store ${word("into", "(i32.load (local.get $places))")} (local.get $code))
      (local.set $codes (i32.add (local.get $codes) (i32.const 4)))
      (local.set $places (i32.add (local.get $places) (i32.const 4)))
      (br $next))))
  ;; Numbers codes in the order in which they first occur, and lists them; a row whose byte in $valid is 0 gets the number
  ;; 0, without $valid none has such a byte. In $known there are zeros, before and after, for all codes that there are.
  ;; Returns how many occur.
  (func (export "numberCodes")
    (param $codes i32) (param $valid i32) (param $rows i32) (param $known i32) (param $list i32) (param $into i32) (result i32)
    (local $row i32) (local $at i32) (local $number i32) (local $count i32)
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
      (local.set $number (i32.const 1))
      (block $none
        (if (local.get $valid) (then
          (br_if $none (i32.eqz (i32.load8_u (i32.add (local.get $valid) (local.get $row)))))))
        (local.set $at ${word("known", `(i32.load ${word("codes", "(local.get $row)")})`)})
        (local.set $number (i32.load (local.get $at)))
        (if (i32.eqz (local.get $number)) (then
          (i32.store ${word("list", "(local.get $count)")} (i32.load ${word("codes", "(local.get $row)")}))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $number (local.get $count))
          (i32.store (local.get $at) (local.get $number)))))
      (i32.store ${word("into", "(local.get $row)")} (i32.sub (local.get $number) (i32.const 1)))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $next)))
    (local.set $row (i32.const 0))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $row) (local.get $count)))
      (i32.store ${word("known", `(i32.load ${word("list", "(local.get $row)")})`)} (i32.const 0))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $next)))
    (local.get $count))`;

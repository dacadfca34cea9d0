const word = (array: string, index: string) =>
  `(i32.load (i32.add (local.get $${array}) (i32.shl ${index} (i32.const 2))))`;

/** The number of a row's text; without numbers, that of the row. */
const NUMBER = `(local.set $number (local.get $row))
      (if (local.get $numbers) (then (local.set $number ${word("numbers", "(local.get $row)")})))`;

/** The place of a row; without places, its number. */
const PLACE = `(local.set $place (local.get $row))
      (if (local.get $places) (then (local.set $place ${word("places", "(local.get $row)")})))`;

/** Goes over the rows that have texts. */
const rowsWithTexts = (body: string) => `(block $end (loop $next
      (br_if $end (i32.ge_u (local.get $row) (local.get $rows)))
      (block $none
        (if (local.get $valid) (then
          (br_if $none (i32.eqz (i32.load8_u (i32.add (local.get $valid) (local.get $row)))))))
        ${NUMBER}
        ${PLACE}
        ${body})
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $next)))`;

/**
 * Loops that bring texts to the places of their rows. A text has a number, by which \`offsets\` tell where its bytes begin
 * and end; without \`numbers\` row i has text i. Without \`valid\` each row has one, and without \`places\` each stays where it is.
 */
export const PLACE_TEXTS = `
  ;; Writes where the text of each place begins, from a number of bytes on; returns where the last one ends, or -1 where
  ;; that is more than 2 GiB.
  (func (export "textStarts")
    (param $numbers i32) (param $valid i32) (param $offsets i32) (param $places i32) (param $rows i32)
    (param $starts i32) (param $sum i32) (result i32)
    (local $row i32) (local $number i32) (local $place i32) (local $size i32)
    (memory.fill (local.get $starts) (i32.const 0) (i32.shl (local.get $rows) (i32.const 2)))
    ${rowsWithTexts(`(i32.store
          (i32.add (local.get $starts) (i32.shl (local.get $place) (i32.const 2)))
          (i32.sub ${word("offsets", "(i32.add (local.get $number) (i32.const 1))")} ${word("offsets", "(local.get $number)")}))`)}
    (block $end (loop $next
      (br_if $end (i32.eqz (local.get $rows)))
      (local.set $size (i32.load (local.get $starts)))
      (i32.store (local.get $starts) (local.get $sum))
      (local.set $sum (i32.add (local.get $sum) (local.get $size)))
      (if (i32.lt_s (local.get $sum) (i32.const 0)) (then (return (i32.const -1))))
      (local.set $starts (i32.add (local.get $starts) (i32.const 4)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $next)))
    (i32.store (local.get $starts) (local.get $sum))
    (local.get $sum))
  ;; Copies no byte too many: what is behind it may be there already.
  (func $copyText (param $to i32) (param $from i32) (param $size i32)
    (if (i32.lt_u (local.get $size) (i32.const 8)) (then
      (if (i32.ge_u (local.get $size) (i32.const 4)) (then
        (i32.store align=1 (local.get $to) (i32.load align=1 (local.get $from)))
        (local.set $size (i32.sub (local.get $size) (i32.const 4)))
        (i32.store align=1 (i32.add (local.get $to) (local.get $size))
          (i32.load align=1 (i32.add (local.get $from) (local.get $size))))
        (return)))
      (block $end (loop $next
        (br_if $end (i32.eqz (local.get $size)))
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (i32.store8 (i32.add (local.get $to) (local.get $size))
          (i32.load8_u (i32.add (local.get $from) (local.get $size))))
        (br $next)))
      (return)))
    (if (i32.gt_u (local.get $size) (i32.const 64)) (then
      (memory.copy (local.get $to) (local.get $from) (local.get $size))
      (return)))
    (block $end (loop $next
      (br_if $end (i32.le_u (local.get $size) (i32.const 8)))
      (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $from)))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (local.set $size (i32.sub (local.get $size) (i32.const 8)))
      (br $next)))
    (local.set $size (i32.sub (local.get $size) (i32.const 8)))
    (i64.store align=1 (i32.add (local.get $to) (local.get $size))
      (i64.load align=1 (i32.add (local.get $from) (local.get $size)))))
  ;; Copies each text to where that of its place begins, in what lies \`base\` bytes behind \`into\`.
  (func (export "placeTexts")
    (param $numbers i32) (param $valid i32) (param $offsets i32) (param $bytes i32) (param $places i32) (param $rows i32)
    (param $starts i32) (param $base i32) (param $into i32)
    (local $row i32) (local $number i32) (local $place i32) (local $from i32)
    (local.set $into (i32.sub (local.get $into) (local.get $base)))
    ${rowsWithTexts(`(local.set $from ${word("offsets", "(local.get $number)")})
        (call $copyText
          (i32.add (local.get $into) ${word("starts", "(local.get $place)")})
          (i32.add (local.get $bytes) (local.get $from))
          (i32.sub ${word("offsets", "(i32.add (local.get $number) (i32.const 1))")} (local.get $from)))`)})`;

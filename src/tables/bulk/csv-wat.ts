import { on, times } from "./wat-loops.ts";

/** Where a word of a state is. */
const WORDS = { cellStart: 0, column: 4, quoted: 8, closedAt: 12, cells: 16, lineFeed: 20 } as const;

const load = (word: keyof typeof WORDS) => `(local.set $${word} (i32.load offset=${WORDS[word]} (local.get $state)))`;
const save = (word: keyof typeof WORDS) => `(i32.store offset=${WORDS[word]} (local.get $state) (local.get $${word}))`;

const equal = (byte: string) => `(i8x16.eq (local.get $block) (local.get $${byte}))`;

/** Ends a cell at \`$to\`. */
const CELL = `
            (i32.store (i32.add (local.get $starts) (i32.shl (local.get $cells) (i32.const 2))) (local.get $cellStart))
            (i32.store (i32.add (local.get $ends) (i32.shl (local.get $cells) (i32.const 2))) (local.get $to))
            ${on(1, "cells", "column")}`;

/**
 * Takes apart records of CSV, from 16 bytes to the next: 0 where more bytes are needed, 1 where the next record begins
 * at the limit or after it, 2 for whatever is not plain: doubled quotes, lines that end in several ways, empty lines,
 * records of another width, text beside quotes. Places are counted from \`base\`. The state: where the cell begins, how
 * many cells the record has, whether it is within quotes (1) or after them (2), where those closed, how many cells there
 * are, and the line feed that belongs to a carriage return before it.
 */
const SPLIT = `
  (func (export "splitCells")
    (param $at i32) (param $end i32) (param $base i32) (param $starts i32) (param $ends i32) (param $width i32)
    (param $limit i32) (param $delimiterByte i32) (param $quoteByte i32) (param $pairs i32) (param $state i32)
    (result i32)
    (local $cellStart i32) (local $column i32) (local $quoted i32) (local $closedAt i32) (local $cells i32)
    (local $lineFeed i32) (local $block v128) (local $delimiter v128) (local $quote v128) (local $lf v128) (local $cr v128)
    (local $mask i32) (local $place i32) (local $byte i32) (local $to i32) (local $result i32)
    ${Object.keys(WORDS)
      .map((word) => load(word as keyof typeof WORDS))
      .join("\n    ")}
    (local.set $delimiter (i8x16.splat (local.get $delimiterByte)))
    (local.set $quote (i8x16.splat (local.get $quoteByte)))
    (local.set $lf (i8x16.splat (i32.const 10)))
    (local.set $cr (i8x16.splat (i32.const 13)))
    (block $stop
      (loop $blocks
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $block (v128.load align=1 (local.get $at)))
        (local.set $mask (i8x16.bitmask (v128.or
          (v128.or ${equal("delimiter")} ${equal("quote")}) (v128.or ${equal("lf")} ${equal("cr")}))))
        (if (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 16)) (then
          (local.set $mask (i32.and (local.get $mask)
            (i32.sub (i32.shl (i32.const 1) (i32.sub (local.get $end) (local.get $at))) (i32.const 1))))))
        (block $none (loop $marks
          (br_if $none (i32.eqz (local.get $mask)))
          (local.set $place (i32.sub (i32.add (local.get $at) (i32.ctz (local.get $mask))) (local.get $base)))
          (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
          (local.set $byte (i32.load8_u (i32.add (local.get $base) (local.get $place))))
          (if (i32.eq (local.get $quoted) (i32.const 1)) (then
            (if (i32.eq (local.get $byte) (local.get $quoteByte)) (then
              (local.set $quoted (i32.const 2))
              (local.set $closedAt (local.get $place))))
            (br $marks)))
          (if (i32.eq (local.get $byte) (local.get $quoteByte)) (then
            (if (i32.or (local.get $quoted) (i32.ne (local.get $place) (local.get $cellStart))) (then
              (local.set $result (i32.const 2))
              (br $stop)))
            (local.set $quoted (i32.const 1))
            ${on(1, "cellStart")}
            (br $marks)))
          (if (i32.and (i32.eq (local.get $byte) (i32.const 10)) (i32.eq (local.get $place) (local.get $lineFeed)))
            (then (br $marks)))
          (local.set $to (local.get $place))
          (if (local.get $quoted) (then
            (local.set $to (local.get $closedAt))
            (local.set $quoted (i32.const 0))
            (if (i32.ne (local.get $place) (i32.add (local.get $closedAt) (i32.const 1))) (then
              (local.set $result (i32.const 2))
              (br $stop)))))
          ${CELL}
          (if (i32.eq (local.get $byte) (local.get $delimiterByte)) (then
            (local.set $cellStart (i32.add (local.get $place) (i32.const 1)))
            (br_if $marks (i32.lt_u (local.get $column) (local.get $width)))
            (local.set $result (i32.const 2))
            (br $stop)))
          ;; The end of a line: of one kind, after as many cells as there should be.
          (if (i32.or
              (i32.ne (local.get $column) (local.get $width))
              (i32.ne (i32.eq (local.get $byte) (i32.const 13)) (local.get $pairs)))
            (then
              (local.set $result (i32.const 2))
              (br $stop)))
          (local.set $column (i32.const 0))
          (local.set $cellStart (i32.add (local.get $place) (i32.const 1)))
          (if (local.get $pairs) (then
            (local.set $lineFeed (local.get $cellStart))
            (if (i32.ne (i32.load8_u (i32.add (local.get $base) (local.get $lineFeed))) (i32.const 10)) (then
              (local.set $result (i32.const 2))
              (br $stop)))
            ${on(1, "cellStart")}))
          (if (i32.ge_u (local.get $cellStart) (local.get $limit)) (then
            (local.set $result (i32.const 1))
            (br $stop)))
          (br $marks)))
        ${on(16, "at")}
        (br $blocks)))
    ${Object.keys(WORDS)
      .map((word) => save(word as keyof typeof WORDS))
      .join("\n    ")}
    (local.get $result))
  ;; How often a byte is among \`blocks\` times 16.
  (func (export "countByte") (param $at i32) (param $blocks i32) (param $byte i32) (result i32)
    (local $sought v128) (local $count i32)
    (local.set $sought (i8x16.splat (local.get $byte)))
    ${times(
      "blocks",
      `(local.set $count (i32.add (local.get $count)
        (i32.popcnt (i8x16.bitmask (i8x16.eq (v128.load align=1 (local.get $at)) (local.get $sought))))))
      ${on(16, "at")}`,
    )}
    (local.get $count))`;

/** Does something for each cell of a column, which is from \`$at\` to \`$end\` in memory; \`body\` writes to \`$out\`. */
function cells(width: number, empty: string, body: string): string {
  return times(
    "rows",
    `(local.set $at (i32.load (local.get $starts)))
      (local.set $end (i32.load (local.get $ends)))
      (if (i32.eq (local.get $at) (local.get $end))
        (then ${empty})
        (else
          (local.set $at (i32.add (local.get $at) (local.get $base)))
          (local.set $end (i32.add (local.get $end) (local.get $base)))
          ${body}))
      (local.set $starts (i32.add (local.get $starts) (local.get $stride)))
      (local.set $ends (i32.add (local.get $ends) (local.get $stride)))
      ${on(width, "out")}`,
  );
}

const COLUMN =
  "(param $starts i32) (param $rows i32) (param $ends i32) (param $stride i32) (param $base i32) (param $out i32)";

const fail = "(return (i32.const 0))";

/** The digit at \`$at\`, or something greater than 9. */
const DIGIT = "(local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))";

/** Takes a minus off. */
const SIGN = `(local.set $negative (i32.eq (i32.load8_u (local.get $at)) (i32.const 45)))
          (local.set $at (i32.add (local.get $at) (local.get $negative)))`;

/** Cells of columns as values; 0 where one is not as it is told here, which the plain way has to look at. */
const VALUES = `
  ;; Which cells have something; how many have.
  (func (export "filled") ${COLUMN} (result i32)
    (local $at i32) (local $end i32) (local $count i32)
    ${cells(
      1,
      "(i32.store8 (local.get $out) (i32.const 0))",
      `(i32.store8 (local.get $out) (i32.const 1)) ${on(1, "count")}`,
    )}
    (local.get $count))
  ;; The texts of cells, from \`$size\` on; where the last ends.
  (func (export "copyCells") ${COLUMN} (param $texts i32) (param $size i32) (result i32)
    (local $at i32) (local $end i32)
    ${cells(
      4,
      "(i32.store (local.get $out) (local.get $size))",
      `(i32.store (local.get $out) (local.get $size))
          (local.set $end (i32.sub (local.get $end) (local.get $at)))
          (call $copyText (local.get $at) (i32.add (local.get $texts) (local.get $size)) (local.get $end))
          (local.set $size (i32.add (local.get $size) (local.get $end)))`,
    )}
    (local.get $size))
  ;; \`true\` and \`false\` in any case.
  (func (export "bools") ${COLUMN} (result i32)
    (local $at i32) (local $end i32) (local $four i32) (local $size i32)
    ${cells(
      1,
      "(i32.store8 (local.get $out) (i32.const 0))",
      `(local.set $size (i32.sub (local.get $end) (local.get $at)))
          (local.set $four (i32.or (i32.load align=1 (local.get $at)) (i32.const 0x20202020)))
          (if (i32.and (i32.eq (local.get $size) (i32.const 4)) (i32.eq (local.get $four) (i32.const 0x65757274)))
            (then (i32.store8 (local.get $out) (i32.const 1)))
            (else
              (if (i32.eqz (i32.and
                  (i32.and (i32.eq (local.get $size) (i32.const 5)) (i32.eq (local.get $four) (i32.const 0x736c6166)))
                  (i32.eq (i32.or (i32.load8_u offset=4 (local.get $at)) (i32.const 32)) (i32.const 101))))
                (then ${fail}))
              (i32.store8 (local.get $out) (i32.const 0))))`,
    )}
    (i32.const 1))
  ;; Integers of up to 18 digits.
  (func (export "ints") ${COLUMN} (result i32)
    (local $at i32) (local $end i32) (local $negative i32) (local $digit i32) (local $value i64)
    ${cells(
      8,
      "(i64.store (local.get $out) (i64.const 0))",
      `${SIGN}
          (if (i32.gt_u (i32.sub (i32.sub (local.get $end) (local.get $at)) (i32.const 1)) (i32.const 17)) (then ${fail}))
          (local.set $value (i64.const 0))
          (loop $digits
            ${DIGIT}
            (if (i32.gt_u (local.get $digit) (i32.const 9)) (then ${fail}))
            (local.set $value (i64.add (i64.mul (local.get $value) (i64.const 10)) (i64.extend_i32_u (local.get $digit))))
            ${on(1, "at")}
            (br_if $digits (i32.lt_u (local.get $at) (local.get $end))))
          (local.set $value (select (i64.sub (i64.const 0) (local.get $value)) (local.get $value) (local.get $negative)))
          (i64.store (local.get $out) (local.get $value))`,
    )}
    (i32.const 1))
  ;; Numbers of up to 15 digits without an exponent; \`powers\` of ten from 0 to 15; 2 where one has a dot.
  (func (export "floats") ${COLUMN} (param $powers i32) (result i32)
    (local $at i32) (local $end i32) (local $negative i32) (local $digit i32) (local $value i64) (local $dot i32)
    (local $digits i32) (local $number f64) (local $result i32)
    (local.set $result (i32.const 1))
    ${cells(
      8,
      "(i64.store (local.get $out) (i64.const 0))",
      `${SIGN}
          (local.set $value (i64.const 0))
          (local.set $dot (i32.const 0))
          (local.set $digits (i32.const 0))
          (block $done (loop $next
            (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
            ${DIGIT}
            (if (i32.gt_u (local.get $digit) (i32.const 9))
              (then
                ;; The byte of a dot is 2 below that of zero.
                (if (i32.or (local.get $dot) (i32.ne (local.get $digit) (i32.const -2))) (then ${fail}))
                (local.set $dot (i32.add (local.get $at) (i32.const 1))))
              (else
                (local.set $value
                  (i64.add (i64.mul (local.get $value) (i64.const 10)) (i64.extend_i32_u (local.get $digit))))
                ${on(1, "digits")}))
            ${on(1, "at")}
            (br $next)))
          (if (i32.gt_u (i32.sub (local.get $digits) (i32.const 1)) (i32.const 14)) (then ${fail}))
          (local.set $number (f64.convert_i64_s (local.get $value)))
          (if (local.get $dot) (then
            (local.set $result (i32.const 2))
            (local.set $number (f64.div (local.get $number) (f64.load (i32.add (local.get $powers)
              (i32.shl (i32.sub (local.get $end) (local.get $dot)) (i32.const 3))))))))
          (if (i32.and (local.get $negative) (i32.or (i64.ne (local.get $value) (i64.const 0))
              (i32.ne (local.get $dot) (i32.const 0))))
            (then (local.set $number (f64.neg (local.get $number)))))
          (f64.store (local.get $out) (local.get $number))`,
    )}
    (local.get $result))
  ;; The number of two digits, or something greater than any year.
  (func $two (param $at i32) (result i32)
    (local $tens i32) (local $ones i32)
    (local.set $tens (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
    (local.set $ones (i32.sub (i32.load8_u offset=1 (local.get $at)) (i32.const 48)))
    (if (i32.or (i32.gt_u (local.get $tens) (i32.const 9)) (i32.gt_u (local.get $ones) (i32.const 9)))
      (then (return (i32.const 65536))))
    (i32.add (i32.mul (local.get $tens) (i32.const 10)) (local.get $ones)))
  ;; The day of YYYY-MM-DD since 1970, of years whose times nanoseconds hold; the least number for anything else.
  (func $day (param $at i32) (result i32)
    (local $year i32) (local $month i32) (local $day i32) (local $leap i32) (local $ofEra i32)
    (local.set $year (i32.add (i32.mul (call $two (local.get $at)) (i32.const 100))
      (call $two (i32.add (local.get $at) (i32.const 2)))))
    (local.set $month (call $two (i32.add (local.get $at) (i32.const 5))))
    (local.set $day (call $two (i32.add (local.get $at) (i32.const 8))))
    (if (i32.or (i32.lt_u (local.get $year) (i32.const 1678)) (i32.gt_u (local.get $year) (i32.const 2261)))
      (then (return (i32.const 0x80000000))))
    (if (i32.or
        (i32.or (i32.ne (i32.load8_u offset=4 (local.get $at)) (i32.const 45))
          (i32.ne (i32.load8_u offset=7 (local.get $at)) (i32.const 45)))
        (i32.or (i32.gt_u (i32.sub (local.get $month) (i32.const 1)) (i32.const 11))
          (i32.gt_u (i32.sub (local.get $day) (i32.const 1)) (i32.const 30))))
      (then (return (i32.const 0x80000000))))
    (local.set $leap (i32.and
      (i32.eqz (i32.and (local.get $year) (i32.const 3)))
      (i32.or (i32.ne (i32.rem_u (local.get $year) (i32.const 100)) (i32.const 0))
        (i32.eqz (i32.rem_u (local.get $year) (i32.const 400))))))
    (if (i32.gt_u (local.get $day)
        (select
          (i32.add (i32.const 28) (local.get $leap))
          ;; 31, but 30 in April, June, September and November.
          (i32.sub (i32.const 31) (i32.and (i32.shr_u (i32.const 0xa50) (local.get $month)) (i32.const 1)))
          (i32.eq (local.get $month) (i32.const 2))))
      (then (return (i32.const 0x80000000))))
    (local.set $year (i32.sub (local.get $year) (i32.le_u (local.get $month) (i32.const 2))))
    (local.set $ofEra (i32.rem_u (local.get $year) (i32.const 400)))
    (i32.sub
      (i32.add
        (i32.mul (i32.div_u (local.get $year) (i32.const 400)) (i32.const 146097))
        (i32.add
          (i32.sub
            (i32.add (i32.mul (local.get $ofEra) (i32.const 365)) (i32.shr_u (local.get $ofEra) (i32.const 2)))
            (i32.div_u (local.get $ofEra) (i32.const 100)))
          (i32.add
            (i32.div_u
              (i32.add
                (i32.mul (i32.const 153)
                  (i32.rem_u (i32.add (local.get $month) (i32.const 9)) (i32.const 12)))
                (i32.const 2))
              (i32.const 5))
            (i32.sub (local.get $day) (i32.const 1)))))
      (i32.const 719468)))
  ;; Times YYYY-MM-DDTHH:MM:SS with up to \`most\` digits of a fraction, in units of which a second has \`perSecond\`;
  ;; 2 where one has more digits, but not more than nine. No zone, or Z.
  (func (export "times") ${COLUMN} (param $most i32) (param $perSecond i64) (result i32)
    (local $at i32) (local $end i32) (local $date i64) (local $dayText i32) (local $day i32) (local $digit i32)
    (local $hour i32) (local $minute i32) (local $second i32) (local $fraction i32) (local $digits i32)
    ${cells(
      8,
      "(i64.store (local.get $out) (i64.const 0))",
      `(if (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 19)) (then ${fail}))
          (if (i32.or
              (i64.ne (i64.load align=1 (local.get $at)) (local.get $date))
              (i32.ne (i32.load16_u offset=8 align=1 (local.get $at)) (local.get $dayText)))
            (then
              (local.set $day (call $day (local.get $at)))
              (if (i32.eq (local.get $day) (i32.const 0x80000000)) (then ${fail}))
              (local.set $date (i64.load align=1 (local.get $at)))
              (local.set $dayText (i32.load16_u offset=8 align=1 (local.get $at)))))
          (local.set $digit (i32.load8_u offset=10 (local.get $at)))
          (local.set $hour (call $two (i32.add (local.get $at) (i32.const 11))))
          (local.set $minute (call $two (i32.add (local.get $at) (i32.const 14))))
          (local.set $second (call $two (i32.add (local.get $at) (i32.const 17))))
          (if (i32.or
              (i32.or
                (i32.and (i32.ne (local.get $digit) (i32.const 84)) (i32.ne (local.get $digit) (i32.const 32)))
                (i32.or (i32.ne (i32.load8_u offset=13 (local.get $at)) (i32.const 58))
                  (i32.ne (i32.load8_u offset=16 (local.get $at)) (i32.const 58))))
              (i32.or (i32.gt_u (local.get $hour) (i32.const 23))
                (i32.or (i32.gt_u (local.get $minute) (i32.const 59)) (i32.gt_u (local.get $second) (i32.const 59)))))
            (then ${fail}))
          ${on(19, "at")}
          (local.set $fraction (i32.const 0))
          (local.set $digits (i32.const 0))
          (if (i32.and (i32.lt_u (local.get $at) (local.get $end)) (i32.eq (i32.load8_u (local.get $at)) (i32.const 46)))
            (then
              ${on(1, "at")}
              (block $done (loop $next
                (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                ${DIGIT}
                (br_if $done (i32.gt_u (local.get $digit) (i32.const 9)))
                (local.set $fraction (i32.add (i32.mul (local.get $fraction) (i32.const 10)) (local.get $digit)))
                ${on(1, "digits", "at")}
                (br $next)))
              (if (i32.gt_u (i32.sub (local.get $digits) (i32.const 1)) (i32.const 8)) (then ${fail}))))
          (if (i32.and (i32.lt_u (local.get $at) (local.get $end)) (i32.eq (i32.load8_u (local.get $at)) (i32.const 90)))
            (then ${on(1, "at")}))
          (if (i32.ne (local.get $at) (local.get $end)) (then ${fail}))
          (if (i32.gt_u (local.get $digits) (local.get $most)) (then (return (i32.const 2))))
          (block $scaled (loop $scale
            (br_if $scaled (i32.ge_u (local.get $digits) (local.get $most)))
            (local.set $fraction (i32.mul (local.get $fraction) (i32.const 10)))
            ${on(1, "digits")}
            (br $scale)))
          (i64.store (local.get $out) (i64.add
            (i64.extend_i32_u (local.get $fraction))
            (i64.mul (local.get $perSecond) (i64.add
              (i64.mul (i64.extend_i32_s (local.get $day)) (i64.const 86400))
              (i64.extend_i32_u (i32.add (i32.mul (local.get $hour) (i32.const 3600))
                (i32.add (i32.mul (local.get $minute) (i32.const 60)) (local.get $second))))))))`,
    )}
    (i32.const 1))`;

/** The loops over the bytes and cells of CSV, for a module that has \`$copyText\`. */
export const CSV_KERNELS = `${SPLIT}${VALUES}`;

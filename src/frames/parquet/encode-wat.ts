import { item, on, times } from "../../tables/bulk/wat-loops.ts";
import { CODE_RUNS } from "./code-runs-wat.ts";
import { DELTAS } from "./deltas-wat.ts";
import { FRONT_CODING } from "./front-coding-wat.ts";
import { SNAPPY_ENCODER } from "./snappy-wat.ts";

/** Runs a body for each of some items, with further ones where there are fewer than eight left. */
const eights = (body: string) => `(block $end (loop $next
      (br_if $end (i32.le_s (local.get $rows) (i32.const 0)))
      ${body}
      (local.set $rows (i32.sub (local.get $rows) (i32.const 8)))
      (br $next)))`;

const PRESENCE = `
  ;; How many bytes are 1; all are 0 or 1, also up to seven behind them.
  (func (export "countOnes") (param $valid i32) (param $rows i32) (result i32)
    (local $sum i64)
    ${eights(`(local.set $sum (i64.add (local.get $sum) (i64.popcnt (i64.load (local.get $valid)))))
      ${on(8, "valid")}`)}
    (i32.wrap_i64 (local.get $sum)))
  ;; Makes 0 what stands for a row whose code has no value.
  (func (export "markCodes") (param $codes i32) (param $valid i32) (param $rows i32) (param $size i32)
    ${times(
      "rows",
      `(i32.store8 (local.get $valid) (i32.and (i32.load8_u (local.get $valid))
        (i32.lt_u (i32.load (local.get $codes)) (local.get $size))))
      ${on(4, "codes")}
      ${on(1, "valid")}`,
    )})
  ;; Moves the values of valid rows together.
  (func (export "keep8") (param $values i32) (param $valid i32) (param $rows i32)
    (local $to i32)
    (local.set $to (local.get $values))
    ${times(
      "rows",
      `(i64.store (local.get $to) (i64.load (local.get $values)))
      (local.set $to (i32.add (local.get $to) (i32.shl (i32.load8_u (local.get $valid)) (i32.const 3))))
      ${on(8, "values")}
      ${on(1, "valid")}`,
    )})
  (func (export "keep4") (param $values i32) (param $valid i32) (param $rows i32)
    (local $to i32)
    (local.set $to (local.get $values))
    ${times(
      "rows",
      `(i32.store (local.get $to) (i32.load (local.get $values)))
      (local.set $to (i32.add (local.get $to) (i32.shl (i32.load8_u (local.get $valid)) (i32.const 2))))
      ${on(4, "values")}
      ${on(1, "valid")}`,
    )})
  ;; A bit for each byte; there are zeros up to the next eight.
  (func (export "bitsOfBytes") (param $from i32) (param $rows i32) (param $to i32)
    ${eights(`(i32.store8 (local.get $to) (i8x16.bitmask
        (i8x16.ne (v128.load64_zero (local.get $from)) (v128.const i64x2 0 0))))
      ${on(8, "from")}
      ${on(1, "to")}`)})
  ;; A bit for each number; there are zeros up to the next eight.
  (func (export "bitsOfWords") (param $from i32) (param $rows i32) (param $to i32)
    ${eights(`(i32.store8 (local.get $to) (i32.or
        (i32x4.bitmask (i32x4.ne (v128.load (local.get $from)) (v128.const i64x2 0 0)))
        (i32.shl (i32x4.bitmask (i32x4.ne (v128.load offset=16 (local.get $from)) (v128.const i64x2 0 0)))
          (i32.const 4))))
      ${on(32, "from")}
      ${on(1, "to")}`)})`;

const least = (type: string, compare: string, of: string, than: string) =>
  `(local.set $${of} (select (local.get $value) (local.get $${of}) (${type}.${compare} (local.get $value) (local.get $${than}))))`;

/** Several of each, so that none waits for the one before. */
const TURNS = [0, 1];

/** Takes four numbers at a time, while there are as many. */
const EXTREMES_OF_FOUR = `
    (local.set $turns (i64x2.splat (local.get $turn)))
    ${TURNS.map(
      (turn) => `(local.set $leasts${turn} (i64x2.splat (local.get $least)))
    (local.set $mosts${turn} (i64x2.splat (local.get $most)))`,
    ).join("\n    ")}
    (local.set $fours (i32.shr_u (local.get $rows) (i32.const 2)))
    (local.set $rows (i32.and (local.get $rows) (i32.const 3)))
    ${times(
      "fours",
      `${TURNS.map(
        (turn) => `(local.set $pair
        (v128.xor (v128.load offset=${16 * turn} align=8 (local.get $values)) (local.get $turns)))
      (local.set $leasts${turn} (v128.bitselect (local.get $pair) (local.get $leasts${turn})
        (i64x2.lt_s (local.get $pair) (local.get $leasts${turn}))))
      (local.set $mosts${turn} (v128.bitselect (local.get $pair) (local.get $mosts${turn})
        (i64x2.gt_s (local.get $pair) (local.get $mosts${turn}))))`,
      ).join("\n      ")}
      ${on(32, "values")}`,
    )}
    ${TURNS.flatMap((turn) => [0, 1].map((lane) => ({ turn, lane })))
      .map(
        ({ turn, lane }) => `(local.set $value (i64x2.extract_lane ${lane} (local.get $leasts${turn})))
    ${least("i64", "lt_s", "least", "least")}
    (local.set $value (i64x2.extract_lane ${lane} (local.get $mosts${turn})))
    ${least("i64", "gt_s", "most", "most")}`,
      )
      .join("\n    ")}`;

/** Least and greatest integers; a number with the sign turned stands for one without a sign. */
const extremes = (type: "i32" | "i64", size: number) => `
  (func (export "extremes${size}") (param $values i32) (param $rows i32) (param $turn ${type}) (param $out i32)
    (local $value ${type}) (local $least ${type}) (local $most ${type}) (local $fours i32) (local $turns v128)
    (local $pair v128) ${TURNS.map((turn) => `(local $leasts${turn} v128) (local $mosts${turn} v128)`).join(" ")}
    (local.set $least (${type}.xor (${type}.load (local.get $values)) (local.get $turn)))
    (local.set $most (local.get $least))
    ${type === "i64" ? EXTREMES_OF_FOUR : ""}
    ${times(
      "rows",
      `(local.set $value (${type}.xor (${type}.load (local.get $values)) (local.get $turn)))
      ${least(type, "lt_s", "least", "least")}
      ${least(type, "gt_s", "most", "most")}
      ${on(size, "values")}`,
    )}
    (${type}.store (local.get $out) (${type}.xor (local.get $least) (local.get $turn)))
    (${type}.store offset=${size} (local.get $out) (${type}.xor (local.get $most) (local.get $turn))))`;

/** Least and greatest numbers of those that are numbers; where there is none, the least is greater than the greatest. */
const floatExtremes = (type: "f32" | "f64", size: number) => `
  (func (export "floatExtremes${size}") (param $values i32) (param $rows i32) (param $out i32)
    (local $value ${type}) (local $least ${type}) (local $most ${type})
    (local.set $least (${type}.const inf))
    (local.set $most (${type}.const -inf))
    ${times(
      "rows",
      `(local.set $value (${type}.load (local.get $values)))
      ${least(type, "lt", "least", "least")}
      ${least(type, "gt", "most", "most")}
      ${on(size, "values")}`,
    )}
    (${type}.store (local.get $out) (local.get $least))
    (${type}.store offset=${size} (local.get $out) (local.get $most)))`;

const STATISTICS = `${extremes("i32", 4)}${extremes("i64", 8)}${floatExtremes("f32", 4)}${floatExtremes("f64", 8)}
  ;; Multiplies numbers, where they are.
  (func (export "multiply") (param $values i32) (param $rows i32) (param $by i64)
    ${times(
      "rows",
      `(i64.store (local.get $values) (i64.mul (i64.load (local.get $values)) (local.get $by)))
      ${on(8, "values")}`,
    )})`;

/** Numbers values by first occurrence, those that occur in \`$distinct\`; -1 where they are more than \`$most\`. */
const distinct = (type: "i32" | "i64", size: number, shift: number) => {
  const wide = type === "i64" ? "(local.get $value)" : "(i64.extend_i32_u (local.get $value))";
  return `
  (func (export "distinct${size}")
    (param $values i32) (param $rows i32) (param $slots i32) (param $mask i32) (param $distinct i32) (param $most i32)
    (param $codes i32) (result i32)
    (local $value ${type}) (local $slot i32) (local $code i32) (local $count i32)
    ${times(
      "rows",
      `(local.set $value (${type}.load (local.get $values)))
      (local.set $slot (i32.wrap_i64 (i64.shr_u (i64.mul ${wide} (i64.const 0x9e3779b97f4a7c15)) (i64.const 40))))
      (block $found (loop $probe
        (local.set $slot (i32.and (local.get $slot) (local.get $mask)))
        (local.set $code (i32.load ${item("slots", "(local.get $slot)", 2)}))
        (if (i32.eqz (local.get $code)) (then
          (if (i32.eq (local.get $count) (local.get $most)) (then (return (i32.const -1))))
          (${type}.store ${item("distinct", "(local.get $count)", shift)} (local.get $value))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $code (local.get $count))
          (i32.store ${item("slots", "(local.get $slot)", 2)} (local.get $code))
          (br $found)))
        (br_if $found (${type}.eq (local.get $value)
          (${type}.load ${item("distinct", "(i32.sub (local.get $code) (i32.const 1))", shift)})))
        (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
        (br $probe)))
      (i32.store (local.get $codes) (i32.sub (local.get $code) (i32.const 1)))
      ${on(4, "codes")}
      ${on(size, "values")}`,
    )}
    (local.get $count))`;
};

const CODES = `
  ;; Sets the bit of each code that occurs.
  (func (export "markUsed") (param $codes i32) (param $rows i32) (param $bits i32)
    (local $word i32) (local $code i32)
    ${times(
      "rows",
      `(local.set $code (i32.load (local.get $codes)))
      (local.set $word ${item("bits", "(i32.shr_u (local.get $code) (i32.const 5))", 2)})
      (i32.store (local.get $word)
        (i32.or (i32.load (local.get $word)) (i32.shl (i32.const 1) (local.get $code))))
      ${on(4, "codes")}`,
    )})
  ;; For each word of bits, how many are set in those before it; returns how many there are in all.
  (func (export "countUsed") (param $bits i32) (param $words i32) (param $before i32) (result i32)
    (local $count i32)
    ${times(
      "words",
      `(i32.store (local.get $before) (local.get $count))
      (local.set $count (i32.add (local.get $count) (i32.popcnt (i32.load (local.get $bits)))))
      ${on(4, "bits", "before")}`,
    )}
    (local.get $count))
  ;; The codes whose bits are set, in order.
  (func (export "listUsed") (param $bits i32) (param $words i32) (param $used i32)
    (local $code i32) (local $rest i32)
    ${times(
      "words",
      `(local.set $rest (i32.load (local.get $bits)))
      (block $none (loop $bit
        (br_if $none (i32.eqz (local.get $rest)))
        (i32.store (local.get $used) (i32.add (local.get $code) (i32.ctz (local.get $rest))))
        (local.set $rest (i32.and (local.get $rest) (i32.sub (local.get $rest) (i32.const 1))))
        ${on(4, "used")}
        (br $bit)))
      ${on(4, "bits")}
      ${on(32, "code")}`,
    )})
  ;; The number of each code among those that occur.
  (func (export "rankCodes") (param $codes i32) (param $rows i32) (param $bits i32) (param $before i32) (param $to i32)
    (local $code i32) (local $word i32)
    ${times(
      "rows",
      `(local.set $code (i32.load (local.get $codes)))
      (local.set $word (i32.shl (i32.shr_u (local.get $code) (i32.const 5)) (i32.const 2)))
      (i32.store (local.get $to) (i32.add
        (i32.load (i32.add (local.get $before) (local.get $word)))
        (i32.popcnt (i32.and (i32.load (i32.add (local.get $bits) (local.get $word)))
          (i32.sub (i32.shl (i32.const 1) (local.get $code)) (i32.const 1))))))
      ${on(4, "codes", "to")}`,
    )})
  ;; The value of each code; 0 where a code has two. A byte for each code tells whether its value is known.
  (func (export "valuesOfCodes")
    (param $codes i32) (param $rows i32) (param $values i32) (param $known i32) (param $to i32) (result i32)
    (local $code i32)
    ${times(
      "rows",
      `(local.set $code (i32.load (local.get $codes)))
      (if (i32.load8_u (i32.add (local.get $known) (local.get $code)))
        (then (if (i64.ne (i64.load ${item("to", "(local.get $code)", 3)}) (i64.load (local.get $values)))
          (then (return (i32.const 0)))))
        (else
          (i64.store ${item("to", "(local.get $code)", 3)} (i64.load (local.get $values)))
          (i32.store8 (i32.add (local.get $known) (local.get $code)) (i32.const 1))))
      ${on(4, "codes")}
      ${on(8, "values")}`,
    )}
    (i32.const 1))
  ;; Whether each number is the one after that before.
  (func (export "follow") (param $codes i32) (param $rows i32) (param $first i32) (result i32)
    ${times(
      "rows",
      `(if (i32.ne (i32.load (local.get $codes)) (local.get $first)) (then (return (i32.const 0))))
      ${on(1, "first")}
      ${on(4, "codes")}`,
    )}
    (i32.const 1))
  ;; By how much each number is more than the one before it; there is one more of them.
  (func (export "steps") (param $from i32) (param $rows i32) (param $to i32)
    ${times(
      "rows",
      `(i32.store (local.get $to) (i32.sub (i32.load offset=4 (local.get $from)) (i32.load (local.get $from))))
      ${on(4, "from", "to")}`,
    )})
  ;; Packs numbers of up to 32 bits, and writes nothing behind them; the end.
  (func (export "packWords") (param $from i32) (param $rows i32) (param $width i64) (param $to i32) (result i32)
    (local $held i64) (local $bits i64)
    ${times(
      "rows",
      `(local.set $held (i64.or (local.get $held)
        (i64.shl (i64.load32_u (local.get $from)) (local.get $bits))))
      (local.set $bits (i64.add (local.get $bits) (local.get $width)))
      (if (i64.ge_u (local.get $bits) (i64.const 32)) (then
        (i64.store32 align=1 (local.get $to) (local.get $held))
        (local.set $held (i64.shr_u (local.get $held) (i64.const 32)))
        (local.set $bits (i64.sub (local.get $bits) (i64.const 32)))
        ${on(4, "to")}))
      ${on(4, "from")}`,
    )}
    (block $packed (loop $last
      (br_if $packed (i64.le_s (local.get $bits) (i64.const 0)))
      (i64.store8 (local.get $to) (local.get $held))
      (local.set $held (i64.shr_u (local.get $held) (i64.const 8)))
      (local.set $bits (i64.sub (local.get $bits) (i64.const 8)))
      ${on(1, "to")}
      (br $last)))
    (local.get $to))`;

/**
 * The loops over rows of encoding Parquet, as WebAssembly text. `ENCODE_BINARY` is this text assembled; a test holds the
 * two together. Counts of rows come second, and what is written may touch up to 8 bytes behind its end.
 */
export const ENCODE_WAT = `(module
  (import "host" "memory" (memory 1 65536))${PRESENCE}${STATISTICS}${DELTAS}
  ${distinct("i32", 4, 2)}${distinct("i64", 8, 3)}${CODES}${CODE_RUNS}${FRONT_CODING}${SNAPPY_ENCODER})`;

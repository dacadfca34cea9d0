import { KEY_HASH_FUNCTIONS } from "../../values/key-hash-module.ts";
import { CSV_KERNELS } from "./csv-wat.ts";
import { DELTA_KERNELS } from "./delta-wat.ts";
import { SNAPPY } from "./snappy-wat.ts";
import { item, on, times } from "./wat-loops.ts";

/** Copies a text; those of 8 to 16 bytes without a call. */
function copyText(from: string, to: string, size: string): string {
  const [f, t, s] = [from, to, size].map((name) => `(local.get $${name})`);
  const last = (at: string | undefined) => `(i32.sub (i32.add ${at} ${s}) (i32.const 8))`;
  return `(if (i32.le_u (i32.sub ${s} (i32.const 8)) (i32.const 8))
        (then
          (i64.store align=1 ${t} (i64.load align=1 ${f}))
          (i64.store align=1 ${last(t)} (i64.load align=1 ${last(f)})))
        (else (call $copyText ${f} ${t} ${s})))`;
}

const TEXTS = `
  (func $copyText (param $from i32) (param $to i32) (param $size i32)
    (local $last i32)
    (if (i32.ge_u (local.get $size) (i32.const 8)) (then
      (if (i32.gt_u (local.get $size) (i32.const 64)) (then
        (memory.copy (local.get $to) (local.get $from) (local.get $size))
        (return)))
      (local.set $last (i32.sub (i32.add (local.get $from) (local.get $size)) (i32.const 8)))
      (local.set $size (i32.sub (i32.add (local.get $to) (local.get $size)) (i32.const 8)))
      (loop $next
        (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $from)))
        ${on(8, "to", "from")}
        (br_if $next (i32.lt_u (local.get $from) (local.get $last))))
      (i64.store align=1 (local.get $size) (i64.load align=1 (local.get $last)))
      (return)))
    (if (i32.ge_u (local.get $size) (i32.const 4)) (then
      (local.set $last (i32.load align=1 (i32.sub (i32.add (local.get $from) (local.get $size)) (i32.const 4))))
      (i32.store align=1 (local.get $to) (i32.load align=1 (local.get $from)))
      (i32.store align=1 (i32.sub (i32.add (local.get $to) (local.get $size)) (i32.const 4)) (local.get $last))
      (return)))
    ${times("size", `(i32.store8 (local.get $to) (i32.load8_u (local.get $from))) ${on(1, "to", "from")}`)})
  (func $sameText (param $a i32) (param $b i32) (param $size i32) (result i32)
    (block $tail (loop $next
      (br_if $tail (i32.lt_u (local.get $size) (i32.const 8)))
      (if (i64.ne (i64.load align=1 (local.get $a)) (i64.load align=1 (local.get $b))) (then (return (i32.const 0))))
      ${on(8, "a", "b")}
      (local.set $size (i32.sub (local.get $size) (i32.const 8)))
      (br $next)))
    (if (i32.eqz (local.get $size)) (then (return (i32.const 1))))
    (i64.eqz (i64.shl
      (i64.xor (i64.load align=1 (local.get $a)) (i64.load align=1 (local.get $b)))
      (i64.extend_i32_u (i32.shl (i32.sub (i32.const 8) (local.get $size)) (i32.const 3))))))
  ;; Takes apart texts that follow their lengths; where the last ends, or -1 where they are cut off.
  (func (export "splitTexts")
    (param $at i32) (param $atEnd i32) (param $rows i32) (param $offsets i32) (param $bytes i32) (param $end i32)
    (param $state i32) (result i32)
    (local $size i32) (local $to i32)
    ${times(
      "rows",
      `(if (i32.lt_u (i32.sub (local.get $atEnd) (local.get $at)) (i32.const 4)) (then (return (i32.const -1))))
      (local.set $size (i32.load align=1 (local.get $at)))
      ${on(4, "at")}
      (if (i32.gt_u (local.get $size) (i32.sub (local.get $atEnd) (local.get $at))) (then (return (i32.const -1))))
      (local.set $to (i32.add (local.get $bytes) (local.get $end)))
      ${copyText("at", "to", "size")}
      (local.set $at (i32.add (local.get $at) (local.get $size)))
      (local.set $end (i32.add (local.get $end) (local.get $size)))
      ${on(4, "offsets")}
      (i32.store (local.get $offsets) (local.get $end))`,
    )}
    (i32.store (local.get $state) (local.get $at))
    (local.get $end))
  (func (export "hashTexts")
    (param $offsets i32) (param $rows i32) (param $bytes i32) (param $out i32)
    (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64)
    (local $at i32)
    ${times(
      "rows",
      `(local.set $at (i32.load (local.get $offsets)))
      (i64.store (local.get $out) (call $text (i32.add (local.get $bytes) (local.get $at))
        (i32.sub (i32.load offset=4 (local.get $offsets)) (local.get $at))
        (local.get $buffer) (local.get $pad) (local.get $x0) (local.get $x1)))
      ${on(4, "offsets")}
      ${on(8, "out")}`,
    )})
  ;; Adds up lengths from a sum on.
  (func (export "addUp") (param $lengths i32) (param $rows i32) (param $sum i32) (param $to i32) (result i32)
    ${times(
      "rows",
      `(local.set $sum (i32.add (local.get $sum) (i32.load (local.get $lengths))))
      (i32.store (local.get $to) (local.get $sum))
      ${on(4, "lengths", "to")}`,
    )}
    (local.get $sum))
  ;; Checks that all texts of a group are the same; begins of groups that had none are -1.
  (func (export "findKeys")
    (param $offsets i32) (param $rows i32) (param $bytes i32) (param $groupOfRow i32) (param $begins i32)
    (param $sizes i32) (result i32)
    (local $group i32) (local $begin i32) (local $from i32) (local $size i32)
    ${times(
      "rows",
      `(local.set $group (i32.shl (i32.load (local.get $groupOfRow)) (i32.const 2)))
      (local.set $from (i32.load (local.get $offsets)))
      (local.set $size (i32.sub (i32.load offset=4 (local.get $offsets)) (local.get $from)))
      (local.set $begin (i32.load (i32.add (local.get $begins) (local.get $group))))
      (if (i32.lt_s (local.get $begin) (i32.const 0))
        (then
          (i32.store (i32.add (local.get $begins) (local.get $group)) (local.get $from))
          (i32.store (i32.add (local.get $sizes) (local.get $group)) (local.get $size)))
        (else
          (if (i32.ne (i32.load (i32.add (local.get $sizes) (local.get $group))) (local.get $size))
            (then (return (i32.const 0))))
          (if (i32.eqz (call $sameText (i32.add (local.get $bytes) (local.get $begin))
            (i32.add (local.get $bytes) (local.get $from)) (local.get $size)))
            (then (return (i32.const 0))))))
      ${on(4, "offsets", "groupOfRow")}`,
    )}
    (i32.const 1))
  ;; Whether texts have all the same length.
  (func (export "evenTexts") (param $offsets i32) (param $rows i32) (param $width i32) (result i32)
    ${times(
      "rows",
      `(if (i32.ne (local.get $width)
          (i32.sub (i32.load offset=4 (local.get $offsets)) (i32.load (local.get $offsets))))
        (then (return (i32.const 0))))
      ${on(4, "offsets")}`,
    )}
    (i32.const 1))
  ;; The same as findKeys, for texts of one length, the first of which is at an offset.
  (func (export "findEvenKeys")
    (param $from i32) (param $rows i32) (param $bytes i32) (param $width i32) (param $groupOfRow i32) (param $begins i32)
    (result i32)
    (local $slot i32) (local $begin i32)
    ${times(
      "rows",
      `(local.set $slot ${item("begins", "(i32.load (local.get $groupOfRow))", 2)})
      (local.set $begin (i32.load (local.get $slot)))
      (if (i32.lt_s (local.get $begin) (i32.const 0))
        (then (i32.store (local.get $slot) (local.get $from)))
        (else
          (if (i32.eq (local.get $width) (i32.const 8))
            (then
              (if (i64.ne (i64.load align=1 (i32.add (local.get $bytes) (local.get $begin)))
                  (i64.load align=1 (i32.add (local.get $bytes) (local.get $from))))
                (then (return (i32.const 0)))))
            (else
              (if (i32.eqz (call $sameText (i32.add (local.get $bytes) (local.get $begin))
                (i32.add (local.get $bytes) (local.get $from)) (local.get $width)))
                (then (return (i32.const 0))))))))
      (local.set $from (i32.add (local.get $from) (local.get $width)))
      ${on(4, "groupOfRow")}`,
    )}
    (i32.const 1))
  ;; Copies texts from where they begin to where they go.
  (func (export "copyTexts")
    (param $bytes i32) (param $begins i32) (param $offsets i32) (param $rows i32) (param $to i32)
    (local $at i32) (local $size i32) (local $from i32)
    ${times(
      "rows",
      `(local.set $at (i32.load (local.get $offsets)))
      (local.set $size (i32.sub (i32.load offset=4 (local.get $offsets)) (local.get $at)))
      (local.set $at (i32.add (local.get $to) (local.get $at)))
      (local.set $from (i32.add (local.get $bytes) (i32.load (local.get $begins))))
      ${copyText("from", "at", "size")}
      ${on(4, "begins", "offsets")}`,
    )})`;

/** A row's bucket, from some bits of its hash, times four. */
const BUCKET =
  "(i32.shl (i32.and (i32.shr_u (i32.load offset=4 (local.get $hashes)) (local.get $shift)) (local.get $mask)) (i32.const 2))";

const DIVIDE = `
  ;; Counts the rows of each bucket into the next one's count.
  (func (export "count")
    (param $hashes i32) (param $rows i32) (param $shift i32) (param $mask i32) (param $counts i32)
    (local $slot i32)
    ${times(
      "rows",
      `(local.set $slot (i32.add (local.get $counts) ${BUCKET}))
      (i32.store offset=4 (local.get $slot) (i32.add (i32.load offset=4 (local.get $slot)) (i32.const 1)))
      ${on(8, "hashes")}`,
    )})
  ;; Where each row goes, and the row of each place.
  (func (export "place")
    (param $hashes i32) (param $rows i32) (param $shift i32) (param $mask i32) (param $next i32) (param $place i32)
    (param $rowOf i32) (param $row i32)
    (local $slot i32) (local $to i32)
    ${times(
      "rows",
      `(local.set $slot (i32.add (local.get $next) ${BUCKET}))
      (local.set $to (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (i32.add (local.get $to) (i32.const 1)))
      (i32.store (local.get $place) (local.get $to))
      (i32.store ${item("rowOf", "(local.get $to)", 2)} (local.get $row))
      ${on(8, "hashes")}
      ${on(4, "place")}
      ${on(1, "row")}`,
    )})
  (func (export "scatter8") (param $from i32) (param $rows i32) (param $place i32) (param $to i32)
    ${times(
      "rows",
      `(i64.store ${item("to", "(i32.load (local.get $place))", 3)} (i64.load (local.get $from)))
      ${on(8, "from")}
      ${on(4, "place")}`,
    )})
  (func (export "scatter4") (param $from i32) (param $rows i32) (param $place i32) (param $to i32)
    ${times(
      "rows",
      `(i32.store ${item("to", "(i32.load (local.get $place))", 2)} (i32.load (local.get $from)))
      ${on(4, "from", "place")}`,
    )})
  (func (export "scatter1") (param $from i32) (param $rows i32) (param $place i32) (param $to i32)
    ${times(
      "rows",
      `(i32.store8 ${item("to", "(i32.load (local.get $place))", 0)} (i32.load8_u (local.get $from)))
      ${on(1, "from")}
      ${on(4, "place")}`,
    )})
  ;; Texts of one length.
  (func (export "scatterEven") (param $from i32) (param $rows i32) (param $place i32) (param $to i32) (param $width i32)
    (local $out i32)
    ${times(
      "rows",
      `(local.set $out (i32.add (local.get $to) (i32.mul (i32.load (local.get $place)) (local.get $width))))
      ${copyText("from", "out", "width")}
      (local.set $from (i32.add (local.get $from) (local.get $width)))
      ${on(4, "place")}`,
    )})
  ;; Lengths of texts; the bytes of each bucket are added to its count.
  (func (export "scatterLengths")
    (param $offsets i32) (param $rows i32) (param $place i32) (param $to i32) (param $hashes i32) (param $shift i32)
    (param $mask i32) (param $counts i32)
    (local $size i32) (local $slot i32)
    ${times(
      "rows",
      `(local.set $size (i32.sub (i32.load offset=4 (local.get $offsets)) (i32.load (local.get $offsets))))
      (i32.store ${item("to", "(i32.load (local.get $place))", 2)} (local.get $size))
      (local.set $slot (i32.add (local.get $counts) ${BUCKET}))
      (i32.store offset=4 (local.get $slot) (i32.add (i32.load offset=4 (local.get $slot)) (local.get $size)))
      ${on(4, "offsets", "place")}
      ${on(8, "hashes")}`,
    )})
  (func (export "scatterTexts")
    (param $offsets i32) (param $rows i32) (param $bytes i32) (param $to i32) (param $hashes i32) (param $shift i32)
    (param $mask i32) (param $next i32)
    (local $at i32) (local $size i32) (local $slot i32) (local $out i32)
    ${times(
      "rows",
      `(local.set $at (i32.load (local.get $offsets)))
      (local.set $size (i32.sub (i32.load offset=4 (local.get $offsets)) (local.get $at)))
      (local.set $slot (i32.add (local.get $next) ${BUCKET}))
      (local.set $out (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (i32.add (local.get $out) (local.get $size)))
      (local.set $at (i32.add (local.get $bytes) (local.get $at)))
      (local.set $out (i32.add (local.get $to) (local.get $out)))
      ${copyText("at", "out", "size")}
      ${on(4, "offsets")}
      ${on(8, "hashes")}`,
    )})`;

const GROUP = `
  ;; Whether times never fall, from one before them on.
  (func (export "inOrder") (param $times i32) (param $rows i32) (param $last i64) (result i32)
    (local $time i64)
    ${times(
      "rows",
      `(local.set $time (i64.load (local.get $times)))
      (if (i64.lt_s (local.get $time) (local.get $last)) (then (return (i32.const 0))))
      (local.set $last (local.get $time))
      ${on(8, "times")}`,
    )}
    (i32.const 1))
  (func (export "number") (param $to i32) (param $rows i32) (param $first i32)
    ${times("rows", `(i32.store (local.get $to) (local.get $first)) ${on(4, "to")} ${on(1, "first")}`)})
  ;; Tells each row its group, by its hash; how many groups there are then.
  (func (export "group")
    (param $row i32) (param $rows i32) (param $hashes i32) (param $slots i32) (param $mask i32) (param $groupHash i32)
    (param $counts i32) (param $groupOf i32) (param $groups i32) (result i32)
    (local $hash i64) (local $slot i32) (local $at i32) (local $group i32)
    ${times(
      "rows",
      `(local.set $hash (i64.load ${item("hashes", "(i32.load (local.get $row))", 3)}))
      (local.set $slot (i32.and (local.get $mask)
        (i32.wrap_i64 (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 15))))))
      (block $found
        (loop $probe
          (local.set $at ${item("slots", "(local.get $slot)", 2)})
          (local.set $group (i32.load (local.get $at)))
          (if (i32.ge_s (local.get $group) (i32.const 0)) (then
            (br_if $found (i64.eq (local.get $hash) (i64.load ${item("groupHash", "(local.get $group)", 3)})))
            (local.set $slot (i32.and (local.get $mask) (i32.add (local.get $slot) (i32.const 1))))
            (br $probe))))
        (local.set $group (local.get $groups))
        ${on(1, "groups")}
        (i32.store (local.get $at) (local.get $group))
        (i64.store ${item("groupHash", "(local.get $group)", 3)} (local.get $hash))
        (i32.store ${item("counts", "(local.get $group)", 2)} (i32.const 0)))
      (local.set $at ${item("counts", "(local.get $group)", 2)})
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
      (i32.store (local.get $groupOf) (local.get $group))
      ${on(4, "row", "groupOf")}`,
    )}
    (local.get $groups))
  ;; Puts groups that are nearly in the order of their hashes into it; 0 where one is far from its place.
  (func (export "sortGroups") (param $ranked i32) (param $rows i32) (param $hashes i32) (param $far i32) (result i32)
    (local $at i32) (local $end i32) (local $hole i32) (local $least i32) (local $group i32) (local $hash i64)
    (local.set $at (local.get $ranked))
    (local.set $end ${item("ranked", "(local.get $rows)", 2)})
    (block $done (loop $next
      ${on(4, "at")}
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $group (i32.load (local.get $at)))
      (local.set $hash (i64.load ${item("hashes", "(local.get $group)", 3)}))
      (local.set $hole (local.get $at))
      (local.set $least (i32.sub (local.get $at) (i32.shl (local.get $far) (i32.const 2))))
      (block $found (loop $shift
        (br_if $found (i32.eq (local.get $hole) (local.get $ranked)))
        (br_if $found (i64.le_u
          (i64.load ${item("hashes", "(i32.load (i32.sub (local.get $hole) (i32.const 4)))", 3)}) (local.get $hash)))
        (if (i32.lt_s (local.get $hole) (local.get $least)) (then
          (i32.store (local.get $hole) (local.get $group))
          (return (i32.const 0))))
        (i32.store (local.get $hole) (i32.load (i32.sub (local.get $hole) (i32.const 4))))
        (local.set $hole (i32.sub (local.get $hole) (i32.const 4)))
        (br $shift)))
      (i32.store (local.get $hole) (local.get $group))
      (br $next)))
    (i32.const 1))
  ;; Numbers groups by their ranks, and turns their counts into where they begin; where the last ends.
  (func (export "numberGroups")
    (param $ranked i32) (param $rows i32) (param $counts i32) (param $numbers i32) (param $firsts i32) (param $number i32)
    (param $at i32) (result i32)
    (local $group i32) (local $size i32) (local $slot i32)
    ${times(
      "rows",
      `(local.set $group (i32.load (local.get $ranked)))
      (local.set $slot ${item("counts", "(local.get $group)", 2)})
      (local.set $size (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (local.get $at))
      (i32.store ${item("numbers", "(local.get $group)", 2)} (local.get $number))
      (i32.store ${item("firsts", "(local.get $number)", 2)} (local.get $at))
      (local.set $at (i32.add (local.get $at) (local.get $size)))
      ${on(4, "ranked")}
      ${on(1, "number")}`,
    )}
    (local.get $at))
  ;; Widens the least and the greatest of some times, which lie beside each other.
  (func (export "extremes") (param $times i32) (param $rows i32) (param $least i32)
    (local $low i64) (local $high i64) (local $time i64)
    (local.set $low (i64.load (local.get $least)))
    (local.set $high (i64.load offset=8 (local.get $least)))
    ${times(
      "rows",
      `(local.set $time (i64.load (local.get $times)))
      (local.set $low (select (local.get $time) (local.get $low) (i64.lt_s (local.get $time) (local.get $low))))
      (local.set $high (select (local.get $time) (local.get $high) (i64.gt_s (local.get $time) (local.get $high))))
      ${on(8, "times")}`,
    )}
    (i64.store (local.get $least) (local.get $low))
    (i64.store offset=8 (local.get $least) (local.get $high)))
  ;; The rows up to a time; how many there are then.
  ;; Times as numbers with decimals, of rows a step apart, the first after the last.
  (func (export "sampleTimes")
    (param $times i32) (param $length i32) (param $step i32) (param $rows i32) (param $to i32)
    (local $row i32)
    ${times(
      "rows",
      `(f64.store (local.get $to) (f64.convert_i64_s (i64.load ${item("times", "(local.get $row)", 3)})))
      (local.set $row (i32.add (local.get $row) (local.get $step)))
      (if (i32.ge_u (local.get $row) (local.get $length))
        (then (local.set $row (i32.sub (local.get $row) (local.get $length)))))
      ${on(8, "to")}`,
    )})
  (func (export "rowsUpTo")
    (param $times i32) (param $rows i32) (param $last i64) (param $row i32) (param $out i32) (param $count i32)
    (result i32)
    ${times(
      "rows",
      `(i32.store ${item("out", "(local.get $count)", 2)} (local.get $row))
      (local.set $count
        (i32.add (local.get $count) (i64.le_s (i64.load (local.get $times)) (local.get $last))))
      ${on(8, "times")}
      ${on(1, "row")}`,
    )}
    (local.get $count))
  ;; Puts rows where their groups go on, and tells them the groups' numbers.
  ;; The groups of rows, which ascend, each once, and where the rows of each end; how many there are with those before.
  (func (export "groupEnds")
    (param $groups i32) (param $rows i32) (param $row i32) (param $numbers i32) (param $ends i32) (param $count i32)
    (result i32)
    (local $group i32) (local $last i32)
    (local.set $last (i32.const -1))
    (if (local.get $count)
      (then (local.set $last (i32.load (i32.sub ${item("numbers", "(local.get $count)", 2)} (i32.const 4))))))
    ${times(
      "rows",
      `(local.set $group (i32.load (local.get $groups)))
      (if (i32.ne (local.get $group) (local.get $last))
        (then
          (i32.store ${item("numbers", "(local.get $count)", 2)} (local.get $group))
          (local.set $last (local.get $group))
          ${on(1, "count")}))
      ${on(1, "row")}
      (i32.store (i32.sub ${item("ends", "(local.get $count)", 2)} (i32.const 4)) (local.get $row))
      ${on(4, "groups")}`,
    )}
    (local.get $count))
  ;; Where some texts begin, and their sizes.
  (func (export "findTexts")
    (param $texts i32) (param $rows i32) (param $offsets i32) (param $begins i32) (param $sizes i32)
    (local $at i32)
    ${times(
      "rows",
      `(local.set $at ${item("offsets", "(i32.load (local.get $texts))", 2)})
      (i32.store (local.get $begins) (i32.load (local.get $at)))
      (i32.store (local.get $sizes) (i32.sub (i32.load offset=4 (local.get $at)) (i32.load (local.get $at))))
      ${on(4, "texts", "begins", "sizes")}`,
    )})
  (func (export "placeRows")
    (param $row i32) (param $rows i32) (param $groupOf i32) (param $next i32) (param $numbers i32) (param $order i32)
    (param $groupOfRow i32)
    (local $group i32) (local $at i32) (local $slot i32)
    ${times(
      "rows",
      `(local.set $group (i32.load (local.get $groupOf)))
      (local.set $slot ${item("next", "(local.get $group)", 2)})
      (local.set $at (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (i32.add (local.get $at) (i32.const 1)))
      (i32.store ${item("order", "(local.get $at)", 2)} (i32.load (local.get $row)))
      (i32.store ${item("groupOfRow", "(i32.load (local.get $row))", 2)}
        (i32.load ${item("numbers", "(local.get $group)", 2)}))
      ${on(4, "row", "groupOf")}`,
    )})`;

const GATHER = `
  (func (export "gather8") (param $order i32) (param $rows i32) (param $from i32) (param $to i32)
    ${times(
      "rows",
      `(i64.store (local.get $to) (i64.load ${item("from", "(i32.load (local.get $order))", 3)}))
      ${on(8, "to")}
      ${on(4, "order")}`,
    )})
  (func (export "gather4") (param $order i32) (param $rows i32) (param $from i32) (param $to i32)
    ${times(
      "rows",
      `(i32.store (local.get $to) (i32.load ${item("from", "(i32.load (local.get $order))", 2)}))
      ${on(4, "order", "to")}`,
    )})
  (func (export "gather1") (param $order i32) (param $rows i32) (param $from i32) (param $to i32)
    ${times(
      "rows",
      `(i32.store8 (local.get $to) (i32.load8_u (i32.add (local.get $from) (i32.load (local.get $order)))))
      ${on(1, "to")}
      ${on(4, "order")}`,
    )})
  ;; Multiplies times of a unit by its nanoseconds; 0 where one is beyond the least or the most.
  (func (export "scale")
    (param $from i32) (param $rows i32) (param $by i64) (param $least i64) (param $most i64) (param $to i32) (result i32)
    (local $time i64)
    ${times(
      "rows",
      `(local.set $time (i64.load (local.get $from)))
      (if (i32.or (i64.lt_s (local.get $time) (local.get $least)) (i64.gt_s (local.get $time) (local.get $most)))
        (then (return (i32.const 0))))
      (i64.store (local.get $to) (i64.mul (local.get $time) (local.get $by)))
      ${on(8, "from", "to")}`,
    )}
    (i32.const 1))
  (func (export "addTo") (param $to i32) (param $rows i32) (param $more i32)
    ${times(
      "rows",
      `(i32.store (local.get $to) (i32.add (i32.load (local.get $to)) (local.get $more)))
      ${on(4, "to")}`,
    )})
  ;; A bit for each byte, eight bytes at once; what is not 0 is 1.
  (func (export "packBits") (param $from i32) (param $rows i32) (param $to i32)
    ${times(
      "rows",
      `(i32.store8 (local.get $to) (i8x16.bitmask (i8x16.ne (v128.load64_zero (local.get $from)) (v128.const i64x2 0 0))))
      ${on(8, "from")}
      ${on(1, "to")}`,
    )})
  ;; A byte for each bit, eight bits at once.
  (func (export "spreadBits") (param $from i32) (param $rows i32) (param $to i32)
    ${times(
      "rows",
      `(i64.store (local.get $to) (i64.and (i64.const 0x0101010101010101) (i64.shr_u
        (i64.add (i64.and (i64.mul (i64.load8_u (local.get $from)) (i64.const 0x0101010101010101))
          (i64.const 0x8040201008040201)) (i64.const 0x7f7f7f7f7f7f7f7f)) (i64.const 7))))
      ${on(1, "from")}
      ${on(8, "to")}`,
    )})`;

/**
 * The loops over rows of a load, as WebAssembly text: they are compiled once for all threads. `KERNELS_BINARY` is this
 * text assembled; a test holds the two together. Memory is the thread's own; counts of rows come second.
 */
export const KERNELS_WAT = `(module
  (import "host" "memory" (memory 1 65536 shared))${KEY_HASH_FUNCTIONS}${SNAPPY}${TEXTS}${DIVIDE}${GROUP}${GATHER}${CSV_KERNELS}${DELTA_KERNELS})`;

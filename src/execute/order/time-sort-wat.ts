import { CODES } from "./codes-wat.ts";
import { ENTITY_SORT_WAT } from "./entity-sort-wat.ts";
import { PLACE_TEXTS } from "./place-texts-wat.ts";
import { SENT_ORDER_WAT } from "./sent-order-wat.ts";

/**
 * Sorting items by 64-bit keys, as WebAssembly text: items are divided among slots by the leading bits in which their
 * keys differ, about one item a slot, so that keys spread evenly need one pass; crowded slots are divided again. Keys
 * move along with the items, so that neighbours are compared in neighbouring memory. Items of one key keep their order.
 */
export const TIME_SORT_WAT = `(module
  (import "host" "memory" (memory 1 65536))
  ;; Appends the rows whose times are between two, both included; returns the number of items there are then.
  (func (export "select")
    (param $times i32) (param $rows i32) (param $first i64) (param $last i64)
    (param $keys i32) (param $rowOf i32) (param $count i32) (result i32)
    (local $row i32) (local $time i64)
    (if (local.get $rows) (then (loop $next
      (local.set $time (i64.load (i32.add (local.get $times) (i32.shl (local.get $row) (i32.const 3)))))
      (i64.store (i32.add (local.get $keys) (i32.shl (local.get $count) (i32.const 3))) (local.get $time))
      (i32.store (i32.add (local.get $rowOf) (i32.shl (local.get $count) (i32.const 2))) (local.get $row))
      (local.set $count (i32.add (local.get $count)
        (i32.and (i64.ge_s (local.get $time) (local.get $first)) (i64.le_s (local.get $time) (local.get $last)))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $row) (local.get $rows))))))
    (local.get $count))
  ;; Divides rows among slots of time, of 2^shift each from \`first\` on; what is before or after goes to the first or last
  ;; slot. Writes each row's place when they stand in the order of slots, and the end of each slot.
  (func (export "divide")
    (param $times i32) (param $rows i32) (param $first i64) (param $shift i64) (param $slots i32)
    (param $ends i32) (param $places i32)
    (local $row i32) (local $time i64) (local $slot i32) (local $at i32) (local $sum i32) (local $size i32) (local $most i64)
    (memory.fill (local.get $ends) (i32.const 0) (i32.shl (local.get $slots) (i32.const 2)))
    (if (i32.eqz (local.get $rows)) (then (return)))
    (local.set $most (i64.extend_i32_u (i32.sub (local.get $slots) (i32.const 1))))
    (loop $next
      (local.set $time (i64.load (i32.add (local.get $times) (i32.shl (local.get $row) (i32.const 3)))))
      (local.set $time (i64.shr_u
        (i64.sub (select (local.get $time) (local.get $first) (i64.gt_s (local.get $time) (local.get $first)))
          (local.get $first))
        (local.get $shift)))
      (local.set $slot (i32.wrap_i64
        (select (local.get $time) (local.get $most) (i64.lt_u (local.get $time) (local.get $most)))))
      (i32.store (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 2))) (local.get $slot))
      (local.set $at (i32.add (local.get $ends) (i32.shl (local.get $slot) (i32.const 2))))
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $row) (local.get $rows))))
    (local.set $slot (i32.const 0))
    (loop $next
      (local.set $at (i32.add (local.get $ends) (i32.shl (local.get $slot) (i32.const 2))))
      (local.set $size (i32.load (local.get $at)))
      (i32.store (local.get $at) (local.get $sum))
      (local.set $sum (i32.add (local.get $sum) (local.get $size)))
      (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $slot) (local.get $slots))))
    (local.set $row (i32.const 0))
    (loop $next
      (local.set $at (i32.add (local.get $ends) (i32.shl
        (i32.load (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 2)))) (i32.const 2))))
      (local.set $sum (i32.load (local.get $at)))
      (i32.store (local.get $at) (i32.add (local.get $sum) (i32.const 1)))
      (i32.store (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 2))) (local.get $sum))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $row) (local.get $rows)))))
  ;; Replaces codes, of which equal ones stand together, by numbers from 0 on, and lists the codes with their hashes;
  ;; returns how many.
  (func (export "renumber")
    (param $codes i32) (param $hashes i32) (param $rows i32) (param $list i32) (param $hashList i32) (result i32)
    (local $end i32) (local $code i32) (local $count i32) (local $same v128) (local $numbers v128)
    (local.set $end (i32.add (local.get $codes) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done (loop $run
      (br_if $done (i32.ge_u (local.get $codes) (local.get $end)))
      (local.set $code (i32.load (local.get $codes)))
      (i32.store (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))) (local.get $code))
      (i64.store (i32.add (local.get $hashList) (i32.shl (local.get $count) (i32.const 3)))
        (i64.load (local.get $hashes)))
      (local.set $same (i32x4.splat (local.get $code)))
      (local.set $numbers (i32x4.splat (local.get $count)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      ;; Four at a time, as far as they are equal.
      (block $last (loop $fours
        (br_if $last (i32.gt_u (i32.add (local.get $codes) (i32.const 16)) (local.get $end)))
        (br_if $last (i32.eqz (i32x4.all_true (i32x4.eq (v128.load (local.get $codes)) (local.get $same)))))
        (v128.store (local.get $codes) (local.get $numbers))
        (local.set $codes (i32.add (local.get $codes) (i32.const 16)))
        (local.set $hashes (i32.add (local.get $hashes) (i32.const 32)))
        (br $fours)))
      (loop $ones
        (br_if $run (i32.or
          (i32.ge_u (local.get $codes) (local.get $end))
          (i32.ne (i32.load (local.get $codes)) (local.get $code))))
        (i32.store (local.get $codes) (i32x4.extract_lane 0 (local.get $numbers)))
        (local.set $codes (i32.add (local.get $codes) (i32.const 4)))
        (local.set $hashes (i32.add (local.get $hashes) (i32.const 8)))
        (br $ones))))
    (local.get $count))
  ;; Writes values of 1, 4 or 8 bytes to their places; to those of 4 a number is added.
  (func (export "scatter1") (param $values i32) (param $places i32) (param $rows i32) (param $into i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $places) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $places) (local.get $end)))
      (i32.store8 (i32.add (local.get $into) (i32.load (local.get $places))) (i32.load8_u (local.get $values)))
      (local.set $values (i32.add (local.get $values) (i32.const 1)))
      (local.set $places (i32.add (local.get $places) (i32.const 4)))
      (br $next))))
  (func (export "scatter4") (param $values i32) (param $places i32) (param $rows i32) (param $into i32) (param $added i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $places) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $places) (local.get $end)))
      (i32.store (i32.add (local.get $into) (i32.shl (i32.load (local.get $places)) (i32.const 2)))
        (i32.add (i32.load (local.get $values)) (local.get $added)))
      (local.set $values (i32.add (local.get $values) (i32.const 4)))
      (local.set $places (i32.add (local.get $places) (i32.const 4)))
      (br $next))))
  (func (export "scatter8") (param $values i32) (param $places i32) (param $rows i32) (param $into i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $places) (i32.shl (local.get $rows) (i32.const 2))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $places) (local.get $end)))
      (i64.store (i32.add (local.get $into) (i32.shl (i32.load (local.get $places)) (i32.const 3))) (i64.load (local.get $values)))
      (local.set $values (i32.add (local.get $values) (i32.const 8)))
      (local.set $places (i32.add (local.get $places) (i32.const 4)))
      (br $next))))
${PLACE_TEXTS}${CODES}
  ;; Sorts a few items, or many that are all near their places.
  (func $insert (param $keys i32) (param $items i32) (param $rows i32)
    (local $at i32) (local $hole i32) (local $key i64) (local $before i64) (local $item i32)
    (local.set $at (i32.const 1))
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $at) (local.get $rows)))
      (local.set $hole (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3))))
      (local.set $key (i64.load (local.get $hole)))
      (local.set $before (i64.load (i32.sub (local.get $hole) (i32.const 8))))
      (if (i64.gt_s (local.get $before) (local.get $key)) (then
        (local.set $hole (local.get $at))
        (local.set $item (i32.load (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2)))))
        (loop $shift
          (i64.store (i32.add (local.get $keys) (i32.shl (local.get $hole) (i32.const 3))) (local.get $before))
          (i32.store (i32.add (local.get $items) (i32.shl (local.get $hole) (i32.const 2)))
            (i32.load (i32.sub (i32.add (local.get $items) (i32.shl (local.get $hole) (i32.const 2))) (i32.const 4))))
          (local.set $hole (i32.sub (local.get $hole) (i32.const 1)))
          (if (local.get $hole) (then
            (local.set $before
              (i64.load (i32.sub (i32.add (local.get $keys) (i32.shl (local.get $hole) (i32.const 3))) (i32.const 8))))
            (br_if $shift (i64.gt_s (local.get $before) (local.get $key))))))
        (i64.store (i32.add (local.get $keys) (i32.shl (local.get $hole) (i32.const 3))) (local.get $key))
        (i32.store (i32.add (local.get $items) (i32.shl (local.get $hole) (i32.const 2))) (local.get $item))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))))
  ;; Sorts items; \`ends\` is room for the ends of this call's slots and of those below it.
  (func $sort (export "sort")
    (param $keys i32) (param $items i32) (param $spareKeys i32) (param $spareItems i32) (param $ends i32) (param $rows i32)
    (local $at i32) (local $key i64) (local $least i64) (local $most i64) (local $many i32) (local $shift i64)
    (local $slots i32) (local $slot i32) (local $place i32) (local $sum i32) (local $start i32) (local $size i32)
    (if (i32.le_u (local.get $rows) (i32.const 24)) (then
      (call $insert (local.get $keys) (local.get $items) (local.get $rows))
      (return)))
    (local.set $least (i64.load (local.get $keys)))
    (local.set $most (local.get $least))
    (loop $next
      (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))))
      (local.set $least
        (select (local.get $key) (local.get $least) (i64.lt_s (local.get $key) (local.get $least))))
      (local.set $most
        (select (local.get $key) (local.get $most) (i64.gt_s (local.get $key) (local.get $most))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rows))))
    (if (i64.eq (local.get $least) (local.get $most)) (then (return)))
    ;; Few slots for many items: the ends of all slots stay in the processor's cache, and so does each slot afterwards.
    (local.set $many (i32.gt_u (local.get $rows) (i32.const 4096)))
    (local.set $shift (i64.sub
      (i64.sub (i64.const 64) (i64.clz (i64.sub (local.get $most) (local.get $least))))
      (select (i64.const 9) (i64.extend_i32_u (i32.sub (i32.const 32) (i32.clz (local.get $rows)))) (local.get $many))))
    (if (i64.lt_s (local.get $shift) (i64.const 0)) (then (local.set $shift (i64.const 0))))
    (local.set $slots (i32.add (i32.const 1)
      (i32.wrap_i64 (i64.shr_u (i64.sub (local.get $most) (local.get $least)) (local.get $shift)))))
    (memory.fill (local.get $ends) (i32.const 0) (i32.shl (local.get $slots) (i32.const 2)))
    (local.set $at (i32.const 0))
    (loop $next
      (local.set $slot (i32.add (local.get $ends) (i32.shl
        (i32.wrap_i64 (i64.shr_u (i64.sub
          (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))) (local.get $least))
          (local.get $shift)))
        (i32.const 2))))
      (i32.store (local.get $slot) (i32.add (i32.load (local.get $slot)) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rows))))
    (local.set $at (i32.const 0))
    (loop $next
      (local.set $slot (i32.add (local.get $ends) (i32.shl (local.get $at) (i32.const 2))))
      (local.set $size (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (local.get $sum))
      (local.set $sum (i32.add (local.get $sum) (local.get $size)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $slots))))
    (local.set $at (i32.const 0))
    (loop $next
      (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))))
      (local.set $slot (i32.add (local.get $ends) (i32.shl
        (i32.wrap_i64 (i64.shr_u (i64.sub (local.get $key) (local.get $least)) (local.get $shift)))
        (i32.const 2))))
      (local.set $place (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (i32.add (local.get $place) (i32.const 1)))
      (i64.store (i32.add (local.get $spareKeys) (i32.shl (local.get $place) (i32.const 3))) (local.get $key))
      (i32.store (i32.add (local.get $spareItems) (i32.shl (local.get $place) (i32.const 2)))
        (i32.load (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rows))))
    (memory.copy (local.get $keys) (local.get $spareKeys) (i32.shl (local.get $rows) (i32.const 3)))
    (memory.copy (local.get $items) (local.get $spareItems) (i32.shl (local.get $rows) (i32.const 2)))
    ;; Each entry of \`ends\` has moved on to the end of its slot.
    (local.set $at (i32.const 0))
    (loop $next
      (local.set $place (i32.load (i32.add (local.get $ends) (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $size (i32.sub (local.get $place) (local.get $start)))
      (if (i32.gt_u (local.get $size) (select (i32.const 1) (i32.const 24) (local.get $many))) (then
        (call $sort
          (i32.add (local.get $keys) (i32.shl (local.get $start) (i32.const 3)))
          (i32.add (local.get $items) (i32.shl (local.get $start) (i32.const 2)))
          (local.get $spareKeys) (local.get $spareItems)
          (i32.add (local.get $ends) (i32.shl (local.get $slots) (i32.const 2)))
          (local.get $size))))
      (local.set $start (local.get $place))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $slots))))
    (if (i32.eqz (local.get $many)) (then (call $insert (local.get $keys) (local.get $items) (local.get $rows)))))
  ;; Numbers items from 0 and puts them in the order of their keys; returns how many the longest run of equal keys has. Key
  ;; and number of an item are one number where they have room in it. These are sorted by two digits that 22 bits tell,
  ;; without a branch that depends on them; few are left that are not in order then, or else \`sort\` goes on.
  (func $sortTimes (export "sortTimes")
    (param $keys i32) (param $items i32) (param $spareKeys i32) (param $spareItems i32) (param $ends i32) (param $rows i32)
    (result i32)
    (local $at i32) (local $end i32) (local $key i64) (local $least i64) (local $most i64) (local $bits i64)
    (local $low i64) (local $high i64) (local $number i64) (local $before i64) (local $first i32) (local $second i32)
    (local $sum i32) (local $rest i32) (local $count i32) (local $hole i32) (local $moves i32) (local $zeros i64)
    (local.set $end (i32.add (local.get $keys) (i32.shl (local.get $rows) (i32.const 3))))
    (if (i32.lt_u (local.get $rows) (i32.const 64)) (then
      (call $number (local.get $items) (local.get $rows))
      (call $sort (local.get $keys) (local.get $items) (local.get $spareKeys) (local.get $spareItems) (local.get $ends)
        (local.get $rows))
      (return (call $longest (local.get $keys) (local.get $rows)))))
    (local.set $least (i64.load (local.get $keys)))
    (local.set $most (local.get $least))
    (local.set $before (local.get $least))
    (local.set $at (local.get $keys))
    (loop $next
      (local.set $key (i64.load (local.get $at)))
      (local.set $least
        (select (local.get $key) (local.get $least) (i64.lt_s (local.get $key) (local.get $least))))
      (local.set $most
        (select (local.get $key) (local.get $most) (i64.gt_s (local.get $key) (local.get $most))))
      (local.set $zeros (i64.or (local.get $zeros) (i64.xor (local.get $key) (local.get $before))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    ;; Trailing bits that are the same everywhere, as those of whole microseconds are, tell nothing.
    (local.set $zeros (i64.and (i64.ctz (local.get $zeros)) (i64.const 63)))
    (local.set $bits (i64.sub (i64.const 32)
      (i64.extend_i32_u (i32.clz (i32.sub (local.get $rows) (i32.const 1))))))
    (local.set $high (i64.sub (i64.const 64) (i64.clz
      (i64.shr_u (i64.sub (local.get $most) (local.get $least)) (local.get $zeros)))))
    (if (i32.or
      (i64.eq (local.get $least) (local.get $most))
      (i64.gt_u (i64.add (local.get $high) (local.get $bits)) (i64.const 64)))
      (then
        (call $number (local.get $items) (local.get $rows))
        (if (i64.eq (local.get $least) (local.get $most)) (then (return (local.get $rows))))
        (call $sort (local.get $keys) (local.get $items) (local.get $spareKeys) (local.get $spareItems) (local.get $ends)
          (local.get $rows))
        (return (call $longest (local.get $keys) (local.get $rows)))))
    ;; The digits are the leading 22 bits of the differences, or all of them.
    (local.set $low (i64.sub (local.get $high) (i64.const 22)))
    (local.set $low (i64.add (local.get $bits)
      (select (local.get $low) (i64.const 0) (i64.gt_s (local.get $low) (i64.const 0)))))
    (local.set $high (i64.add (local.get $low) (i64.const 11)))
    (memory.fill (local.get $ends) (i32.const 0) (i32.const 16384))
    (local.set $at (local.get $keys))
    (local.set $number (i64.const 0))
    (loop $next
      (local.set $key (i64.or
        (i64.shl (i64.shr_u (i64.sub (i64.load (local.get $at)) (local.get $least)) (local.get $zeros)) (local.get $bits))
        (local.get $number)))
      (i64.store (local.get $at) (local.get $key))
      (local.set $first (i32.add (local.get $ends)
        (i32.and (i32.const 0x1ffc) (i32.wrap_i64 (i64.shl (i64.shr_u (local.get $key) (local.get $low)) (i64.const 2))))))
      (i32.store (local.get $first) (i32.add (i32.load (local.get $first)) (i32.const 1)))
      (local.set $second (i32.add (local.get $ends)
        (i32.and (i32.const 0x1ffc) (i32.wrap_i64 (i64.shl (i64.shr_u (local.get $key) (local.get $high)) (i64.const 2))))))
      (i32.store offset=8192 (local.get $second) (i32.add (i32.load offset=8192 (local.get $second)) (i32.const 1)))
      (local.set $number (i64.add (local.get $number) (i64.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    ;; From counts to addresses.
    (local.set $sum (local.get $spareKeys))
    (local.set $rest (local.get $keys))
    (local.set $at (local.get $ends))
    (loop $next
      (local.set $count (i32.load (local.get $at)))
      (i32.store (local.get $at) (local.get $sum))
      (local.set $sum (i32.add (local.get $sum) (i32.shl (local.get $count) (i32.const 3))))
      (local.set $count (i32.load offset=8192 (local.get $at)))
      (i32.store offset=8192 (local.get $at) (local.get $rest))
      (local.set $rest (i32.add (local.get $rest) (i32.shl (local.get $count) (i32.const 3))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (i32.add (local.get $ends) (i32.const 8192)))))
    (local.set $at (local.get $keys))
    (loop $next
      (local.set $key (i64.load (local.get $at)))
      (local.set $first (i32.add (local.get $ends)
        (i32.and (i32.const 0x1ffc) (i32.wrap_i64 (i64.shl (i64.shr_u (local.get $key) (local.get $low)) (i64.const 2))))))
      (local.set $sum (i32.load (local.get $first)))
      (i32.store (local.get $first) (i32.add (local.get $sum) (i32.const 8)))
      (i64.store (local.get $sum) (local.get $key))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.set $at (local.get $spareKeys))
    (local.set $rest (i32.add (local.get $spareKeys) (i32.shl (local.get $rows) (i32.const 3))))
    (loop $next
      (local.set $key (i64.load (local.get $at)))
      (local.set $second (i32.add (local.get $ends)
        (i32.and (i32.const 0x1ffc) (i32.wrap_i64 (i64.shl (i64.shr_u (local.get $key) (local.get $high)) (i64.const 2))))))
      (local.set $sum (i32.load offset=8192 (local.get $second)))
      (i32.store offset=8192 (local.get $second) (i32.add (local.get $sum) (i32.const 8)))
      (i64.store (local.get $sum) (local.get $key))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rest))))
    ;; What 22 bits do not tell.
    (local.set $moves (i32.shl (local.get $rows) (i32.const 2)))
    (local.set $at (i32.add (local.get $keys) (i32.const 8)))
    (local.set $before (i64.load (local.get $keys)))
    (block $sorted (loop $next
      (br_if $sorted (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $key (i64.load (local.get $at)))
      (if (i64.lt_u (local.get $key) (local.get $before))
        (then
          (local.set $hole (local.get $at))
          (loop $shift
            (i64.store (local.get $hole) (local.get $before))
            (local.set $hole (i32.sub (local.get $hole) (i32.const 8)))
            (local.set $moves (i32.sub (local.get $moves) (i32.const 1)))
            (if (i32.gt_u (local.get $hole) (local.get $keys)) (then
              (local.set $before (i64.load (i32.sub (local.get $hole) (i32.const 8))))
              (br_if $shift (i64.lt_u (local.get $key) (local.get $before))))))
          (i64.store (local.get $hole) (local.get $key))
          (br_if $sorted (i32.le_s (local.get $moves) (i32.const 0)))
          (local.set $before (i64.load (local.get $at))))
        (else (local.set $before (local.get $key))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next)))
    (local.set $number (i64.sub (i64.shl (i64.const 1) (local.get $bits)) (i64.const 1)))
    (local.set $at (local.get $keys))
    (local.set $rest (local.get $items))
    (loop $next
      (local.set $key (i64.load (local.get $at)))
      (i32.store (local.get $rest) (i32.wrap_i64 (i64.and (local.get $key) (local.get $number))))
      (i64.store (local.get $at) (i64.add
        (i64.shl (i64.shr_u (local.get $key) (local.get $bits)) (local.get $zeros)) (local.get $least)))
      (local.set $rest (i32.add (local.get $rest) (i32.const 4)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    ;; Items of one key are in their order, which \`sort\` keeps.
    (if (i32.le_s (local.get $moves) (i32.const 0)) (then
      (call $sort (local.get $keys) (local.get $items) (local.get $spareKeys) (local.get $spareItems) (local.get $ends)
        (local.get $rows))))
    (call $longest (local.get $keys) (local.get $rows)))
  ;; Where the first run of items of one key begins of which one comes before the item in front of it, by rank, subsort and
  ;; key hash, which are at hand by items; \`$ranks\`: 0 where all have one. The number of items where there is none.
  (func (export "unordered")
    (param $keys i32) (param $items i32) (param $rows i32) (param $ranks i32) (param $subsorts i32) (param $hashes i32)
    (result i32)
    (local $at i32) (local $start i32) (local $key i64) (local $before i64) (local $a i32) (local $b i32)
    (local $left i64) (local $right i64)
    (if (i32.eqz (local.get $rows)) (then (return (i32.const 0))))
    (local.set $before (i64.load (local.get $keys)))
    (local.set $b (i32.load (local.get $items)))
    (block $end (loop $next
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $end (i32.ge_u (local.get $at) (local.get $rows)))
      (local.set $a (local.get $b))
      (local.set $b (i32.load (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))))
      (if (i64.ne (local.get $key) (local.get $before)) (then
        (local.set $before (local.get $key))
        (local.set $start (local.get $at))
        (br $next)))
      (if (local.get $ranks) (then
        (local.set $left (i64.load8_u (i32.add (local.get $ranks) (local.get $a))))
        (local.set $right (i64.load8_u (i32.add (local.get $ranks) (local.get $b))))
        (br_if $next (i64.lt_u (local.get $left) (local.get $right)))
        (if (i64.ne (local.get $left) (local.get $right)) (then (return (local.get $start))))))
      (local.set $left (i64.load (i32.add (local.get $subsorts) (i32.shl (local.get $a) (i32.const 3)))))
      (local.set $right (i64.load (i32.add (local.get $subsorts) (i32.shl (local.get $b) (i32.const 3)))))
      (br_if $next (i64.lt_u (local.get $left) (local.get $right)))
      (if (i64.ne (local.get $left) (local.get $right)) (then (return (local.get $start))))
      (local.set $left (i64.load (i32.add (local.get $hashes) (i32.shl (local.get $a) (i32.const 3)))))
      (local.set $right (i64.load (i32.add (local.get $hashes) (i32.shl (local.get $b) (i32.const 3)))))
      (br_if $next (i64.lt_u (local.get $left) (local.get $right)))
      (if (i64.ne (local.get $left) (local.get $right)) (then (return (local.get $start))))
      (br_if $next (i32.lt_u (local.get $a) (local.get $b)))
      (return (local.get $start))))
    (local.get $rows))
  ;; Numbers items from 0.
  (func $number (export "number") (param $items i32) (param $rows i32)
    (local $at i32)
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $at) (local.get $rows)))
      (i32.store (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2))) (local.get $at))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))))
  ;; The first item behind one that has another key.
  (func (export "end") (param $keys i32) (param $from i32) (param $rows i32) (result i32)
    (local $key i64)
    (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $from) (i32.const 3)))))
    (block $end (loop $next
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $end (i32.ge_u (local.get $from) (local.get $rows)))
      (br_if $next (i64.eq (local.get $key)
        (i64.load (i32.add (local.get $keys) (i32.shl (local.get $from) (i32.const 3))))))))
    (local.get $from))
  ;; How many items the longest run of equal keys has.
  (func $longest (export "longest") (param $keys i32) (param $rows i32) (result i32)
    (local $at i32) (local $start i32) (local $longest i32) (local $key i64) (local $before i64)
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $at) (local.get $rows)))
      (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))))
      (if (i64.ne (local.get $key) (local.get $before)) (then (local.set $start (local.get $at))))
      (local.set $before (local.get $key))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.gt_u (i32.sub (local.get $at) (local.get $start)) (local.get $longest)) (then
        (local.set $longest (i32.sub (local.get $at) (local.get $start)))))
      (br $next)))
    (local.get $longest))
  ;; Tells each item its place in the order, counted from \`base\`.
  (func (export "place") (param $items i32) (param $rows i32) (param $places i32) (param $base i32)
    (local $at i32)
    (block $end (loop $next
      (br_if $end (i32.ge_u (local.get $at) (local.get $rows)))
      (i32.store
        (i32.add (local.get $places)
          (i32.shl (i32.load (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2)))) (i32.const 2)))
        (i32.add (local.get $base) (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))))
${ENTITY_SORT_WAT}${SENT_ORDER_WAT})`;

/** Notes that an item is equal to the one before: a pair begins there, or the last one ends further on. */
const tie = (at: string) => `(if (i32.eqz (local.get $tied)) (then
              (i32.store (i32.add (local.get $ties) (i32.shl (local.get $count) (i32.const 3)))
                (i32.sub ${at} (i32.const 1)))
              (local.set $count (i32.add (local.get $count) (i32.const 1)))
              (local.set $tied (i32.const 1))))
            (i32.store (i32.sub (i32.add (local.get $ties) (i32.shl (local.get $count) (i32.const 3))) (i32.const 4))
              (i32.add ${at} (i32.const 1)))`;

/** Functions of the module that sorts, as WebAssembly text: they put items in the order of entities and times. */
export const ENTITY_SORT_WAT = `  ;; Turns unsigned numbers into signed ones of the same order.
  (func $signed (export "signed") (param $keys i32) (param $rows i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $keys) (i32.shl (local.get $rows) (i32.const 3))))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $keys) (local.get $end)))
      (i64.store (local.get $keys) (i64.xor (i64.load (local.get $keys)) (i64.const 0x8000000000000000)))
      (local.set $keys (i32.add (local.get $keys) (i32.const 8)))
      (br $next))))
  ;; Sorts items of one key, where \`keys\` are in order, by second keys, which take the place of the first ones. Where
  ;; items are equal in both, writes the first one's and the last one's successor's place to \`ties\`; returns how many.
  (func $within (export "within")
    (param $keys i32) (param $items i32) (param $seconds i32) (param $spareKeys i32) (param $spareItems i32)
    (param $ends i32) (param $rows i32) (param $ties i32) (result i32)
    (local $from i32) (local $to i32) (local $key i64) (local $second i64) (local $before i64) (local $ordered i32)
    (local $count i32) (local $tied i32)
    (block $end (loop $run
      (br_if $end (i32.ge_u (local.get $from) (local.get $rows)))
      (local.set $to (local.get $from))
      (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $from) (i32.const 3)))))
      (local.set $before (i64.const 0x8000000000000000))
      (local.set $ordered (i32.const 1))
      (block $whole (loop $next
        (br_if $whole (i32.ge_u (local.get $to) (local.get $rows)))
        (br_if $whole (i64.ne (local.get $key)
          (i64.load (i32.add (local.get $keys) (i32.shl (local.get $to) (i32.const 3))))))
        (local.set $second (i64.load (i32.add (local.get $seconds) (i32.shl
          (i32.load (i32.add (local.get $items) (i32.shl (local.get $to) (i32.const 2)))) (i32.const 3)))))
        (i64.store (i32.add (local.get $keys) (i32.shl (local.get $to) (i32.const 3))) (local.get $second))
        (local.set $ordered (i32.and (local.get $ordered) (i64.le_s (local.get $before) (local.get $second))))
        (local.set $before (local.get $second))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
      (if (i32.eqz (local.get $ordered)) (then
        (call $sort
          (i32.add (local.get $keys) (i32.shl (local.get $from) (i32.const 3)))
          (i32.add (local.get $items) (i32.shl (local.get $from) (i32.const 2)))
          (local.get $spareKeys) (local.get $spareItems) (local.get $ends)
          (i32.sub (local.get $to) (local.get $from)))))
      (local.set $before (i64.load (i32.add (local.get $keys) (i32.shl (local.get $from) (i32.const 3)))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (local.set $tied (i32.const 0))
      (block $compared (loop $next
        (br_if $compared (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $second (i64.load (i32.add (local.get $keys) (i32.shl (local.get $from) (i32.const 3)))))
        (if (i64.eq (local.get $second) (local.get $before))
          (then
            ${tie("(local.get $from)")})
          (else (local.set $tied (i32.const 0))))
        (local.set $before (local.get $second))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next)))
      (br $run)))
    (local.get $count))
  ;; Puts items that are in the order of \`keys\`, their times, in that of their hashes, which are at hand by items; those of
  ;; one hash stay in their order. They are divided by 11 bits of the hashes; items of which these do not tell the order are
  ;; moved one by one. Returns 0 where many would have to be: items and keys are in no order then.
  (func $byHash (export "byHash")
    (param $keys i32) (param $items i32) (param $hashes i32) (param $spareKeys i32) (param $spareItems i32)
    (param $ends i32) (param $rows i32) (result i32)
    (local $at i32) (local $end i32) (local $hash i64) (local $least i64) (local $most i64) (local $shift i64)
    (local $slot i32) (local $place i32) (local $sum i32) (local $size i32) (local $item i32) (local $before i64)
    (local $hole i32) (local $moves i32) (local $key i64) (local $other i32)
    (local.set $least (i64.load (local.get $hashes)))
    (local.set $most (local.get $least))
    (local.set $at (local.get $hashes))
    (local.set $end (i32.add (local.get $hashes) (i32.shl (local.get $rows) (i32.const 3))))
    (loop $next
      (local.set $hash (i64.load (local.get $at)))
      (local.set $least
        (select (local.get $hash) (local.get $least) (i64.lt_u (local.get $hash) (local.get $least))))
      (local.set $most
        (select (local.get $hash) (local.get $most) (i64.gt_u (local.get $hash) (local.get $most))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (if (i64.eq (local.get $least) (local.get $most)) (then (return (i32.const 1))))
    (local.set $shift (i64.sub (i64.const 53) (i64.clz (i64.sub (local.get $most) (local.get $least)))))
    (if (i64.lt_s (local.get $shift) (i64.const 0)) (then (local.set $shift (i64.const 0))))
    (memory.fill (local.get $ends) (i32.const 0) (i32.const 8192))
    (local.set $at (local.get $hashes))
    (loop $next
      (local.set $slot (i32.add (local.get $ends) (i32.shl
        (i32.wrap_i64 (i64.shr_u (i64.sub (i64.load (local.get $at)) (local.get $least)) (local.get $shift)))
        (i32.const 2))))
      (i32.store (local.get $slot) (i32.add (i32.load (local.get $slot)) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.set $at (local.get $ends))
    (loop $next
      (local.set $size (i32.load (local.get $at)))
      (i32.store (local.get $at) (local.get $sum))
      (local.set $sum (i32.add (local.get $sum) (local.get $size)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (i32.add (local.get $ends) (i32.const 8192)))))
    (local.set $at (i32.const 0))
    (loop $next
      (local.set $item (i32.load (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $slot (i32.add (local.get $ends) (i32.shl
        (i32.wrap_i64 (i64.shr_u
          (i64.sub (i64.load (i32.add (local.get $hashes) (i32.shl (local.get $item) (i32.const 3)))) (local.get $least))
          (local.get $shift)))
        (i32.const 2))))
      (local.set $place (i32.load (local.get $slot)))
      (i32.store (local.get $slot) (i32.add (local.get $place) (i32.const 1)))
      (i64.store (i32.add (local.get $spareKeys) (i32.shl (local.get $place) (i32.const 3)))
        (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))))
      (i32.store (i32.add (local.get $spareItems) (i32.shl (local.get $place) (i32.const 2))) (local.get $item))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rows))))
    ;; What 11 bits do not tell.
    (local.set $moves (i32.shl (local.get $rows) (i32.const 2)))
    (local.set $at (i32.const 0))
    (local.set $before (local.get $least))
    (loop $next
      (local.set $item (i32.load (i32.add (local.get $spareItems) (i32.shl (local.get $at) (i32.const 2)))))
      (local.set $key (i64.load (i32.add (local.get $spareKeys) (i32.shl (local.get $at) (i32.const 3)))))
      (local.set $hash (i64.load (i32.add (local.get $hashes) (i32.shl (local.get $item) (i32.const 3)))))
      (local.set $hole (local.get $at))
      (if (i64.lt_u (local.get $hash) (local.get $before))
        (then
          (block $found (loop $move
            (br_if $found (i32.eqz (local.get $hole)))
            (local.set $place (i32.sub (local.get $hole) (i32.const 1)))
            (local.set $other (i32.load (i32.add (local.get $items) (i32.shl (local.get $place) (i32.const 2)))))
            (br_if $found (i64.le_u
              (i64.load (i32.add (local.get $hashes) (i32.shl (local.get $other) (i32.const 3)))) (local.get $hash)))
            (i32.store (i32.add (local.get $items) (i32.shl (local.get $hole) (i32.const 2))) (local.get $other))
            (i64.store (i32.add (local.get $keys) (i32.shl (local.get $hole) (i32.const 3)))
              (i64.load (i32.add (local.get $keys) (i32.shl (local.get $place) (i32.const 3)))))
            (local.set $hole (local.get $place))
            (local.set $moves (i32.sub (local.get $moves) (i32.const 1)))
            (br $move)))
          (if (i32.le_s (local.get $moves) (i32.const 0)) (then (return (i32.const 0)))))
        (else (local.set $before (local.get $hash))))
      (i32.store (i32.add (local.get $items) (i32.shl (local.get $hole) (i32.const 2))) (local.get $item))
      (i64.store (i32.add (local.get $keys) (i32.shl (local.get $hole) (i32.const 3))) (local.get $key))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rows))))
    (i32.const 1))
  ;; Where items, in order, are equal in time and hash, writes the first one's and the last one's successor's place to
  ;; \`ties\`; returns how many.
  (func $tied (export "tied")
    (param $keys i32) (param $items i32) (param $hashes i32) (param $rows i32) (param $ties i32) (result i32)
    (local $at i32) (local $count i32) (local $tied i32) (local $hash i64) (local $key i64) (local $before i64)
    (local $last i64)
    (loop $next
      (local.set $key (i64.load (i32.add (local.get $keys) (i32.shl (local.get $at) (i32.const 3)))))
      (local.set $hash (i64.load (i32.add (local.get $hashes) (i32.shl
        (i32.load (i32.add (local.get $items) (i32.shl (local.get $at) (i32.const 2)))) (i32.const 3)))))
      (if (i32.and (i32.ne (local.get $at) (i32.const 0))
          (i32.and (i64.eq (local.get $key) (local.get $last)) (i64.eq (local.get $hash) (local.get $before))))
        (then
          ${tie("(local.get $at)")})
        (else (local.set $tied (i32.const 0))))
      (local.set $last (local.get $key))
      (local.set $before (local.get $hash))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $rows))))
    (local.get $count))`;

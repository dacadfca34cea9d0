/** More rows of a slot are sorted by their hashes first: they are far from having room in the processor's cache. */
export const MOST_BY_TIME = 1 << 17;

const at = (array: string, index: string, shift: number) =>
  `(i32.add (local.get $${array}) (i32.shl ${index} (i32.const ${shift})))`;
const local = (name: string) => `(local.get $${name})`;
const long = (array: string, index: string) => at(array, index, 3);
const word = (array: string, index: string) => at(array, index, 2);

/** Writes a number of the rows of some items, with the sign turned, to `numbers`; `ordered` tells whether they are in order. */
const readNumbers = (of: string, from: string, to: string) => `(local.set $at ${local(from)})
      (local.set $ordered (i32.const 1))
      (local.set $before (i64.const 0x8000000000000000))
      (loop $read
        (local.set $key (i64.xor (i64.const 0x8000000000000000)
          (i64.load ${long(of, `(i32.load ${word("items", local("at"))})`)})))
        (i64.store ${long("numbers", local("at"))} (local.get $key))
        (local.set $ordered (i32.and (local.get $ordered) (i64.le_s (local.get $before) (local.get $key))))
        (local.set $before (local.get $key))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $read (i32.lt_u (local.get $at) ${local(to)})))
      (if (i32.eqz (local.get $ordered)) (then
        (call $sort ${long("numbers", local(from))} ${word("items", local(from))}
          (local.get $spareKeys) (local.get $spareItems) (local.get $ends) (i32.sub ${local(to)} ${local(from)}))))`;

const gather = (name: string, shift: number, type: string, load: string, store: string) => `
  (func (export "${name}")
    (param $starts i32) (param $parts i32) (param $slots i32) (param $values i32) (param $order i32) (param $room i32)
    (param $into i32)
    (local $stride i32) (local $slot i32) (local $end i32)
    (local.set $stride (i32.shl (i32.add (local.get $slots) (i32.const 1)) (i32.const 2)))
    (loop $next
      (local.set $end ${word(
        "order",
        `(call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
        (local.get $values) (local.get $room) (i32.const ${shift}))`,
      )})
      (block $done (loop $row
        (br_if $done (i32.ge_u (local.get $order) (local.get $end)))
        (${type}.${store} (local.get $into) (${type}.${load} ${at("room", "(i32.load (local.get $order))", shift)}))
        (local.set $into (i32.add (local.get $into) (i32.const ${1 << shift})))
        (local.set $order (i32.add (local.get $order) (i32.const 4)))
        (br $row)))
      (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $slot) (local.get $slots)))))`;

const place = (name: string, shift: number, type: string, load: string, store: string) => `
  (func (export "${name}")
    (param $starts i32) (param $parts i32) (param $slots i32) (param $values i32) (param $addresses i32) (param $into i32)
    (local $stride i32) (local $slot i32) (local $part i32) (local $bounds i32) (local $row i32) (local $to i32)
    (local.set $stride (i32.shl (i32.add (local.get $slots) (i32.const 1)) (i32.const 2)))
    (loop $next
      (local.set $bounds ${word("starts", local("slot"))})
      (local.set $part (local.get $parts))
      (loop $nextPart
        (local.set $row (i32.load (local.get $bounds)))
        (local.set $to (i32.load offset=4 (local.get $bounds)))
        (block $whole (loop $nextRow
          (br_if $whole (i32.ge_u (local.get $row) (local.get $to)))
          (${type}.${store} ${at("into", `(i32.load ${long("addresses", local("row"))})`, shift)}
            (${type}.${load} ${at("values", local("row"), shift)}))
          (local.set $row (i32.add (local.get $row) (i32.const 1)))
          (br $nextRow)))
        (local.set $bounds (i32.add (local.get $bounds) (local.get $stride)))
        (local.set $part (i32.sub (local.get $part) (i32.const 1)))
        (br_if $nextPart (local.get $part)))
      (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $slot) (local.get $slots)))))`;

/** Functions of the module that sorts, as WebAssembly text: they put all rows that were sent to a range in order. */
export const SENT_ORDER_WAT = `
  ;; Copies the values of a slot's rows, of 2^shift bytes each, part after part; \`starts\` has a row for each part. Returns how
  ;; many they are.
  (func $slotOf
    (param $starts i32) (param $parts i32) (param $stride i32) (param $slot i32) (param $values i32) (param $into i32)
    (param $shift i32) (result i32)
    (local $from i32) (local $size i32) (local $rows i32)
    (local.set $starts ${word("starts", local("slot"))})
    (loop $next
      (local.set $from (i32.load (local.get $starts)))
      (local.set $size (i32.sub (i32.load offset=4 (local.get $starts)) (local.get $from)))
      (memory.copy
        (i32.add (local.get $into) (i32.shl (local.get $rows) (local.get $shift)))
        (i32.add (local.get $values) (i32.shl (local.get $from) (local.get $shift)))
        (i32.shl (local.get $size) (local.get $shift)))
      (local.set $rows (i32.add (local.get $rows) (local.get $size)))
      (local.set $starts (i32.add (local.get $starts) (local.get $stride)))
      (local.set $parts (i32.sub (local.get $parts) (i32.const 1)))
      (br_if $next (local.get $parts)))
    (local.get $rows))
  ;; Puts items of one entity and time, of which there are pairs of bounds, in the order of their subsorts, and those of
  ;; one subsort in that of the entities they come from, and numbers these; without \`olds\`, they stay as they came.
  (func $tiesInOrder
    (param $ties i32) (param $count i32) (param $items i32) (param $subsorts i32) (param $olds i32)
    (param $numbers i32) (param $spareKeys i32) (param $spareItems i32) (param $ends i32) (param $ordinals i32)
    (local $from i32) (local $to i32) (local $at i32) (local $key i64) (local $before i64) (local $ordered i32)
    (local $first i32) (local $next i32)
    (loop $tie
      (local.set $from (i32.load (local.get $ties)))
      (local.set $to (i32.load offset=4 (local.get $ties)))
      ${readNumbers("subsorts", "from", "to")}
      (if (local.get $olds) (then
        (local.set $first (local.get $from))
        (loop $same
          (local.set $key (i64.load ${long("numbers", local("first"))}))
          (local.set $next (i32.add (local.get $first) (i32.const 1)))
          (block $end (loop $more
            (br_if $end (i32.ge_u (local.get $next) (local.get $to)))
            (br_if $end (i64.ne (local.get $key) (i64.load ${long("numbers", local("next"))})))
            (local.set $next (i32.add (local.get $next) (i32.const 1)))
            (br $more)))
          (if (i32.gt_u (i32.sub (local.get $next) (local.get $first)) (i32.const 1)) (then
            ${readNumbers("olds", "first", "next")}
            (local.set $at (local.get $first))
            (loop $ordinal
              (i32.store ${word("ordinals", local("at"))} (i32.sub (local.get $at) (local.get $first)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br_if $ordinal (i32.lt_u (local.get $at) (local.get $next))))))
          (local.set $first (local.get $next))
          (br_if $same (i32.lt_u (local.get $first) (local.get $to))))))
      (local.set $ties (i32.add (local.get $ties) (i32.const 8)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $tie (local.get $count))))
  ;; Puts rows that were sent to a range in the order of entities and times, and those of one time by their subsorts, slot
  ;; by slot. Writes which row of its slot stands where, the times in that order, and to \`ordinals\`, where there are \`olds\`, numbers
  ;; of rows that are equal in all three, which otherwise are left as they are. What follows it is room for a slot's rows.
  (func (export "orderSent")
    (param $starts i32) (param $parts i32) (param $slots i32) (param $hashes i32) (param $times i32) (param $subsorts i32)
    (param $olds i32) (param $order i32) (param $timesInOrder i32) (param $ordinals i32)
    (param $keys i32) (param $numbers i32) (param $spareKeys i32) (param $room i32) (param $oldsRoom i32)
    (param $items i32) (param $spareItems i32) (param $ties i32) (param $ends i32)
    (local $stride i32) (local $slot i32) (local $rows i32) (local $count i32) (local $longest i32)
    (local.set $stride (i32.shl (i32.add (local.get $slots) (i32.const 1)) (i32.const 2)))
    (loop $next
      (local.set $rows (call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
        (local.get $times) (local.get $keys) (i32.const 3)))
      (if (local.get $rows) (then
        (local.set $count (i32.const 0))
        (block $sorted
          (if (i32.le_u (local.get $rows) (i32.const ${MOST_BY_TIME})) (then
            (drop (call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
              (local.get $hashes) (local.get $numbers) (i32.const 3)))
            (local.set $longest (call $sortTimes (local.get $keys) (local.get $items) (local.get $spareKeys)
              (local.get $spareItems) (local.get $ends) (local.get $rows)))
            (if (call $byHash (local.get $keys) (local.get $items) (local.get $numbers) (local.get $spareKeys)
              (local.get $spareItems) (local.get $ends) (local.get $rows)) (then
              (if (i32.gt_u (local.get $longest) (i32.const 1)) (then
                (local.set $count (call $tied (local.get $keys) (local.get $items) (local.get $numbers) (local.get $rows)
                  (local.get $ties)))))
              (br $sorted)))))
          (drop (call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
            (local.get $hashes) (local.get $keys) (i32.const 3)))
          (drop (call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
            (local.get $times) (local.get $numbers) (i32.const 3)))
          (call $signed (local.get $keys) (local.get $rows))
          (call $number (local.get $items) (local.get $rows))
          (call $sort (local.get $keys) (local.get $items) (local.get $spareKeys) (local.get $spareItems)
            (local.get $ends) (local.get $rows))
          (local.set $count (call $within (local.get $keys) (local.get $items) (local.get $numbers) (local.get $spareKeys)
            (local.get $spareItems) (local.get $ends) (local.get $rows) (local.get $ties))))
        (if (local.get $count) (then
          (drop (call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
            (local.get $subsorts) (local.get $room) (i32.const 3)))
          (if (local.get $olds) (then
            (drop (call $slotOf (local.get $starts) (local.get $parts) (local.get $stride) (local.get $slot)
              (local.get $olds) (local.get $oldsRoom) (i32.const 3)))))
          (call $tiesInOrder (local.get $ties) (local.get $count) (local.get $items) (local.get $room)
            (select (local.get $oldsRoom) (i32.const 0) (local.get $olds)) (local.get $numbers) (local.get $spareKeys) (local.get $spareItems)
            (local.get $ends) (local.get $ordinals))))
        (memory.copy (local.get $timesInOrder) (local.get $keys) (i32.shl (local.get $rows) (i32.const 3)))
        (memory.copy (local.get $order) (local.get $items) (i32.shl (local.get $rows) (i32.const 2)))
        (local.set $order ${word("order", local("rows"))})
        (local.set $ordinals ${word("ordinals", local("rows"))})
        (local.set $timesInOrder ${long("timesInOrder", local("rows"))})))
      (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $slot) (local.get $slots)))))
  ;; Values of rows in such an order.${gather("gather1", 0, "i32", "load8_u", "store8")}${gather("gather4", 2, "i32", "load", "store")}${gather("gather8", 3, "i64", "load", "store")}
  ;; Values of answers to the places of their requests, which are in the lower halves of addresses.${place("place1", 0, "i32", "load8_u", "store8")}${place("place4", 2, "i32", "load", "store")}${place("place8", 3, "i64", "load", "store")}`;

import { representationOf } from "../values/fenl-type.ts";
import { loadSlot, rowAddress, type SinkSlots, storeSlot } from "./stage-layout.ts";

/**
 * The function that has all rows which wait in a sink stay if they were released, in the place of those that never will
 * be: with the times of their releases, and numbered among those of one entity and time. Returns the last of the times.
 * Rows have the numbers of their groups as times, which grow from row to row and from release to release.
 */
export function releaseRows({
  rows,
  identity,
  columns,
  key,
  releases,
}: SinkSlots & Required<Pick<SinkSlots, "releases">>): string {
  const moves = (key ? [...columns, key] : columns).map(({ values, valid, type }) => {
    const representation = representationOf(type);
    const value = (row: string) => rowAddress(loadSlot(values), `(local.get $${row})`, representation);
    const isThere = (row: string) => `(i32.add ${loadSlot(valid)} (local.get $${row}))`;
    return `(${representation}.store ${value("to")} (${representation}.load ${value("row")}))
        (i32.store8 ${isThere("to")} (i32.load8_u ${isThere("row")}))`;
  });
  const item = (offset: number, index: string) => rowAddress(loadSlot(offset), `(local.get $${index})`, "i64");
  return `(func (export "release") (result i64)
    (local $row i32) (local $rows i32) (local $to i32) (local $release i32) (local $releases i32)
    (local $group i64) (local $time i64) (local $key i64) (local $number i64) (local $before i64) (local $keyBefore i64)
    (local $last i64)
    (local.set $rows ${loadSlot(rows)})
    (local.set $releases ${loadSlot(releases.rows)})
    (local.set $last (i64.const ${-(2n ** 63n)}))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
      (local.set $group (i64.load ${item(identity.time, "row")}))
      (block $found (loop $seek
        (br_if $done (i32.ge_u (local.get $release) (local.get $releases)))
        (br_if $found (i64.ge_s (i64.load ${item(releases.group, "release")}) (local.get $group)))
        (local.set $release (i32.add (local.get $release) (i32.const 1)))
        (br $seek)))
      (if (i64.eq (i64.load ${item(releases.group, "release")}) (local.get $group)) (then
        (local.set $time (i64.load ${item(releases.time, "release")}))
        (local.set $key (i64.load ${item(identity.keyHash, "row")}))
        (local.set $number (i64.mul (i64.add (local.get $number) (i64.const 1))
          (i64.extend_i32_u (i32.and (i32.ne (local.get $to) (i32.const 0)) (i32.and
            (i64.eq (local.get $time) (local.get $before)) (i64.eq (local.get $key) (local.get $keyBefore)))))))
        (local.set $before (local.get $time))
        (local.set $keyBefore (local.get $key))
        (local.set $last (select (local.get $time) (local.get $last) (i64.gt_s (local.get $time) (local.get $last))))
        (i64.store ${item(identity.keyHash, "to")} (local.get $key))
        (i64.store ${item(identity.time, "to")} (local.get $time))
        (i64.store ${item(identity.subsort, "to")} (local.get $number))
        ${moves.join("\n        ")}
        (local.set $to (i32.add (local.get $to) (i32.const 1)))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $next)))
    ${storeSlot(rows, "(local.get $to)")}
    (local.get $last))`;
}

/** Repeats something as often as a local says, which counts down. */
export function times(count: string, body: string): string {
  return `(block $end${count} (loop $next${count}
      (br_if $end${count} (i32.eqz (local.get $${count})))
      ${body}
      (local.set $${count} (i32.sub (local.get $${count}) (i32.const 1)))
      (br $next${count})))`;
}

/** Moves addresses on. */
export function on(by: number, ...names: readonly string[]): string {
  return names.map((name) => `(local.set $${name} (i32.add (local.get $${name}) (i32.const ${by})))`).join("\n      ");
}

/** The place of an item of `2 ** shift` bytes. */
export function item(base: string, index: string, shift: number): string {
  return `(i32.add (local.get $${base}) (i32.shl ${index} (i32.const ${shift})))`;
}

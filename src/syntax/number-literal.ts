const INTEGER_RANGES: ReadonlyMap<string, readonly [bigint, bigint]> = new Map(
  [8, 16, 32, 64].flatMap((bits) => [
    [`u${bits}`, [0n, 2n ** BigInt(bits) - 1n]] as const,
    [`i${bits}`, [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]] as const,
  ]),
);

/** What is wrong with a number token's value, if anything: too large for its type, or a fraction of an integer type. */
export function numberProblem(token: string): { readonly message: string; readonly note: string } | null {
  const [, whole = "", fraction, suffix] = /^([0-9]+)(\.[0-9]+)?([iuf][0-9]+)?$/.exec(token) ?? [];
  const type = suffix ?? (fraction ? "f64" : "i64");
  const range = INTEGER_RANGES.get(type);
  if (range) {
    if (fraction) return { message: `Invalid literal: ${type} has no fraction`, note: "Expected a whole number" };
    const digits = whole.replace(/^0+/, "");
    if (digits.length <= 20 && BigInt(digits || "0") <= range[1]) return null;
    return { message: `Invalid literal: too large for ${type}`, note: `Expected at most ${range[1]}` };
  }
  const value = Number(`${whole}${fraction ?? ""}`);
  const largest = type === "f32" ? Math.fround(value) : value;
  return Number.isFinite(largest)
    ? null
    : { message: `Invalid literal: too large for ${type}`, note: `Expected a finite ${type}` };
}

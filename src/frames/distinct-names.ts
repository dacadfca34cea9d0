import { freeName } from "./output.ts";

/** Names as the Parquet writer can take them: not empty, and distinct also where the letters' case is ignored. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  const own = new Set(names.map((name) => name.toLowerCase()));
  return names.map((original) => {
    const name = original === "" ? "_" : original;
    const unique =
      original !== "" && !taken.has(name.toLowerCase())
        ? name
        : freeName(name, {
            has: (candidate) => taken.has(candidate.toLowerCase()) || own.has(candidate.toLowerCase()),
          });
    taken.add(unique.toLowerCase());
    return unique;
  });
}

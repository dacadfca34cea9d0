/** Longer names are compared by their first characters and their length only. */
const LONGEST_COMPARED = 64;

/** The candidates nearest to a name, nearest first: by edit distance, then by name. */
export function nearest(name: string, candidates: Iterable<string>, most = 5): string[] {
  const measured = [...new Set(candidates)].map((candidate) => ({
    candidate,
    distance: editDistance(name, candidate),
  }));
  measured.sort((a, b) => a.distance - b.distance || compareText(a.candidate, b.candidate));
  return measured.slice(0, most).map(({ candidate }) => candidate);
}

/** How many characters must be inserted, removed or replaced to make one text of the other. */
export function editDistance(a: string, b: string): number {
  const allOfA = [...a];
  const allOfB = [...b];
  const from = allOfA.slice(0, LONGEST_COMPARED);
  const to = allOfB.slice(0, LONGEST_COMPARED);
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, character] of from.entries()) {
    const current = [i + 1];
    for (const [j, other] of to.entries()) {
      const replaced = previous[j]! + (character === other ? 0 : 1);
      current.push(Math.min(replaced, previous[j + 1]! + 1, current[j]! + 1));
    }
    previous = current;
  }
  return previous[to.length]! + Math.abs(allOfA.length - from.length - (allOfB.length - to.length));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

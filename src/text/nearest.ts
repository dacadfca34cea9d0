/** Longer names are compared by their first characters and their length only. */
const LONGEST_COMPARED = 64;

/** The candidates nearest to a name, nearest first: by edit distance, then by name. */
export function nearest(name: string, candidates: Iterable<string>, most = 5): string[] {
  const wanted = measure(name);
  const measured = [...new Set(candidates)].map((candidate) => ({
    candidate,
    away: distance(wanted, measure(candidate)),
  }));
  measured.sort((a, b) => a.away - b.away || compareText(a.candidate, b.candidate));
  return measured.slice(0, most).map(({ candidate }) => candidate);
}

/** How many characters must be inserted, removed or replaced to make one text of the other. */
export function editDistance(a: string, b: string): number {
  return distance(measure(a), measure(b));
}

interface Measured {
  /** The first characters. */
  readonly characters: readonly string[];
  /** How many characters follow them. */
  readonly rest: number;
}

function measure(text: string): Measured {
  const characters = [...text];
  return {
    characters: characters.slice(0, LONGEST_COMPARED),
    rest: Math.max(0, characters.length - LONGEST_COMPARED),
  };
}

function distance(from: Measured, to: Measured): number {
  let previous = Array.from({ length: to.characters.length + 1 }, (_, i) => i);
  for (const [i, character] of from.characters.entries()) {
    const current = [i + 1];
    for (const [j, other] of to.characters.entries()) {
      const replaced = previous[j]! + (character === other ? 0 : 1);
      current.push(Math.min(replaced, previous[j + 1]! + 1, current[j]! + 1));
    }
    previous = current;
  }
  return previous[to.characters.length]! + Math.abs(from.rest - to.rest);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

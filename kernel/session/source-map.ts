const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A place in a text, both counted from 0, columns in UTF-16 units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

interface Mapping extends LineColumn {
  readonly sourceLine: number;
  readonly sourceColumn: number;
}

/** Reads the `mappings` of a source map: where each place of the generated text came from. */
export function readMappings(mappings: string): (place: LineColumn) => LineColumn | null {
  const lines: Mapping[][] = [];
  let sourceLine = 0;
  let sourceColumn = 0;
  for (const [line, text] of mappings.split(";").entries()) {
    const found: Mapping[] = [];
    let column = 0;
    for (const group of text.split(",")) {
      const numbers = decode(group);
      if (numbers.length === 0) continue;
      column += numbers[0]!;
      if (numbers.length < 4) continue;
      sourceLine += numbers[2]!;
      sourceColumn += numbers[3]!;
      found.push({ line, column, sourceLine, sourceColumn });
    }
    lines.push(found);
  }
  return ({ line, column }) => {
    const found = lines[line]?.findLast((mapping) => mapping.column <= column) ?? lines[line]?.[0];
    return found === undefined ? null : { line: found.sourceLine, column: found.sourceColumn };
  };
}

/** The signed numbers of a base64 VLQ group. */
function decode(group: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of group) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

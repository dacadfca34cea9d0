/** The UTF-16 index of a place that Jupyter counts in code points. */
export function utf16Index(text: string, codePoints: number): number {
  let index = 0;
  for (let count = 0; count < codePoints && index < text.length; count++) {
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  }
  return index;
}

/** The place in code points of a UTF-16 index. */
export function codePointIndex(text: string, index: number): number {
  let count = 0;
  for (let at = 0; at < index; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}

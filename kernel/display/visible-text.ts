/** A text on one line, cut to `most` characters; control characters become visible ones. */
export function visibleText(text: string, most: number): string {
  const characters = [...text];
  const short = characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would move the terminal's cursor
  return short.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
}

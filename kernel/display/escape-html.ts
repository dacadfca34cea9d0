const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML that shows just that text, in elements and in quoted attributes. Control characters become visible ones. */
export function escapeHtml(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (char) => ENTITIES[char]!)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that no font shows
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, (char) =>
        char === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + char.charCodeAt(0)),
      )
  );
}

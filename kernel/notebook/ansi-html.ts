import { escapeHtml } from "../display/escape-html.ts";

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

interface Look {
  readonly colour: string | null;
  readonly bold: boolean;
}

const PLAIN: Look = { colour: null, bold: false };

/** Styles of {@link ansiHtml}, as custom properties of the page give the colours. */
export const ANSI_STYLE = [
  ...COLOURS.map((colour) => `.ansi-${colour} { color: var(--ansi-${colour}); }`),
  ".ansi-bold { font-weight: 600; }",
].join("\n");

/** Control sequences of terminals: those of looks and places, and those of titles and links. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are control sequences
const SEQUENCE = /(\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const LOOK = /^\x1b\[([\d;]*)m$/;

/** A text for a terminal as HTML: the eight colours and bold stay, every other control sequence goes. */
export function ansiHtml(text: string): string {
  let look = PLAIN;
  let html = "";
  for (const [at, piece] of overwritten(text).split(SEQUENCE).entries()) {
    const codes = LOOK.exec(piece);
    if (codes !== null) look = codes[1]!.split(";").map(Number).reduce(lookAfter, look);
    else if (at % 2 === 0) html += styled(piece, look);
  }
  return html;
}

/** What a carriage return goes back over is written over. */
function overwritten(text: string): string {
  return text.replace(/^[^\n]*\r(?!\n|$)/gm, "").replaceAll("\r", "");
}

function lookAfter(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 22) return { ...look, bold: false };
  if (code === 39) return { ...look, colour: null };
  const colour = COLOURS[code >= 90 ? code - 90 : code - 30];
  return colour === undefined || code < 30 ? look : { ...look, colour };
}

function styled(text: string, { colour, bold }: Look): string {
  if (text === "" || (colour === null && !bold)) return escapeHtml(text);
  const classes = [colour === null ? "" : `ansi-${colour}`, bold ? "ansi-bold" : ""].filter((name) => name !== "");
  return `<span class="${classes.join(" ")}">${escapeHtml(text)}</span>`;
}

import { escapeHtml } from "../display/escape-html.ts";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];

/** The picture of a MIME bundle as an image that needs no other file; null if there is none. */
export function imageHtml(bundle: Readonly<Record<string, unknown>>, label: string): string | null {
  const image = (type: string, data: string) => `<img alt="${escapeHtml(label)}" src="data:${type};base64,${data}">`;
  // As an image, an SVG runs no script and loads nothing.
  const svg = textOf(bundle["image/svg+xml"]);
  if (svg !== null) return image("image/svg+xml", Buffer.from(svg).toString("base64"));
  for (const type of PICTURES) {
    const data = textOf(bundle[type])?.replace(/\s/g, "");
    if (data !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(data)) return image(type, data);
  }
  return null;
}

function textOf(value: unknown): string | null {
  if (Array.isArray(value)) return value.join("");
  return typeof value === "string" ? value : null;
}

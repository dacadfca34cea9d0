import { Marked } from "marked";
import { escapeHtml } from "../display/escape-html.ts";
import { imageHtml } from "./image-html.ts";

/** Tags that may stand in a text as they are: without attributes they do nothing but change its looks. */
const HARMLESS_TAG =
  /^<\/?(?:b|blockquote|br|code|details|em|hr|i|kbd|mark|ol|ul|li|p|pre|s|small|strong|sub|summary|sup|u)\s*\/?>$/i;

const ADDRESS = /^(?:https?:|mailto:|#|\.{0,2}\/|[^:]*$)/i;

/** Pictures that are part of a markdown cell, by name, with their MIME types. */
export type Attachments = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Markdown as HTML that holds no script, no style and no address but those of links: HTML in the text shows as text, but
 * for simple tags.
 */
export function markdownHtml(text: string, attachments: Attachments = {}): string {
  const marked = new Marked({
    gfm: true,
    async: false,
    renderer: {
      html: ({ text: html }) =>
        html.replace(/<[^>]*>|[^<]+|</g, (part) => (HARMLESS_TAG.test(part) ? part : entities(part))),
      link({ href, title, tokens }) {
        const label = this.parser.parseInline(tokens);
        if (!ADDRESS.test(href)) return label;
        const hint = title ? ` title="${escapeHtml(title)}"` : "";
        return `<a href="${escapeHtml(href)}"${hint} rel="noopener noreferrer">${label}</a>`;
      },
      image({ href, text: label }) {
        const name = /^attachment:(.*)$/s.exec(href)?.[1];
        const bundle = name !== undefined && Object.hasOwn(attachments, name) ? attachments[name]! : {};
        return imageHtml(bundle, label) ?? dataImage(href, label) ?? escapeHtml(label === "" ? href : label);
      },
    },
  });
  return marked.parse(text) as string;
}

/** Text of the source, in which entities are written already. */
function entities(text: string): string {
  return text.startsWith("<") ? escapeHtml(text) : text.replace(/[<>"']/g, escapeHtml);
}

function dataImage(address: string, label: string): string | null {
  const [, type, data] = /^data:(image\/\w+);base64,(.*)$/s.exec(address) ?? [];
  return type === undefined ? null : imageHtml({ [type]: data }, label);
}

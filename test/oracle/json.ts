/** The parts of JSON text between white space: strings, punctuation, and everything else. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * The member of a JSON object as text: strings without quotes, everything else as written without white space; null for
 * absent members, JSON null and malformed text. Of members with one name the last counts.
 */
export function jsonMember(text: string, name: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) return null;
  } catch {
    return null;
  }
  const tokens = text.match(TOKEN)!.slice(1, -1);
  let found: string | null = null;
  for (let at = 0; at < tokens.length; ) {
    const key = JSON.parse(tokens[at]!) as string;
    at += 2;
    let value = "";
    for (let depth = 0; at < tokens.length && (depth > 0 || tokens[at] !== ","); at++) {
      if (tokens[at] === "{" || tokens[at] === "[") depth++;
      if (tokens[at] === "}" || tokens[at] === "]") depth--;
      value += tokens[at];
    }
    at++;
    if (key === name) found = value;
  }
  if (found === null || found === "null") return null;
  return found.startsWith('"') ? (JSON.parse(found) as string) : found;
}

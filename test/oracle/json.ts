/** The member of a JSON object as text: strings without quotes, everything else as written; null for absent, null or malformed. */
export function jsonMember(text: string, name: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) return null;
  if (!Object.hasOwn(parsed, name)) return null;
  const value = (parsed as Record<string, unknown>)[name];
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

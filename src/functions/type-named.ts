import type { FenlType, RecordField } from "../values/fenl-type.ts";
import { scalarNamed } from "./signature.ts";

const TOKEN = /\s*([A-Za-z_][A-Za-z0-9_]*|[<>{},:])/y;

/** Nothing that is deeper is a type that someone wrote. */
const DEEPEST = 50;

class TypeReader {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The whole text as a type; null where it is none. */
  whole(): FenlType | null {
    const type = this.type(0);
    return this.text.slice(this.position).trim() === "" ? type : null;
  }

  private next(): string | null {
    TOKEN.lastIndex = this.position;
    const token = TOKEN.exec(this.text);
    if (token === null) return null;
    this.position = TOKEN.lastIndex;
    return token[1]!;
  }

  private type(depth: number): FenlType | null {
    const name = depth > DEEPEST ? null : this.next();
    if (name === "{") return this.record(depth);
    if (name === "list") {
      const item = this.next() === "<" ? this.type(depth + 1) : null;
      return item !== null && this.next() === ">" ? { kind: "list", item } : null;
    }
    if (name === "map") {
      const key = this.next() === "<" ? this.type(depth + 1) : null;
      const value = key !== null && this.next() === "," ? this.type(depth + 1) : null;
      return key !== null && value !== null && this.next() === ">" ? { kind: "map", key, value } : null;
    }
    return name === null ? null : scalarNamed(name);
  }

  private record(depth: number): FenlType | null {
    const fields: RecordField[] = [];
    for (;;) {
      const name = this.next();
      const type = name !== null && this.next() === ":" ? this.type(depth + 1) : null;
      if (type === null || fields.some((field) => field.name === name)) return null;
      fields.push({ name: name!, type });
      const after = this.next();
      if (after === "}") return { kind: "record", fields };
      if (after !== ",") return null;
    }
  }
}

/** The type of a value that a text names as `typeName` would: `i64`, `list<string>`, `{x: f64}`; null for no such type. */
export function typeNamed(text: string): FenlType | null {
  const type = new TypeReader(text).whole();
  return type?.kind === "window" || type?.kind === "null" ? null : type;
}

/** Spark's schema of `name type, name type` as its JSON. */
export function schemaJson(ddl: string): string {
  const reader = new Reader(ddl);
  return JSON.stringify(reader.fields(" ", ""));
}

const NAMES: Readonly<Record<string, string>> = {
  tinyint: "byte",
  smallint: "short",
  int: "integer",
  bigint: "long",
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Fields up to an end: `a: int, b: string`. */
  fields(separator: string, end: string): unknown {
    const fields: unknown[] = [];
    for (;;) {
      const name = this.#name();
      this.#take(separator);
      this.#skip();
      fields.push({ name, type: this.#type(), nullable: true, metadata: {} });
      if (!this.#has(",")) break;
    }
    this.#take(end);
    return { type: "struct", fields };
  }

  #type(): unknown {
    const [word] = /^\w+/.exec(this.#text.slice(this.#at))!;
    this.#at += word!.length;
    switch (word) {
      case "array": {
        this.#take("<");
        const elementType = this.#type();
        this.#take(">");
        return { type: "array", elementType, containsNull: true };
      }
      case "map": {
        this.#take("<");
        const keyType = this.#type();
        this.#take(",");
        this.#skip();
        const valueType = this.#type();
        this.#take(">");
        return { type: "map", keyType, valueType, valueContainsNull: true };
      }
      case "struct":
        this.#take("<");
        return this.fields(":", ">");
      case "decimal": {
        const [digits] = /^\([\d,]+\)/.exec(this.#text.slice(this.#at))!;
        this.#at += digits!.length;
        return `decimal${digits}`;
      }
      default:
        return NAMES[word!] ?? word;
    }
  }

  #name(): string {
    this.#skip();
    const [quoted] = /^`(?:[^`]|``)*`/.exec(this.#text.slice(this.#at)) ?? [];
    if (quoted !== undefined) {
      this.#at += quoted.length;
      return quoted.slice(1, -1).replaceAll("``", "`");
    }
    const [word] = /^\w+/.exec(this.#text.slice(this.#at))!;
    this.#at += word!.length;
    return word!;
  }

  #has(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #take(text: string): void {
    if (!this.#has(text)) throw new Error(`${this.#text} is no schema: '${text}' is missing at ${this.#at}`);
  }

  #skip(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }
}

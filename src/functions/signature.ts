import type { FenlType, ScalarKind } from "../values/fenl-type.ts";

/** The constraints a signature can put on a type variable (the language reference, section 4). */
export const TYPE_CLASSES = ["any", "key", "number", "signed", "float", "ordered", "timedelta"] as const;

export type TypeClass = (typeof TYPE_CLASSES)[number];

/** A type as a signature writes it. `record` stands for any record; `infer` for a type the special form works out. */
export type SignatureType =
  | { readonly kind: "concrete"; readonly type: FenlType }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "list"; readonly item: SignatureType }
  | { readonly kind: "map"; readonly key: SignatureType; readonly value: SignatureType }
  | { readonly kind: "record" }
  | { readonly kind: "infer" };

/** The default of an optional parameter; numbers keep their digits (and sign) as text. */
export interface SignatureDefault {
  readonly type: "null" | "bool" | "string" | "i64" | "f64";
  readonly text: string;
}

export interface SignatureParameter {
  readonly name: string;
  readonly type: SignatureType;
  /** The type as written, and where it stands in the signature's text. */
  readonly typeText: string;
  readonly typeStart: number;
  readonly typeEnd: number;
  readonly constant: boolean;
  readonly variadic: boolean;
  /** Present: the parameter is optional, and keyword-only. */
  readonly default?: SignatureDefault;
}

/** What a signature says, as plain data. */
export interface Signature {
  readonly text: string;
  readonly name: string;
  readonly variables: readonly { readonly name: string; readonly class: TypeClass }[];
  readonly parameters: readonly SignatureParameter[];
  readonly result: SignatureType;
}

const SCALARS: ReadonlySet<string> = new Set<ScalarKind>([
  ...(["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64"] as const),
  ...(["string", "large_string", "timestamp_s", "timestamp_ms", "timestamp_us", "timestamp_ns"] as const),
  ...(["date32", "date64", "duration_s", "duration_ms", "duration_us", "duration_ns"] as const),
  ...(["interval_days", "interval_months", "json", "window", "null"] as const),
]);

/** The type that `name` names by itself, as after `as` and in signatures. */
export function scalarNamed(name: string): FenlType | null {
  return SCALARS.has(name) ? { kind: name as ScalarKind } : null;
}

const TOKEN = /\s*(->|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?|"[^"]*"|'[^']*'|[<>(),:=+])/y;

class SignatureReader {
  readonly text: string;
  readonly variables = new Map<string, TypeClass>();
  private position = 0;
  /** Where the token read last ends. */
  end = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(message: string): never {
    throw new Error(`Bad signature '${this.text}': ${message} at offset ${this.position}`);
  }

  /** The offset of the next token. */
  get start(): number {
    let start = this.position;
    while (/\s/.test(this.text.charAt(start))) start++;
    return start;
  }

  peek(): string {
    TOKEN.lastIndex = this.position;
    return TOKEN.exec(this.text)?.[1] ?? "";
  }

  next(): string {
    const token = this.peek();
    if (token === "") this.fail(this.start >= this.text.length ? "unexpected end" : "unexpected character");
    this.position = this.start + token.length;
    this.end = this.position;
    return token;
  }

  accept(token: string): boolean {
    if (this.peek() !== token) return false;
    this.next();
    return true;
  }

  expect(token: string): void {
    if (!this.accept(token)) this.fail(`expected '${token}'`);
  }

  identifier(what: string): string {
    if (!/^[A-Za-z_]/.test(this.peek())) this.fail(`expected ${what}`);
    return this.next();
  }

  typeParameters(): void {
    if (!this.accept("<")) return;
    do {
      const name = this.identifier("a type variable");
      this.expect(":");
      const typeClass = this.identifier("a type class") as TypeClass;
      if (!TYPE_CLASSES.includes(typeClass)) this.fail(`unknown type class '${typeClass}'`);
      if (this.variables.has(name)) this.fail(`type variable '${name}' declared twice`);
      if (SCALARS.has(name)) this.fail(`type variable '${name}' is the name of a type`);
      this.variables.set(name, typeClass);
    } while (this.accept(","));
    this.expect(">");
  }

  type(): SignatureType {
    const name = this.identifier("a type");
    if (this.variables.has(name)) return { kind: "variable", name };
    if (name === "record") return { kind: "record" };
    if (name === "list") {
      this.expect("<");
      const item = this.type();
      this.expect(">");
      return item.kind === "concrete"
        ? { kind: "concrete", type: { kind: "list", item: item.type } }
        : { kind: "list", item };
    }
    if (name === "map") {
      this.expect("<");
      const key = this.type();
      this.expect(",");
      const value = this.type();
      this.expect(">");
      return key.kind === "concrete" && value.kind === "concrete"
        ? { kind: "concrete", type: { kind: "map", key: key.type, value: value.type } }
        : { kind: "map", key, value };
    }
    const type = scalarNamed(name);
    return type === null ? this.fail(`unknown type '${name}'`) : { kind: "concrete", type };
  }

  default(): SignatureDefault {
    const token = this.next();
    if (token === "null") return { type: "null", text: token };
    if (token === "true" || token === "false") return { type: "bool", text: token };
    if (/^["']/.test(token)) return { type: "string", text: token.slice(1, -1) };
    if (/^-?[0-9]/.test(token)) return { type: token.includes(".") ? "f64" : "i64", text: token };
    return this.fail("expected a literal");
  }

  parameter(): SignatureParameter {
    let name = this.identifier("a parameter");
    const constant = name === "const" && /^[A-Za-z_]/.test(this.peek());
    if (constant) name = this.identifier("a parameter");
    const variadic = this.accept("+");
    let type: SignatureType = { kind: "infer" };
    let typeStart = this.start;
    if (this.accept(":")) {
      typeStart = this.start;
      type = this.type();
    } else {
      typeStart = this.end;
    }
    const typeEnd = this.end;
    const place = { typeText: this.text.slice(typeStart, typeEnd), typeStart, typeEnd };
    if (!this.accept("=")) return { name, type, ...place, constant, variadic };
    if (variadic) this.fail(`variadic parameter '${name}' with a default`);
    return { name, type, ...place, constant, variadic, default: this.default() };
  }

  parameters(): SignatureParameter[] {
    const parameters: SignatureParameter[] = [];
    this.expect("(");
    while (!this.accept(")")) {
      if (parameters.length > 0) this.expect(",");
      const parameter = this.parameter();
      const last = parameters.at(-1);
      if (parameters.some((other) => other.name === parameter.name)) this.fail(`parameter '${parameter.name}' twice`);
      if (last?.variadic && parameter.default === undefined)
        this.fail(`'${parameter.name}' after a variadic parameter`);
      if (last?.default !== undefined && parameter.default === undefined) {
        this.fail(`required parameter '${parameter.name}' after an optional one`);
      }
      parameters.push(parameter);
    }
    return parameters;
  }

  signature(): Signature {
    const name = this.identifier("a function name");
    this.typeParameters();
    const parameters = this.parameters();
    const result: SignatureType = this.accept("->") ? this.type() : { kind: "infer" };
    if (this.start < this.text.length) this.fail("expected the end");
    const variables = [...this.variables].map(([variable, typeClass]) => ({ name: variable, class: typeClass }));
    return { text: this.text, name, variables, parameters, result };
  }
}

/** Reads a signature in Fenl's notation; throws, naming it, when it is malformed. */
export function parseSignature(text: string): Signature {
  return new SignatureReader(text).signature();
}

import { numberProblem } from "../syntax/number-literal.ts";
import type { Token } from "../syntax/tokenize.ts";
import { isOperand, LITERAL_WORDS, tokensOf } from "./tokens.ts";

/** What the text wants at a place. */
export type Place =
  /** A value begins here. */
  | "operand"
  /** A value has ended: an operator, or the next part, may follow. */
  | "operator"
  /** The name of a field, after a dot. */
  | "member"
  /** The name of a new field in a record. */
  | "field-name"
  /** The name that a `let` binds. */
  | "binding-name"
  | "type";

/** A bracket or a `let` that is open at a place. */
export interface OpenPart {
  readonly kind: "call" | "group" | "index" | "record" | "types" | "let";
  /** The function of a call, or `list` or `map` of a type's arguments. */
  readonly name: string;
  /** How many commas came before the place, inside. */
  readonly commas: number;
  /** The names of the arguments before the place that are named. */
  readonly keywords: readonly string[];
  /** The name of the argument that the place is in, where it has one. */
  readonly keyword: string | null;
}

/** A text made whole, and what was found at its cursor. */
export interface RepairedText {
  readonly text: string;
  readonly place: Place;
  /** The offset in the repaired text of the token at the cursor, or null where there is none or it was left out. */
  readonly cursor: number | null;
  /** Whether an argument of the innermost call begins at the cursor. */
  readonly argumentStart: boolean;
  /** Outermost first. */
  readonly open: readonly OpenPart[];
}

type State = Place | "after-field" | "after-type" | "assign";

interface Frame {
  readonly kind: OpenPart["kind"];
  readonly name: string;
  commas: number;
  keyword: string | null;
  readonly keywords: string[];
}

const CLOSERS = { call: ")", group: ")", index: "]", record: "}", types: ">", let: "" } as const;
const BINARY: ReadonlySet<string> = new Set([
  "==",
  "!=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "and",
  "or",
  "|",
]);
/** What `let` may follow, besides the beginning of a text. */
const BEFORE_LET: ReadonlySet<string> = new Set(["", "(", "[", ",", "=", ":", "|", "in"]);

/**
 * Makes a text under construction one that parses: fills in what is missing and leaves out what cannot stand where it
 * does, and tells what the text wants at the cursor. Never fails.
 */
export function repairText(text: string, cursor: number): RepairedText {
  return new Repair(text, cursor).run();
}

class Repair {
  readonly #text: string;
  readonly #cursor: number;
  readonly #tokens: readonly Token[];
  readonly #frames: Frame[] = [];
  #output = "";
  /** How much of the text is in the output, or left out. */
  #taken = 0;
  #next = 0;
  #state: State = "operand";
  /** The text of the last token in the output. */
  #last = "";
  /** The name that a `(`, `=` or operator would belong to. */
  #name: { readonly text: string; readonly isMember: boolean; readonly isArgument: boolean } | null = null;
  #found: RepairedText | null = null;
  /** The last token that was left out. */
  #skipped: Token | null = null;

  constructor(text: string, cursor: number) {
    this.#text = text;
    this.#cursor = cursor;
    this.#tokens = tokensOf(text).filter(({ kind }) => kind !== "comment");
  }

  run(): RepairedText {
    for (; this.#next < this.#tokens.length; this.#next++) {
      const token = this.#tokens[this.#next]!;
      const isCursor = this.#found === null && token.start >= this.#cursor;
      if (isCursor) this.#find(token);
      if (isCursor && token.start === this.#cursor && this.#found!.place === "operator" && isOperand(token)) {
        this.#skip(token);
      } else {
        this.#read(token);
      }
      if (isCursor && token.start === this.#cursor) this.#locate(token);
    }
    if (this.#found === null) this.#find(null);
    if (!this.#mayBeEmpty()) this.#fill();
    while (this.#frames.length > 0) this.#close();
    return { ...this.#found!, text: this.#output };
  }

  #find(token: Token | null): void {
    const atStart = this.#frames.at(-1)?.kind === "call" && (this.#last === "(" || this.#last === ",");
    const state = this.#state;
    const place = state === "assign" || state === "after-field" || state === "after-type" ? "operator" : state;
    this.#found = {
      text: "",
      place,
      cursor: null,
      argumentStart: atStart && place === "operand" && (token === null || token.start >= this.#cursor),
      open: this.#frames.map((frame) => ({ ...frame, keywords: [...frame.keywords] })),
    };
  }

  #locate(token: Token): void {
    const start = this.#output.length - token.text.length;
    if (this.#output.endsWith(token.text)) this.#found = { ...this.#found!, cursor: start };
  }

  get #top(): Frame | undefined {
    return this.#frames.at(-1);
  }

  #emit(token: Token, text = token.text): void {
    this.#output += this.#text.slice(this.#taken, token.start) + text;
    this.#taken = token.end;
    this.#last = token.text;
    this.#name = null;
  }

  #skip(token: Token): void {
    this.#skipped = token;
    this.#output += this.#text.slice(this.#taken, token.start) + " ".repeat(token.text.length);
    this.#taken = token.end;
  }

  #insert(text: string): void {
    this.#output += ` ${text} `;
    this.#last = text;
    this.#name = null;
  }

  #open(kind: Frame["kind"], name = ""): void {
    this.#frames.push({ kind, name, commas: 0, keyword: null, keywords: [] });
  }

  /** Ends the innermost open part with what it lacks. */
  #close(): void {
    const frame = this.#frames.pop()!;
    if (frame.kind === "let") this.#insert("in null");
    else if (frame.kind === "types" && frame.name === "map" && frame.commas === 0) this.#insert(", i64>");
    else this.#insert(CLOSERS[frame.kind]);
    this.#state = frame.kind === "types" ? "after-type" : "operator";
  }

  /** Completes what is before a token that ends or goes on with a value. */
  #fill(): void {
    switch (this.#state) {
      case "operand":
        this.#insert("null");
        break;
      case "member":
        this.#insert("_");
        break;
      case "type":
        this.#insert("i64");
        break;
      case "binding-name":
        this.#insert("_ = null");
        break;
      case "assign":
        this.#insert("= null");
        break;
    }
    if (this.#state !== "field-name") this.#state = this.#state === "type" ? "after-type" : "operator";
  }

  /** Whether an argument of a call could begin here: none has to. */
  #mayBeEmpty(): boolean {
    return this.#state === "operand" && this.#top?.kind === "call" && (this.#last === "(" || this.#last === ",");
  }

  #read(token: Token): void {
    switch (this.#state) {
      case "operand":
        this.#operand(token);
        return;
      case "operator":
        this.#operator(token);
        return;
      case "member":
        if (token.kind === "name") {
          this.#emit(token);
          this.#name = { text: token.text, isMember: true, isArgument: false };
          this.#state = "operator";
          return;
        }
        break;
      case "field-name":
        this.#fieldName(token);
        return;
      case "after-field":
        this.#afterField(token);
        return;
      case "type":
        if (token.kind === "name") {
          this.#emit(token);
          this.#state = "after-type";
          return;
        }
        break;
      case "after-type":
        this.#afterType(token);
        return;
      case "binding-name":
        if (token.kind === "name") {
          this.#emit(token);
          this.#state = "assign";
          return;
        }
        this.#insert("_");
        this.#state = "assign";
        this.#read(token);
        return;
      case "assign":
        if (token.text === "=") this.#emit(token);
        else this.#insert("=");
        this.#state = "operand";
        if (token.text !== "=") this.#read(token);
        return;
    }
    this.#fill();
    this.#read(token);
  }

  #operand(token: Token): void {
    const { text, kind } = token;
    if (kind === "name" || kind === "parameter" || kind === "string" || LITERAL_WORDS.has(text)) {
      const isArgument = this.#mayBeEmpty();
      this.#emit(token);
      if (kind === "name") this.#name = { text, isMember: false, isArgument };
      this.#state = "operator";
    } else if (kind === "number") {
      this.#emit(token, numberProblem(text) === null ? text : "0".padEnd(text.length));
      this.#state = "operator";
    } else if (kind === "invalid" && /^["']/.test(text)) {
      this.#emit(token, `""${" ".repeat(Math.max(0, text.length - 2))}`);
      this.#state = "operator";
    } else if (text === "(" || text === "{") {
      this.#emit(token);
      this.#open(text === "(" ? "group" : "record");
      this.#state = text === "(" ? "operand" : "field-name";
    } else if (text === "-" || text === "!") {
      this.#emit(token);
    } else if (text === "let") {
      this.#let(token);
    } else if (text === "," && this.#mayBeEmpty()) {
      this.#emit(token);
    } else if (kind === "invalid" || text === "=" || text === ":" || text === "const") {
      this.#skip(token);
    } else {
      if (text !== ")" || !this.#mayBeEmpty()) this.#fill();
      this.#operator(token);
    }
  }

  #let(token: Token): void {
    if (!BEFORE_LET.has(this.#last)) {
      this.#fill();
      this.#insert("|");
    }
    this.#emit(token);
    this.#open("let");
    this.#state = "binding-name";
  }

  #operator(token: Token): void {
    const { text, kind } = token;
    const name = this.#name;
    if (kind === "operator" || text === "and" || text === "or") {
      if (BINARY.has(text)) {
        this.#go(token, "operand");
        return;
      }
      if (text === ".") {
        this.#go(token, "member");
        return;
      }
      if (text === "[") {
        this.#go(token, "operand");
        this.#open("index");
        return;
      }
      if (text === "(" && name !== null && !name.isMember) {
        this.#go(token, "operand");
        this.#open("call", name.text);
        return;
      }
      if (text === ",") {
        this.#comma(token);
        return;
      }
      if (text === "=") {
        const top = this.#top;
        if (!name?.isArgument || top === undefined) {
          this.#skip(token);
          return;
        }
        top.keywords.push(name.text);
        top.keyword = name.text;
        this.#go(token, "operand");
        return;
      }
      if (text === ")" || text === "]" || text === "}") {
        this.#closer(token);
        return;
      }
    }
    if (text === "as") {
      this.#go(token, "type");
      return;
    }
    if (text === "in" || text === "let") {
      this.#letWord(token);
      return;
    }
    if (!isOperand(token)) {
      this.#skip(token);
      return;
    }
    this.#juxtaposed(token);
  }

  #go(token: Token, state: State): void {
    this.#emit(token);
    this.#state = state;
  }

  /** `in` and a further `let` belong to the nearest `let`, whatever is open inside it. */
  #letWord(token: Token): void {
    const isOpen = this.#frames.some(({ kind }) => kind === "let");
    if (!isOpen) {
      if (token.text === "in") {
        this.#skip(token);
        return;
      }
      this.#insert("|");
      this.#let(token);
      return;
    }
    while (this.#top!.kind !== "let") this.#close();
    if (token.text === "in") this.#frames.pop();
    this.#go(token, token.text === "in" ? "operand" : "binding-name");
  }

  #comma(token: Token): void {
    const takes = ({ kind }: Frame) => kind === "call" || kind === "record";
    if (!this.#frames.some(takes)) {
      this.#skip(token);
      return;
    }
    while (!takes(this.#top!)) this.#close();
    const top = this.#top!;
    top.commas++;
    top.keyword = null;
    this.#go(token, top.kind === "call" ? "operand" : "field-name");
  }

  #closer(token: Token): void {
    const closes = ({ kind }: Frame) => CLOSERS[kind] === token.text;
    if (!this.#frames.some(closes)) {
      this.#skip(token);
      return;
    }
    while (!closes(this.#top!)) this.#close();
    this.#frames.pop();
    this.#go(token, "operator");
  }

  /** A value directly after a value: something between them is missing. */
  #juxtaposed(token: Token): void {
    const top = this.#top;
    if (top?.kind === "call" || top?.kind === "record") {
      this.#insert(",");
      this.#last = ",";
      top.commas++;
      top.keyword = null;
      this.#state = top.kind === "call" ? "operand" : "field-name";
    } else if (top?.kind === "let") {
      this.#insert("in");
      this.#frames.pop();
      this.#state = "operand";
    } else {
      this.#insert("|");
      this.#state = "operand";
    }
    this.#read(token);
  }

  #fieldName(token: Token): void {
    if (token.kind === "name") {
      this.#emit(token);
      this.#name = { text: token.text, isMember: false, isArgument: false };
      this.#state = "after-field";
    } else if (token.text === ",") {
      this.#emit(token);
    } else if (token.text === ")" || token.text === "]" || token.text === "}") {
      this.#closer(token);
    } else if (token.text === "in" || (token.text === "let" && this.#frames.some(({ kind }) => kind === "let"))) {
      this.#letWord(token);
    } else if (isOperand(token) || token.text === "let") {
      this.#insert("_:");
      this.#last = ":";
      this.#state = "operand";
      this.#read(token);
    } else {
      this.#skip(token);
    }
  }

  #afterField(token: Token): void {
    const { text } = token;
    const name = this.#name;
    if (text === ":") {
      this.#go(token, "operand");
      return;
    }
    const isPiped = text === "let" && !this.#frames.some(({ kind }) => kind === "let");
    const isValue = isPiped || BINARY.has(text) || [".", "[", "(", "as"].includes(text);
    if (isValue && name !== null) {
      // `{ a.b }` lacks a name for its value.
      this.#insert(`: ${name.text}`);
      this.#name = name;
    }
    this.#state = "operator";
    this.#operator(token);
    if (this.#skipped === token) this.#state = "after-field";
  }

  #afterType(token: Token): void {
    const { text } = token;
    const top = this.#top;
    if (text === "<" && (this.#last === "list" || this.#last === "map")) {
      const name = this.#last;
      this.#go(token, "type");
      this.#open("types", name);
    } else if (top?.kind === "types" && text === ">") {
      if (top.name === "map" && top.commas === 0) this.#insert(", i64");
      this.#frames.pop();
      this.#go(token, "after-type");
    } else if (top?.kind === "types" && text === "," && top.name === "map" && top.commas === 0) {
      top.commas++;
      this.#go(token, "type");
    } else if (this.#frames.some((frame) => endsPartOf(frame, text))) {
      while (this.#top?.kind === "types") this.#close();
      this.#state = "operator";
      this.#operator(token);
    } else {
      // A cast is the last part of an expression.
      this.#skip(token);
    }
  }
}

/** Whether a token ends, or goes on after, an expression inside an open part. */
function endsPartOf({ kind }: Frame, text: string): boolean {
  if (text === ",") return kind === "call" || kind === "record";
  if (text === "in" || text === "let") return kind === "let";
  return kind !== "types" && kind !== "let" && CLOSERS[kind] === text;
}

/** What stands before the start of a line of TypeScript. */
export type LineState =
  /** Inside a template string, a block comment, or brackets: the line belongs to what began above it. */
  | "inside"
  /** The text before ends in an operator or the like: the line goes on with that expression. */
  | "unfinished"
  /** The text before could end a statement, without a `;` that says so. */
  | "perhaps-finished"
  /** The cell's start, or a statement has surely ended. */
  | "statement";

/** Words after which an expression has to follow. */
const AWAITING_OPERAND = new Set(
  "return typeof case in of delete void throw new instanceof await yield else do extends const let var import export from as satisfies is keyof default".split(
    " ",
  ),
);

const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /(?:\d[\w.]*|\.\d[\w.]*)(?:(?<=[eE])[+-]\w+)?/y;

/**
 * Reads TypeScript from top to bottom and tells in what state it is at the start of a line. It knows strings,
 * templates, comments, regular expressions and brackets; lines that are not TypeScript are skipped by the caller.
 */
export class StatementScanner {
  readonly #code: string;
  #at = 0;
  /** Open brackets; a back quote stands for the text of a template string, `${` for a hole in one. */
  readonly #open: string[] = [];
  #inComment = false;
  #last: "start" | "operand" | "operator" | "end" = "start";

  constructor(code: string) {
    this.#code = code;
  }

  /** The state at `offset`, the start of a line at or after the last one asked for. */
  stateAt(offset: number): LineState {
    while (this.#at < offset) this.#step(offset);
    if (this.#open.length > 0 || this.#inComment || this.#at > offset) return "inside";
    if (this.#last === "operator") return "unfinished";
    return this.#last === "operand" ? "perhaps-finished" : "statement";
  }

  /** Passes over text that is not TypeScript; a new statement begins at `offset`. */
  skipTo(offset: number): void {
    this.#at = offset;
    this.#last = "start";
  }

  #step(limit: number): void {
    const code = this.#code;
    if (this.#inComment) {
      const end = code.slice(this.#at, limit).indexOf("*/");
      this.#inComment = end < 0;
      this.#at = this.#inComment ? limit : this.#at + end + 2;
      return;
    }
    if (this.#open.at(-1) === "`") this.#templateText(limit);
    else this.#token();
  }

  #token(): void {
    const code = this.#code;
    const char = code[this.#at]!;
    if (/\s/.test(char)) this.#at++;
    else if (code.startsWith("//", this.#at)) this.#at = lineEnd(code, this.#at);
    else if (code.startsWith("/*", this.#at)) {
      this.#inComment = true;
      this.#at += 2;
    } else if (char === '"' || char === "'") this.#quoted(char);
    else if (char === "`") {
      this.#open.push("`");
      this.#at++;
    } else if (char === "/" && this.#last !== "operand") this.#regularExpression();
    else if (this.#match(NUMBER)) this.#last = "operand";
    else {
      const isMember = code[this.#at - 1] === ".";
      const word = this.#match(WORD);
      if (word !== null) this.#last = AWAITING_OPERAND.has(word) && !isMember ? "operator" : "operand";
      else this.#punctuation(char);
    }
  }

  #punctuation(char: string): void {
    const code = this.#code;
    this.#at++;
    if ("([{".includes(char)) {
      this.#open.push(char);
      this.#last = "start";
    } else if (")]}".includes(char)) {
      this.#open.pop();
      if (this.#open.at(-1) === "`") return;
      this.#last = "operand";
    } else if (char === ";") this.#last = "end";
    else if ((char === "+" || char === "-") && code[this.#at] === char) {
      this.#at++;
      this.#last = this.#last === "operand" ? "operand" : "operator";
    } else if (this.#last === "operand" && (char === ">" || (char === "!" && code[this.#at] !== "="))) {
      // The end of `Box<number>` and `value!` are no operators; whether `a > b` was meant, only the next token tells.
      this.#last = "operand";
    } else this.#last = "operator";
  }

  #templateText(limit: number): void {
    const code = this.#code;
    while (this.#at < limit) {
      const char = code[this.#at]!;
      if (char === "\\") this.#at += 2;
      else if (char === "`") {
        this.#at++;
        this.#open.pop();
        this.#last = "operand";
        return;
      } else if (char === "$" && code[this.#at + 1] === "{") {
        this.#at += 2;
        this.#open.push("${");
        this.#last = "start";
        return;
      } else this.#at++;
    }
  }

  /** A string in quotes; an unclosed one ends with its line, as TypeScript has it. */
  #quoted(quote: string): void {
    const code = this.#code;
    this.#at++;
    while (this.#at < code.length && code[this.#at] !== quote && code[this.#at] !== "\n") {
      this.#at += code[this.#at] === "\\" ? 2 : 1;
    }
    if (code[this.#at] === quote) this.#at++;
    this.#last = "operand";
  }

  #regularExpression(): void {
    const code = this.#code;
    let inClass = false;
    this.#at++;
    while (this.#at < code.length && code[this.#at] !== "\n") {
      const char = code[this.#at]!;
      if (char === "\\") this.#at++;
      else if (char === "[") inClass = true;
      else if (char === "]") inClass = false;
      else if (char === "/" && !inClass) break;
      this.#at++;
    }
    if (code[this.#at] === "/") this.#at++;
    this.#last = "operand";
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#code);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }
}

function lineEnd(code: string, from: number): number {
  const end = code.indexOf("\n", from);
  return end < 0 ? code.length : end;
}

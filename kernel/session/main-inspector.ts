import { Session } from "node:inspector";

/** How an evaluation ended. */
export type EvaluationEnd =
  | { readonly kind: "done" }
  | { readonly kind: "thrown"; readonly thrown: unknown }
  | { readonly kind: "terminated" }
  /** What the text awaits has been forgotten by everybody who could settle it. */
  | { readonly kind: "never settles" };

interface RemoteObject {
  readonly type: string;
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}

interface EvaluateReply {
  readonly result: RemoteObject;
  readonly exceptionDetails?: { readonly text: string; readonly exception?: RemoteObject };
}

const GROUP = "cell";

/** V8's inspector on the main thread itself: it runs texts as a developer console does. */
export class MainInspector {
  readonly #session = new Session();
  readonly #global: string;
  #caught: unknown;
  #protected: (() => void) | null = null;

  /** @param global the name of a global object whose methods `caught` and `runProtected` lead to this object's. */
  constructor(global: string) {
    this.#global = global;
    this.#session.connect();
  }

  /**
   * Runs a text: top-level declarations stay for later texts, and top-level `await` is awaited.
   * The answer never comes when the text was terminated after an `await`.
   */
  evaluate(expression: string, answer: (end: EvaluationEnd) => void): void {
    const parameters = { expression, replMode: true, awaitPromise: true, objectGroup: GROUP, silent: true };
    this.#session.post("Runtime.evaluate", parameters, (error: Error | null, reply: unknown) => {
      answer(error === null ? this.#end(reply as EvaluateReply) : refusal(error));
    });
  }

  /**
   * Runs a text that does not wait for anything.
   * @throws what the text throws.
   */
  evaluateNow(expression: string): void {
    const parameters = { expression, replMode: true, objectGroup: GROUP, silent: true };
    const ends: EvaluationEnd[] = [];
    this.#session.post("Runtime.evaluate", parameters, (error: Error | null, reply: unknown) => {
      ends.push(error === null ? this.#end(reply as EvaluateReply) : refusal(error));
    });
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP }, () => {});
    const [end] = ends;
    if (end?.kind === "thrown") throw end.thrown;
  }

  /**
   * Runs a function so that an interrupt ends that function and nothing that called it.
   * @returns null when it was interrupted.
   */
  protect<T>(run: () => T): { readonly value: T } | null {
    const outcomes: ({ readonly value: T } | { readonly error: unknown })[] = [];
    this.#protected = () => {
      try {
        outcomes.push({ value: run() });
      } catch (error) {
        outcomes.push({ error });
      }
    };
    const expression = `globalThis.${this.#global}.runProtected()`;
    this.#session.post("Runtime.evaluate", { expression, silent: true }, () => {});
    const [outcome] = outcomes;
    if (outcome === undefined) return null;
    if ("error" in outcome) throw outcome.error;
    return outcome;
  }

  /** For the global object. */
  runProtected(): void {
    const run = this.#protected;
    this.#protected = null;
    run?.();
  }

  /** For the global object. */
  caught(value: unknown): void {
    this.#caught = value;
  }

  /**
   * Ends the code on the stack: everything up to the evaluation that runs it, or up to the event loop.
   * @param ended is called when that is done, or if V8 refuses because an end is due already.
   */
  terminate(ended: () => void): void {
    this.#session.post("Runtime.terminateExecution", ended);
  }

  /** Ends an end that is due but has gone astray: V8 takes the next one that it meets for it. */
  clearTermination(): void {
    this.#session.post("Runtime.evaluate", { expression: "for (;;);", timeout: 1, silent: true }, () => {});
  }

  #end(reply: EvaluateReply): EvaluationEnd {
    if (reply.exceptionDetails === undefined) return { kind: "done" };
    const { exception, text } = reply.exceptionDetails;
    const thrown = exception === undefined ? new Error(text) : this.#valueOf(exception);
    this.#session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP }, () => {});
    return { kind: "thrown", thrown };
  }

  #valueOf({ type, objectId, value, unserializableValue }: RemoteObject): unknown {
    if (objectId !== undefined) {
      const functionDeclaration = `function (value) { globalThis.${this.#global}.caught(value); }`;
      const parameters = { functionDeclaration, objectId, arguments: [{ objectId }], silent: true };
      this.#session.post("Runtime.callFunctionOn", parameters, () => {});
      const caught = this.#caught;
      this.#caught = undefined;
      return caught;
    }
    if (unserializableValue === undefined) return type === "undefined" ? undefined : value;
    if (unserializableValue.endsWith("n")) return BigInt(unserializableValue.slice(0, -1));
    return Number(unserializableValue);
  }
}

function refusal(error: Error): EvaluationEnd {
  if (/terminated/i.test(error.message)) return { kind: "terminated" };
  if (/collected/i.test(error.message)) return { kind: "never settles" };
  return { kind: "thrown", thrown: error };
}

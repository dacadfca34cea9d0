import type { Signature, SignatureParameter } from "../functions/signature.ts";
import type { Argument, CallExpression } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import type { PipeInput } from "./scope.ts";

/** A parameter with what a call gives for it: arguments (several for a variadic one), `$input`, or nothing: its default. */
export interface BoundParameter {
  readonly parameter: SignatureParameter;
  readonly arguments: readonly Argument[];
  readonly takesInput: boolean;
}

function isRequired(parameter: SignatureParameter): boolean {
  return parameter.default === undefined;
}

/** Named arguments by parameter name, or null (reported) when one is misplaced, unknown or repeated. */
function keywordArguments(context: Context, call: CallExpression, signature: Signature): Map<string, Argument> | null {
  const names = signature.parameters.filter(({ variadic }) => !variadic).map(({ name }) => name);
  const keywords = new Map<string, Argument>();
  let first: Argument | null = null;
  for (const argument of call.arguments) {
    if (argument.name === undefined) {
      if (first !== null) {
        context.report.positionalAfterKeyword(argument.span, first.span);
        return null;
      }
    } else {
      first ??= argument;
      if (keywords.has(argument.name) || !names.includes(argument.name)) {
        context.report.wrongKeyword(call.functionSpan, argument.name, names);
        return null;
      }
      keywords.set(argument.name, argument);
    }
  }
  return keywords;
}

/**
 * Which argument is for which parameter (the language reference, 3.1 and 3.4); null when that fails, which is reported.
 * `piped` names the parameter that takes the implicit `$input` whatever its place; `input` is what that is.
 */
export function bindArguments(
  context: Context,
  call: CallExpression,
  signature: Signature,
  piped: string | undefined,
  input: PipeInput | null,
): readonly BoundParameter[] | null {
  const { report } = context;
  const keywords = keywordArguments(context, call, signature);
  if (keywords === null) return null;
  const positional = call.arguments.filter((argument) => argument.name === undefined);
  const variadic = signature.parameters.find((parameter) => parameter.variadic);
  const required = signature.parameters.filter(isRequired);
  const missing = required.filter(({ name }) => !keywords.has(name)).length - positional.length;
  const takesInput = missing === 1 && variadic === undefined;

  const skipped = takesInput && piped !== undefined && !keywords.has(piped) ? piped : null;
  const order = signature.parameters.filter(({ name, variadic }) => !variadic && name !== skipped);
  const fixed = variadic === undefined ? order : order.filter(isRequired);
  const byPosition = new Map<string, Argument>();
  for (const [index, argument] of positional.entries()) {
    const parameter = fixed[index];
    if (parameter === undefined) {
      if (variadic !== undefined) break;
      report.wrongArgumentCount(argument.span, required.length, call.arguments.length);
      return null;
    }
    const keyword = keywords.get(parameter.name);
    if (keyword !== undefined) {
      report.positionalAndKeyword(argument.span, keyword.span);
      return null;
    }
    if (!isRequired(parameter)) {
      report.positionalOptional(argument.span, parameter.name);
      return null;
    }
    byPosition.set(parameter.name, argument);
  }
  if (missing > 0 && !takesInput) {
    const takes = variadic === undefined && input !== null;
    if (takes) input.used = true;
    report.wrongArgumentCount(call.functionSpan, required.length, required.length - missing + (takes ? 1 : 0));
    return null;
  }
  return signature.parameters.map((parameter) => {
    if (parameter.variadic) return { parameter, arguments: positional.slice(fixed.length), takesInput: false };
    const argument = keywords.get(parameter.name) ?? byPosition.get(parameter.name);
    return {
      parameter,
      arguments: argument === undefined ? [] : [argument],
      takesInput: argument === undefined && isRequired(parameter),
    };
  });
}

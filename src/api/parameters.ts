import type { QueryParameter } from "../analyze/parameters.ts";
import { ArgumentError, type OptionRule, shownValue } from "./argument-error.ts";

/** A value that a query can take: what it is in Fenl follows from what it is here. */
export type ParameterValue = boolean | number | bigint | string | Date | null;

/** The option that gives a query its parameters. */
export const parametersRule: OptionRule = {
  expected: "an object with a value for each name",
  holds: (value) => typeof value === "object" && !Array.isArray(value),
};

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const VALUES = "a boolean, a finite number, a bigint, a text, a Date or null";

type TypedValue = Pick<QueryParameter, "type" | "value">;

/**
 * Types the parameters of a query as their values would be typed in its text: whole numbers are i64 and others f64.
 * A Date is a timestamp_ns.
 * @throws ArgumentError
 */
export function toParameters(
  call: string,
  values: Readonly<Record<string, ParameterValue>> | null | undefined,
): QueryParameter[] {
  return Object.entries(values ?? {}).map(([name, value]) => {
    if (!NAME.test(name)) {
      throw new ArgumentError(
        `${call}: parameters: ${shownValue(name)} cannot be the name of a parameter; letters, digits and "_" can, beginning with no digit.`,
      );
    }
    if (name === "input") {
      throw new ArgumentError(`${call}: parameters: $input is the left-hand side of a pipe; expected another name.`);
    }
    return { name, ...typedValue(call, name, value) };
  });
}

function typedValue(call: string, name: string, value: unknown): TypedValue {
  switch (typeof value) {
    case "boolean":
      return { type: { kind: "bool" }, value };
    case "string":
      return { type: { kind: "string" }, value };
    case "number":
      if (!Number.isFinite(value)) break;
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { type: { kind: "i64" }, value: String(value) };
      return { type: { kind: "f64" }, value };
    case "bigint":
      if (BigInt.asIntN(64, value) === value) return { type: { kind: "i64" }, value: String(value) };
      if (BigInt.asUintN(64, value) === value) return { type: { kind: "u64" }, value: String(value) };
      throw new ArgumentError(`${call}: parameters: ${name} must fit 64 bits, but is ${value}.`);
    case "object":
      if (value === null) return { type: { kind: "null" }, value };
      if (isDate(value)) return { type: { kind: "timestamp_ns" }, value: nanosecondsOf(call, name, value) };
  }
  throw new ArgumentError(`${call}: parameters: ${name} must be ${VALUES}, but is ${shownValue(value)}.`);
}

/** A Date of whatever realm. */
function isDate(value: object): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}

function nanosecondsOf(call: string, name: string, date: Date): string {
  const milliseconds = date.getTime();
  const nanoseconds = Number.isNaN(milliseconds) ? null : BigInt(milliseconds) * 1_000_000n;
  if (nanoseconds === null || BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
    throw new ArgumentError(
      `${call}: parameters: ${name} must be a time from 1677 to 2262, but is ${shownValue(date)}.`,
    );
  }
  return String(nanoseconds);
}

/** The values that typed parameters came from. */
export function parameterValues(parameters: readonly QueryParameter[]): Record<string, ParameterValue> {
  return Object.fromEntries(parameters.map(({ name, type, value }) => [name, untypedValue(type.kind, value)]));
}

function untypedValue(kind: string, value: QueryParameter["value"]): ParameterValue {
  if (kind === "i64" || kind === "u64") return BigInt(value as string);
  return kind === "timestamp_ns" ? new Date(Number(BigInt(value as string) / 1_000_000n)) : value;
}

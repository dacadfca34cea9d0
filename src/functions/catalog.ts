import { aggregateFunctions } from "./aggregate.ts";
import { arithmeticFunctions } from "./arithmetic.ts";
import { calendarFunctions } from "./calendar-fields.ts";
import { collectionFunctions } from "./collection.ts";
import { comparisonFunctions } from "./comparison.ts";
import type { FunctionRecord } from "./define.ts";
import { generalFunctions } from "./general.ts";
import { groupingFunctions } from "./grouping.ts";
import { jsonFunctions } from "./json.ts";
import { logicalFunctions } from "./logical.ts";
import { mathFunctions } from "./math.ts";
import { recordFunctions } from "./record.ts";
import { shiftFunctions } from "./shift.ts";
import { parseSignature, type Signature } from "./signature.ts";
import { statisticsFunctions } from "./statistics.ts";
import { stringFunctions } from "./string.ts";
import { timeFunctions } from "./time.ts";
import { windowFunctions } from "./window.ts";

const FAMILIES: readonly (readonly FunctionRecord[])[] = [
  aggregateFunctions,
  arithmeticFunctions,
  calendarFunctions,
  collectionFunctions,
  comparisonFunctions,
  generalFunctions,
  groupingFunctions,
  jsonFunctions,
  logicalFunctions,
  mathFunctions,
  recordFunctions,
  shiftFunctions,
  statisticsFunctions,
  stringFunctions,
  timeFunctions,
  windowFunctions,
];

function byName(records: readonly FunctionRecord[]): ReadonlyMap<string, FunctionRecord> {
  const named = new Map(records.map((record) => [record.name, record]));
  if (named.size === records.length) return named;
  const twice = records.find((record) => named.get(record.name) !== record)!;
  throw new Error(`Two functions are called '${twice.name}'`);
}

const NAMED = byName(FAMILIES.flat());

const RECORDS: readonly FunctionRecord[] = [...NAMED.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Each is read when it is first asked for: threads of queries ask for none. */
const signatures = new Map<FunctionRecord, Signature>();

/** The record of the function that is called `name`. */
export function findFunction(name: string): FunctionRecord | undefined {
  return NAMED.get(name);
}

/** Every function, by name. */
export function allFunctions(): readonly FunctionRecord[] {
  return RECORDS;
}

/** The signature of a function of the catalog. */
export function signatureOf(record: FunctionRecord): Signature {
  const known = signatures.get(record);
  if (known !== undefined) return known;
  if (NAMED.get(record.name) !== record) throw new Error(`'${record.name}' is not in the catalog`);
  const signature = parseSignature(record.signature);
  if (signature.name !== record.name) {
    throw new Error(`The signature of '${record.name}' is that of '${signature.name}': ${record.signature}`);
  }
  signatures.set(record, signature);
  return signature;
}

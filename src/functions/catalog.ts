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

interface Entry {
  readonly record: FunctionRecord;
  readonly signature: Signature;
}

function entriesByName(records: readonly FunctionRecord[]): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const record of records) {
    const signature = parseSignature(record.signature);
    if (signature.name !== record.name) {
      throw new Error(`The signature of '${record.name}' is that of '${signature.name}': ${record.signature}`);
    }
    if (entries.has(record.name)) throw new Error(`Two functions are called '${record.name}'`);
    entries.set(record.name, { record, signature });
  }
  return entries;
}

const ENTRIES = entriesByName(FAMILIES.flat());

const RECORDS: readonly FunctionRecord[] = [...ENTRIES.values()]
  .map(({ record }) => record)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The record of the function that is called `name`. */
export function findFunction(name: string): FunctionRecord | undefined {
  return ENTRIES.get(name)?.record;
}

/** Every function, by name. */
export function allFunctions(): readonly FunctionRecord[] {
  return RECORDS;
}

/** The signature of a function of the catalog. */
export function signatureOf(record: FunctionRecord): Signature {
  const entry = ENTRIES.get(record.name);
  if (entry === undefined) throw new Error(`'${record.name}' is not in the catalog`);
  return entry.signature;
}

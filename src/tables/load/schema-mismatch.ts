import type { FenlType } from "../../values/fenl-type.ts";
import { typeName } from "../../values/fenl-type.ts";
import { nearestNames } from "../table-definition.ts";
import { shown } from "../table-error.ts";
import type { TableColumn } from "../table-snapshot.ts";

/** At most so many differences are told. */
const MOST_DIFFERENCES = 3;

/** Columns, and what has them, as messages name it. */
interface NamedColumns {
  readonly label: string;
  readonly columns: readonly TableColumn[];
}

/**
 * The message for columns that are not those of what was loaded before: both, and where they differ.
 * @param fits whether a type does where another is expected.
 */
export function schemaMismatch(
  before: NamedColumns,
  now: NamedColumns,
  fits: (name: string, expected: FenlType, found: FenlType) => boolean,
): string {
  const [expected, found] = [typesOf(before), typesOf(now)];
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  const added = [...found.keys()].filter((name) => !expected.has(name));
  const wrong = [...found].filter(([name, type]) => expected.has(name) && !fits(name, expected.get(name)!, type));
  const differences = [
    ...wrong.slice(0, MOST_DIFFERENCES).map(([name, type]) => {
      return `column ${shown(name)} is of type ${typeName(type)}, expected ${typeName(expected.get(name)!)}`;
    }),
    ...added.slice(0, MOST_DIFFERENCES).map((name) => {
      return `column ${shown(name)} is not in ${before.label}${nearestNames(name, missing)}`;
    }),
    ...missing.slice(0, MOST_DIFFERENCES).map((name) => `column ${shown(name)} is missing in ${now.label}`),
  ].slice(0, MOST_DIFFERENCES);
  const more = wrong.length + added.length + missing.length - differences.length;
  const rest = more > 0 ? [`and ${more} more differences`] : [];
  const told = [...differences, ...rest].join("; ");
  return `schema does not match previous schema: ${before.label} has ${describe(before)}, and ${now.label} has ${describe(now)}; ${told}`;
}

function typesOf({ columns }: NamedColumns): Map<string, FenlType> {
  return new Map(columns.map(({ name, type }) => [name, type]));
}

function describe({ columns }: NamedColumns): string {
  const fields = columns.slice(0, 100).map(({ name, type }) => ({ name, type }));
  const more = columns.length > 100 ? ` and ${columns.length - 100} more columns` : "";
  return typeName({ kind: "record", fields }) + more;
}

import type { AnalyzeEnvironment } from "../../src/analyze/analyze.ts";
import type { QueryParameter } from "../../src/analyze/parameters.ts";
import type { Completion } from "../../src/assist/complete.ts";
import type { HelpText } from "../../src/assist/function-page.ts";
import type { MagicOption } from "../cell/magic.ts";
import { magicFenl } from "../cell/magic-fenl.ts";
import type { LiveSession } from "../session/live-session.ts";

/** A cell that holds a query; offsets are UTF-16 units of the cell. */
export interface FenlCell {
  /** The options on the line of `%%fenl`. */
  readonly options: string;
  readonly optionsStart: number;
  readonly query: string;
  readonly queryStart: number;
}

const MAGIC = /^(?:[^\S\n]*\n)*%%fenl(?=\s|$)/;

/** The parts of a cell that begins with `%%fenl`; null for any other cell. */
export function readFenlCell(code: string): FenlCell | null {
  const magic = MAGIC.exec(code);
  if (magic === null) return null;
  const optionsStart = magic[0].length;
  const lineEnd = code.indexOf("\n", optionsStart);
  const queryStart = lineEnd < 0 ? code.length : lineEnd + 1;
  return {
    options: code.slice(optionsStart, lineEnd < 0 ? code.length : lineEnd),
    optionsStart,
    query: code.slice(queryStart),
    queryStart,
  };
}

/** What can replace a part of a cell; offsets are UTF-16 units of the cell. */
export interface CellCompletions {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Pick<Completion, "label" | "kind" | "detail">[];
}

/** What can stand at an offset of a `%%fenl` cell. */
export async function completeFenlCell(cell: FenlCell, offset: number, session: LiveSession): Promise<CellCompletions> {
  if (offset <= cell.optionsStart) return { from: offset, to: offset, items: [] };
  if (offset <= cell.optionsStart + cell.options.length) return completeOptions(cell, offset, session);
  // Loaded when it is first asked for, not with the kernel.
  const { completeFenl } = await import("../../src/assist/complete.ts");
  const environment = await environmentOf(cell, session);
  const { from, to, items } = completeFenl(cell.query, offset - cell.queryStart, environment);
  return { from: from + cell.queryStart, to: to + cell.queryStart, items };
}

/** What there is to tell about an offset of a `%%fenl` cell. */
export async function inspectFenlCell(cell: FenlCell, offset: number, session: LiveSession): Promise<HelpText | null> {
  if (offset <= cell.optionsStart + cell.options.length) return optionHelp(cell, offset);
  const { inspectFenl } = await import("../../src/assist/inspect.ts");
  return inspectFenl(cell.query, offset - cell.queryStart, await environmentOf(cell, session));
}

/** The names that the cell's query can use: those of the living session; completing opens no session. */
async function environmentOf(cell: FenlCell, session: LiveSession): Promise<AnalyzeEnvironment> {
  const { livingSession } = await import("../../src/api/session.ts");
  const living = await livingSession();
  const parameters = await parametersOf(cell, session);
  if (living === null) return { tables: [], views: [], parameters };
  return { tables: living.store.snapshot(), views: living.store.listViews(), parameters };
}

async function parametersOf({ options }: FenlCell, session: LiveSession): Promise<QueryParameter[]> {
  const names = [...options.matchAll(/--param(?:=|\s+)["']?([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu)].map(
    ([, name]) => name!,
  );
  if (names.length === 0) return [];
  const { toParameters } = await import("../../src/api/parameters.ts");
  return [...new Set(names)].flatMap((name) => {
    const found = session.lookup(name);
    if (found === undefined) return [];
    try {
      return toParameters("%%fenl", { [name]: found.value as string });
    } catch (error) {
      // Running the cell tells why this variable cannot be a parameter.
      if ((error as Error).name !== "ArgumentError") throw error;
      return [];
    }
  });
}

function completeOptions({ options, optionsStart }: FenlCell, offset: number, session: LiveSession): CellCompletions {
  const before = options.slice(0, offset - optionsStart);
  const word = /\S*$/.exec(before)![0];
  const rest = /^\S*/.exec(options.slice(before.length))![0];
  const attached = /^--([a-z_-]+)=(.*)$/i.exec(word);
  const previous = /(?:^|\s)--([a-z_-]+)\s+\S*$/i.exec(before)?.[1];
  const option = findOption(attached?.[1] ?? previous ?? "");
  const isValue = option?.value !== undefined && (attached !== null || !word.startsWith("-"));
  const prefix = attached?.[2] ?? word;
  const items = isValue ? valuesOf(option, session) : freeOptions(options, word);
  return {
    from: offset - prefix.length,
    to: offset + rest.length,
    items: items.filter(({ label }) => label.startsWith(prefix)),
  };
}

function findOption(written: string): MagicOption | undefined {
  const name = written.toLowerCase().replaceAll("_", "-");
  return magicFenl.options?.find((option) => option.name === name);
}

function freeOptions(line: string, word: string): CellCompletions["items"] {
  const used = new Set([...line.matchAll(/--([a-z_-]+)/gi)].map(([, name]) => findOption(name!)?.name));
  return (magicFenl.options ?? [])
    .filter(({ name, repeatable }) => repeatable || !used.has(name) || word === `--${name}`)
    .map(({ name, summary }) => ({ label: `--${name}`, kind: "argument", detail: summary }));
}

function valuesOf(option: MagicOption, session: LiveSession): CellCompletions["items"] {
  if (option.words !== undefined)
    return option.words.map((label) => ({ label, kind: "keyword", detail: option.summary }));
  if (option.value !== "NAME") return [];
  return session.names().map((label) => ({ label, kind: "binding", detail: "a variable of the session" }));
}

function optionHelp({ options, optionsStart }: FenlCell, offset: number): HelpText | null {
  const at = Math.max(0, offset - optionsStart);
  const before = /\S*$/.exec(options.slice(0, at))![0];
  const after = /^\S*/.exec(options.slice(at))![0];
  const name = /^--([a-z_-]+)/i.exec(before + after)?.[1];
  const option = name === undefined ? undefined : findOption(name);
  const lines = (option === undefined ? (magicFenl.options ?? []) : [option]).map(
    ({ name: label, value, summary }) => [`--${label}${value === undefined ? "" : ` ${value}`}`, summary] as const,
  );
  const heading = option === undefined ? [`${magicFenl.usage}\n${magicFenl.summary}`] : [];
  return {
    plain: [...heading, ...lines.map(([usage, summary]) => `${usage}\n    ${summary}`)].join("\n"),
    markdown: [
      ...heading.map(() => `\`${magicFenl.usage}\`\n\n${magicFenl.summary}\n`),
      ...lines.map(([usage, summary]) => `- \`${usage}\`: ${summary}`),
    ].join("\n"),
  };
}

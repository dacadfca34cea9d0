/** A case file in sections: `--- name`, then the section's text. */
export interface CaseSection {
  /** `fenl`, `table Purchase by customer`, `ast` ... */
  readonly name: string;
  readonly text: string;
}

/** The sections of a case file in order. */
export function readSections(file: string): CaseSection[] {
  const sections: { name: string; text: string }[] = [];
  for (const line of file.split("\n")) {
    const name = line.match(/^--- (.+)$/)?.[1];
    if (name !== undefined) sections.push({ name, text: "" });
    else if (sections.length > 0) sections.at(-1)!.text += `${line}\n`;
    else throw new Error(`a case file begins with a section, not with: ${line}`);
  }
  return sections.map(({ name, text }) => ({ name, text: `${text.trimEnd()}\n` }));
}

/** The text of a case file; an empty line ends each section. */
export function writeSections(sections: readonly CaseSection[]): string {
  return `${sections.map(({ name, text }) => `--- ${name}\n${text.trimEnd()}\n`).join("\n")}`;
}

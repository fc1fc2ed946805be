/** What the page says about a file that the reader holds. */

/** One of the files that the report is about, as `known-files.ts` writes them into the page. */
export interface KnownFile {
  readonly name: string;
  readonly sha256: string;
  readonly released: boolean;
  readonly rebuilt: boolean;
}

export interface Answer {
  readonly tone: 'same' | 'rebuilt' | 'other';
  readonly text: string;
}

export function answerFor(sha256: string, known: readonly KnownFile[]): Answer {
  const found = known.find((file) => file.sha256 === sha256);
  if (found === undefined) {
    return { tone: 'other', text: 'This is not the file this report is about. The report says nothing about it.' };
  }
  const name = known.length > 1 ? ` (${found.name})` : '';
  if (found.released && found.rebuilt) {
    return {
      tone: 'same',
      text: `This is the file this report is about${name}: the released and the rebuilt one are the same.`,
    };
  }
  if (found.released) return { tone: 'same', text: `This is the file this report is about${name}: the released one.` };
  return { tone: 'rebuilt', text: `This is the rebuilt file${name}, not the one that was released.` };
}

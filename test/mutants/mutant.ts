/** A fault as a person would make it: one text of one file, and what stands there instead. */
export type Mutant = {
  /** A sentence without its full stop: what the program does then. */
  readonly fault: string;
  readonly file: string;
  readonly text: string;
  readonly becomes: string;
};

/** Several faults of one file. */
export function inFile(file: string, faults: readonly Omit<Mutant, 'file'>[]): readonly Mutant[] {
  return faults.map((fault) => ({ ...fault, file }));
}

/** The source with the fault in it. Throws unless the text is there exactly once: the mutant is out of date. */
export function plant({ fault, file, text, becomes }: Mutant, source: string): string {
  const [before, after, ...more] = source.split(text);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = after === undefined ? 'not' : `${more.length + 1} times`;
    throw new Error(`The mutant "${fault}" no longer applies: its text is ${times} in ${file}. Renew it.`);
  }
  return before + becomes + after;
}

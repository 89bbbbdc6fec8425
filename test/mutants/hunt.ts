import { filesFacing, type Killer } from './killers.ts';
import type { Mutant } from './mutant.ts';
import { copyOf } from './tree.ts';
import { findingOf } from './trial.ts';

export type Outcome = {
  readonly mutant: Mutant;
  /** Undefined if it survived. */
  readonly killedBy?: { readonly killer: string; readonly finding: string };
  readonly elapsedMs: number;
};

export type HuntOptions = {
  /** The project; it is not changed. */
  readonly root: string;
  readonly mutants: readonly Mutant[];
  readonly killers: readonly Killer[];
  readonly progress?: (outcome: Outcome) => void;
};

/**
 * Lets the killers loose on each mutant, one after the other until one finds something. Throws if a mutant no longer
 * applies, or if a killer finds something in the project as it is: then what it finds in a mutant means nothing.
 */
export async function hunt({ root, mutants, killers, progress }: HuntOptions): Promise<readonly Outcome[]> {
  const original = copyOf(root);
  try {
    const faulty = mutants.map((mutant) => ({ mutant, plant: () => original.withFault(mutant) }));
    for (const { plant } of faulty) plant().remove();
    await inPairs(killers, async (killer) => {
      const finding = await findingOf(killer.files, original.root);
      if (finding !== undefined)
        throw new Error(`The killer "${killer.name}" fails without a mutant: ${finding}`);
    });
    return await inPairs(faulty, async ({ mutant, plant }) => {
      const startedAt = performance.now();
      const tree = plant();
      const outcome = {
        mutant,
        ...(await killed(mutant, tree.root)),
        elapsedMs: performance.now() - startedAt,
      };
      tree.remove();
      progress?.(outcome);
      return outcome;
    });

    async function killed({ file }: Mutant, faultyRoot: string): Promise<Pick<Outcome, 'killedBy'>> {
      for (const killer of killers) {
        const files = filesFacing(killer, file, original.root);
        const finding = files.length === 0 ? undefined : await findingOf(files, faultyRoot);
        if (finding !== undefined) return { killedBy: { killer: killer.name, finding } };
      }
      return {};
    }
  } finally {
    original.remove();
  }
}

/** Two at a time: the machines that run this have two cores. */
async function inPairs<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

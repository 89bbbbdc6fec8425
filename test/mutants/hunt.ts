import { filesFacing, type Killer } from './killers.ts';
import type { Mutant } from './mutant.ts';
import { copyOf, type Tree } from './tree.ts';
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
  // Two at a time: the machines that run this have two cores.
  const trees = [copyOf(root), copyOf(root)];
  try {
    for (const mutant of mutants) trees[0]?.check(mutant);
    await findNothing(killers, trees);
    const outcomes = await share(mutants, trees, async (mutant, tree) => {
      const startedAt = performance.now();
      const killedBy = await tree.withFault(mutant, () => firstToFind(mutant, killers, tree.root));
      const elapsedMs = performance.now() - startedAt;
      const outcome = { mutant, ...(killedBy === undefined ? {} : { killedBy }), elapsedMs };
      progress?.(outcome);
      return outcome;
    });
    // What broke meanwhile, such as an installation, would have been taken for what was found.
    await findNothing(killers.slice(0, 1), trees);
    return outcomes;
  } finally {
    for (const tree of trees) tree.remove();
  }
}

/** Throws if a killer finds something in the project as it is. */
async function findNothing(killers: readonly Killer[], trees: readonly Tree[]): Promise<void> {
  await share(killers, trees, async ({ name, files }, { root }) => {
    const finding = await findingOf(files, root);
    if (finding !== undefined) throw new Error(`The killer "${name}" fails without a mutant: ${finding}`);
  });
}

async function firstToFind(
  { file }: Mutant,
  killers: readonly Killer[],
  root: string,
): Promise<Outcome['killedBy']> {
  for (const killer of killers) {
    const files = filesFacing(killer, file, root);
    const finding = files.length === 0 ? undefined : await findingOf(files, root);
    if (finding !== undefined) return { killer: killer.name, finding };
  }
  return undefined;
}

/** Each tree takes the next item when it is done with one. */
async function share<Item, Result>(
  items: readonly Item[],
  trees: readonly Tree[],
  work: (item: Item, tree: Tree) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const workOn = async (tree: Tree) => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next[0]] = await work(next[1], tree);
  };
  await Promise.all(trees.map(workOn));
  return results;
}

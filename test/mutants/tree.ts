import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, plant } from './mutant.ts';

/** A copy of the project to plant faults in, so that the working tree stays as it is. */
export type Tree = {
  readonly root: string;
  /** Throws if the fault cannot be planted: the mutant is out of date. */
  check(mutant: Mutant): void;
  /** What is done while the fault is there. */
  withFault<Result>(mutant: Mutant, work: () => Promise<Result>): Promise<Result>;
  remove(): void;
};

/** A copy of what is in `root` now, without what was installed or built. */
export function copyOf(root: string): Tree {
  const copy = mkdtempSync(join(tmpdir(), 'punch-mutant-'));
  cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.has(relative(root, path)) });
  symlinkSync(installed, join(copy, 'node_modules'), 'dir');
  const read = ({ file }: Mutant) => readFileSync(join(copy, file), 'utf8');
  return {
    root: copy,
    check: (mutant) => void plant(mutant, read(mutant)),
    withFault: async (mutant, work) => {
      const source = read(mutant);
      writeFileSync(join(copy, mutant.file), plant(mutant, source));
      try {
        return await work();
      } finally {
        writeFileSync(join(copy, mutant.file), source);
      }
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}

const installed = fileURLToPath(new URL('../../node_modules', import.meta.url));
const leftOut = new Set(['node_modules', 'dist', '.git']);

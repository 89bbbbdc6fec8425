import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, plant } from './mutant.ts';

/** A copy of the project to plant faults in, so that the working tree stays as it is. */
export type Tree = {
  readonly root: string;
  /** The same with one fault. */
  withFault(mutant: Mutant): Tree;
  remove(): void;
};

/** A copy of what is in `root` now, without what was installed or built. */
export function copyOf(root: string): Tree {
  const copy = mkdtempSync(join(tmpdir(), 'punch-mutant-'));
  cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.has(relative(root, path)) });
  symlinkSync(installed, join(copy, 'node_modules'), 'dir');
  return {
    root: copy,
    withFault: (mutant) => {
      const source = plant(mutant, readFileSync(join(copy, mutant.file), 'utf8'));
      const faulty = copyOf(copy);
      writeFileSync(join(faulty.root, mutant.file), source);
      return faulty;
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}

const installed = fileURLToPath(new URL('../../node_modules', import.meta.url));
const leftOut = new Set(['node_modules', 'dist', '.git']);

/** What keys, known keys and leases need of the file system. */
import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the directory, and those above it, for their owner alone; one that is there stays as it is. `mkdir` of Node 20
 * can do so too, but never ends where the file system denies that a directory can be made, as `/proc` does.
 */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || (await isThere(dirname(directory)))) throw error;
    await makeDirectory(dirname(directory));
    await makeDirectory(directory);
  }
}

/** Whether there is something at the path, a link to nothing aside. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

/**
 * Makes a file, for its owner alone, that is complete from the moment it can be seen. False, and nothing is changed, if
 * there is one already. `mark` tells the temporary files of those who try at the same time apart.
 */
export async function createOnce(file: string, text: string, mark: string): Promise<boolean> {
  const draft = `${file}.${mark}`;
  try {
    await writeDurably(draft, text);
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncDirectory(dirname(file));
  return true;
}

/** Makes sure that what was made, renamed or removed in the directory stays so when the power fails. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The code of an error of the file system. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** A path as a shell reads it, for commands that people are told to run. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

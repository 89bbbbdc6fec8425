import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, createOnce } from '../files.ts';

export type Lock = { release(): Promise<void> };

/**
 * Keeps a directory for this process alone; `{ holder }` is the process that has it already. The holder is whoever made
 * the file `lock.<n>` with the highest number, for as long as that process lives: a killed one leaves its file, and the
 * next to make `lock.<n+1>`, which only one of many can, succeeds it. Two containers that share a directory do not see
 * each other's processes: give each a directory of its own.
 */
export async function lockDirectory(directory: string): Promise<Lock | { readonly holder: number }> {
  for (;;) {
    const highest = Math.max(0, ...(await locksIn(directory)));
    const holder = highest === 0 ? undefined : await holderOf(lockFile(directory, highest));
    if (holder !== undefined) return { holder };
    const file = lockFile(directory, highest + 1);
    attempts += 1;
    const mark = `${process.pid}-${attempts}.draft`;
    if (!(await createOnce(file, `${await describe(process.pid)}\n`, mark))) continue;
    const locks = await locksIn(directory);
    // Who was slow may have made a file again that its successors had removed.
    if (locks.some((number) => number > highest + 1)) {
      await rm(file, { force: true });
      continue;
    }
    await Promise.all(
      locks
        .filter((number) => number <= highest)
        .map((number) => rm(lockFile(directory, number), { force: true })),
    );
    return { release: () => rm(file, { force: true }) };
  }
}

let attempts = 0;

function lockFile(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}

async function locksIn(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => (/^lock\.[1-9]\d{0,14}$/.test(name) ? [Number(name.slice(5))] : []));
}

/** The process that made the lock, if it lives still. */
async function holderOf(file: string): Promise<number | undefined> {
  const text = await readIfThere(file);
  const pid = Number(/^[1-9]\d*/.exec(text ?? '')?.[0] ?? 0);
  if (pid === 0 || !isAlive(pid)) return undefined;
  return text?.trim() === (await describe(pid)) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** A process, told from a later one with the same number by when it was started, where the system says that. */
async function describe(pid: number): Promise<string> {
  const boot = await readIfThere('/proc/sys/kernel/random/boot_id');
  const status = await readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, which may hold anything; the start is the 22nd.
  const start = status?.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  return boot === undefined || start === undefined ? `${pid}` : `${pid} ${start} ${boot.trim()}`;
}

function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

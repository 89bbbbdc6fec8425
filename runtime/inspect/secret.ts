import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PunchError } from '../errors.ts';

/**
 * What this user's processes know and nobody else: other users of the machine reach its loopback address too, and
 * could read the charts, or wait at the port for those who bring theirs. It is never sent, only proved.
 */
export class Secret {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** Shows somebody who shares the secret that `role` knows it; `about` is what makes the proof good only once or only here. */
  prove(
    role: 'hub' | 'source' | 'ticket' | 'viewer' | 'marks',
    ...about: readonly (string | number)[]
  ): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([role, ...about]))
      .digest('hex');
  }

  accepts(proof: unknown, ...claim: Parameters<Secret['prove']>): boolean {
    const expected = Buffer.from(this.prove(...claim));
    const given = Buffer.from(typeof proof === 'string' ? proof : '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

/** A question that was never asked before. */
export function newChallenge(): string {
  return randomBytes(32).toString('hex');
}

/** The user's secret, made at the first need. Rejects with a {@link PunchError} when it cannot be kept safe. */
export async function userSecret(base: string = tmpdir()): Promise<Secret> {
  const directory = join(base, `udp-hole-punch-${process.getuid?.() ?? 'user'}`);
  try {
    await mkdir(directory, { mode: 0o700 }).catch(unless('EEXIST'));
    await checkPrivate(directory, 'directory');
    const path = join(directory, 'inspector-key');
    return new Secret((await readKey(path)) ?? (await makeKey(path)));
  } catch (error) {
    throw new PunchError(
      'permissionDenied',
      `The inspector needs a secret in ${directory} that only this user can read: ${(error as Error).message}. ` +
        'Remove that directory, or run without --inspect.',
    );
  }
}

async function readKey(path: string): Promise<string | undefined> {
  const key = await readFile(path, 'utf8').catch(unless('ENOENT'));
  if (key === undefined) return undefined;
  await checkPrivate(path, 'file');
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error(`${path} is damaged`);
  return key;
}

/** Under a name of its own first, so that nobody reads half of it and the first of two makers wins. */
async function makeKey(path: string): Promise<string> {
  const draft = `${path}.${newChallenge()}`;
  await writeFile(draft, newChallenge(), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path).catch(unless('EEXIST'));
  } finally {
    await rm(draft);
  }
  const key = await readKey(path);
  if (key === undefined) throw new Error(`${path} was removed`);
  return key;
}

async function checkPrivate(path: string, kind: 'directory' | 'file'): Promise<void> {
  const status = await lstat(path);
  if (kind === 'directory' ? !status.isDirectory() : !status.isFile())
    throw new Error(`${path} is no ${kind}`);
  if (process.getuid === undefined) return;
  if (status.uid !== process.getuid()) throw new Error(`${path} belongs to another user`);
  if ((status.mode & 0o077) !== 0) throw new Error(`${path} is open to other users`);
}

function unless(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
  };
}

/** Whose keys and leases the programs under test have: never those of the one who runs the tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { realEntropy } from '../../runtime/ambient.ts';
import { openKeyFile } from '../../runtime/identity/key-file.ts';
import { type Places, placesOf } from '../../runtime/identity/places.ts';

export type User = Places & {
  /** A folder for whatever the user has besides. */
  readonly folder: string;
  /** What tells programs whose they are. */
  readonly environment: Readonly<Record<'XDG_CONFIG_HOME' | 'XDG_STATE_HOME', string>>;
};

/** A user who has no files yet. They are gone after the tests of the file. */
export function newUser(): User {
  const folder = mkdtempSync(join(tmpdir(), 'punch-user-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const environment = { XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state') };
  return { ...placesOf(environment, folder), folder, environment };
}

/** Who starts a program unless somebody else is named. Has a key: which program makes one, and says so, is chance. */
export const testUser = newUser();
await openKeyFile(testUser.keyFile, realEntropy);

/**
 * Options for a server that forgets, and that has the same key as all others of the user: one of them may get the port of
 * another, and clients would notice.
 */
export const forgetful = ['--data', 'none', '--key', join(testUser.folder, 'server-key')] as const;

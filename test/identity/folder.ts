import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realEntropy } from '../../runtime/ambient.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';

/** A place for the files of one process of tests, which may run several test files, one loaded after the other's tests. */
export const folder = mkdtempSync(join(tmpdir(), 'punch-identity-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let places = 0;

/** A path in it that nothing is at. */
export function freshPath(): string {
  places += 1;
  return join(folder, `${places}`);
}

/** Some public key. */
export function someKey(): Uint8Array {
  return createKeyPair(realEntropy).publicKey;
}

/** Who root is nobody can forbid: such a test runs its program as another user. */
export const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Lets every user pass, so that {@link nobody} gets there. */
export function openFolder(): void {
  chmodSync(folder, 0o755);
}

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { userSecret } from '../../runtime/inspect/secret.ts';

describe('the secret of a user', () => {
  let base: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'punch-secret-'));
  });
  after(() => rm(base, { recursive: true }));

  it('is the same for all processes that ask at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => userSecret(base)));
    assert.equal(new Set(secrets.map((each) => each.prove('viewer'))).size, 1);
  });

  it('is refused when others could have read it', { skip: process.getuid === undefined }, async () => {
    const directory = join(base, `udp-hole-punch-${process.getuid?.()}`);
    await chmod(join(directory, 'inspector-key'), 0o644);
    await assert.rejects(userSecret(base), { code: 'permissionDenied', message: /open to other users/ });
    await chmod(directory, 0o755);
    await assert.rejects(userSecret(base), { code: 'permissionDenied', message: /Remove that directory/ });
    await rm(directory, { recursive: true });
    await symlink(tmpdir(), directory);
    await assert.rejects(userSecret(base), { code: 'permissionDenied', message: /is no directory/ });
  });
});

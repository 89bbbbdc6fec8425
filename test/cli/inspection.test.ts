import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { mainFile, Program } from './program.ts';
import { isEnd, isInspector, isListening, isState } from './reports.ts';
import { forgetful } from './user.ts';

/** Keeps the secret of these runs apart from the user's own. */
const folder = mkdtempSync(join(tmpdir(), 'punch-inspection-'));
after(() => rmSync(folder, { recursive: true }));

describe('--inspect', () => {
  it('prints the address of a page, the same for all processes, and ends cleanly', async () => {
    const server = inspected('server', '--host', '127.0.0.1', '--port', '0', ...forgetful);
    const { url } = await server.tells(isInspector);
    const { endpoint } = await server.tells(isListening);
    const page = new URL(url);
    assert.equal(page.protocol, 'http:');
    assert.equal(page.hostname, '127.0.0.1');

    const client = inspected('client', `127.0.0.1:${endpoint.port}`, 'alice', '--json');
    assert.equal((await client.tells(isInspector)).url, url);
    await client.tells(isState('registered'));
    const { status, headers } = await fetch(url);
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/html/);

    for (const program of [client, server]) {
      program.signal('SIGINT');
      await program.endsWith(0);
      assert.equal((await program.tells(isEnd)).outcome, 'done');
      assert.equal(program.errors, '');
    }
  });

  it('does not outlive a server whose port is in use', async () => {
    const first = inspected('server', '--host', '127.0.0.1', '--port', '0', ...forgetful);
    const { endpoint } = await first.tells(isListening);
    const place = ['--host', '127.0.0.1', '--port', String(endpoint.port)];
    const second = inspected('server', ...place, ...forgetful);
    await second.endsWith(1);
    await first.interrupt();
  });
});

function inspected(...args: readonly string[]): Program {
  const command = [process.execPath, mainFile, ...args, '--inspect'] as const;
  return new Program([...command], { environment: { TMPDIR: folder } });
}

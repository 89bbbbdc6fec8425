import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { viewerKey } from '../../runtime/inspect/gate.ts';
import { INSPECTOR_PORT } from '../../runtime/inspect/inspection.ts';
import { userSecret } from '../../runtime/inspect/secret.ts';
import { Viewer } from '../inspect/scene.ts';
import { mainFile, Program } from './program.ts';
import { isEnd, isInspector, isListening, isNotice, isState } from './reports.ts';
import { forgetful } from './user.ts';

/** Keeps the secret of these runs apart from the user's own. */
const folder = mkdtempSync(join(tmpdir(), 'punch-inspection-'));
after(() => rmSync(folder, { recursive: true }));

/** Where nobody else's processes meet. */
const PORT = 39_741;

describe('--inspect', () => {
  it('prints the address of one page for all processes, and ends cleanly', async () => {
    const server = inspected('server', '--host', '127.0.0.1', '--port', '0', ...forgetful);
    const page = new URL((await server.tells(isInspector)).url);
    const { endpoint } = await server.tells(isListening);
    assert.equal(page.origin, `http://127.0.0.1:${PORT}`);

    const client = inspected('client', `127.0.0.1:${endpoint.port}`, 'alice', '--json');
    assert.equal(new URL((await client.tells(isInspector)).url).origin, page.origin);
    await client.tells(isState('registered'));
    const { status, headers } = await fetch(page);
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

  it('keeps the page of a demo or a simulation until it is interrupted, if nobody else serves it', async () => {
    const simulated = ['simulate', '--a', 'none', '--b', 'none', '--json'];
    for (const command of [['demo', '--json'], simulated]) {
      const program = inspected(...command);
      await program.tells(isNotice);
      const { url } = await program.tells(isInspector);
      assert.equal((await fetch(url)).status, 200);
      program.signal('SIGINT');
      await program.endsWith(0);
    }
    const page = run('inspect', '--port', String(PORT), '--json');
    await page.tells(isInspector);
    await inspected(...simulated).endsWith(0);
    await page.interrupt();
  });

  it('goes to the Stately Inspector if that is asked for', async () => {
    const server = run('server', '--host', '127.0.0.1', '--port', '0', ...forgetful, '--inspect=stately');
    const { url, isStately } = await server.tells(isInspector);
    assert.equal(isStately, true);
    assert.equal(new URL(url).pathname, '/stately');
    await server.interrupt();
  });

  it('takes no other place', async () => {
    await run('server', '--inspect=nowhere').endsWith(2);
    await run('simulate', '--matrix', '--inspect').endsWith(2);
    await run('demo', '--nat', 'symmetric', '--nat', 'full-cone', '--inspect').endsWith(2);
  });
});

describe('the library with inspect: true', () => {
  it('shows a server and its peers on the page that all processes share', async () => {
    const file = join(folder, 'library.mjs');
    writeFileSync(file, library);
    const page = run('inspect', '--json');
    await page.tells(isInspector);
    const key = viewerKey(INSPECTOR_PORT, await userSecret(folder));
    const viewer = new Viewer(
      new WebSocket(`ws://127.0.0.1:${INSPECTOR_PORT}/view?key=${key}`, {
        headers: { Origin: `http://127.0.0.1:${INSPECTOR_PORT}` },
      }),
    );
    await new Program([process.execPath, file], { environment: { TMPDIR: folder } }).endsWith(0);
    await viewer.until(() => viewer.gone.size === 3);
    const labels = [...viewer.sources.values()].map(({ label }) => label);
    assert.deepEqual(labels.sort(), ['client alice', 'client bob', 'inspect', 'server']);
    for (const label of ['client alice', 'client bob']) assert.ok(viewer.hasState('verified', label), label);
    assert.ok(viewer.records('received').length > 10);
    await page.interrupt();
  });
});

const library = `
import { createPeer, createRendezvousServer } from ${JSON.stringify(resolve('dist/runtime/index.js'))};
const server = await createRendezvousServer({ host: '127.0.0.1', port: 0, inspect: true });
const [alice, bob] = ['alice', 'bob'].map((name) =>
  createPeer({ server: server.endpoint, name, inspect: true }));
await bob.registered;
await alice.connect('bob');
for await (const link of bob.links) { await link.connected; break; }
await Promise.all([alice.close(), bob.close()]);
await server.close();
`;

describe('punch inspect', () => {
  it('says what is wrong with a recording', async () => {
    const missing = run('inspect', join(folder, 'missing.jsonl'));
    await missing.endsWith(1);
    assert.match(missing.errors, /there is no such file/);
  });

  it('serves a recording at any free port, and ends cleanly', async () => {
    const file = join(folder, 'run.jsonl');
    await run('simulate', '--a', 'none', '--b', 'none', '--record', file, '--json').endsWith(0);
    const page = run('inspect', file, '--json');
    const { url } = await page.tells(isInspector);
    assert.equal((await fetch(url)).status, 200);
    page.signal('SIGINT');
    await page.endsWith(0);
    assert.equal((await page.tells(isEnd)).outcome, 'done');
  });

  it('says who has its port', async () => {
    const server = inspected('server', '--host', '127.0.0.1', '--port', '0', ...forgetful);
    await server.tells(isListening);
    const other = new Program([process.execPath, mainFile, 'inspect', '--port', String(PORT)], {
      environment: { TMPDIR: mkdtempSync(join(folder, 'other-')) },
    });
    await other.endsWith(1);
    assert.match(other.errors, /another program or another user has it/);
    await server.interrupt();
  });
});

function inspected(...args: readonly string[]): Program {
  return run(...args, `--inspect=${PORT}`);
}

function run(...args: readonly string[]): Program {
  return new Program([process.execPath, mainFile, ...args], { environment: { TMPDIR: folder } });
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { viewerKey } from '../../runtime/inspect/gate.ts';
import { type Secret, userSecret } from '../../runtime/inspect/secret.ts';
import { Viewer } from '../inspect/scene.ts';
import { mainFile, Program } from './program.ts';
import { isInspector, isListening, isState } from './reports.ts';
import { newUser } from './user.ts';

const { folder } = newUser();

/** Loaded into a process before anything else: notes every secret that its cryptography is given or makes. */
const spy = `
const { appendFileSync } = require('node:fs');
const sodium = require(${JSON.stringify(createRequire(resolve('package.json')).resolve('sodium-native'))});
const note = (kind, bytes) =>
  appendFileSync(process.env.PUNCH_TEST_SECRETS, kind + ' ' + Buffer.from(bytes).toString('hex') + '\\n');
const watch = (name, tell) => {
  const original = sodium[name];
  sodium[name] = (...given) => {
    const result = original(...given);
    tell(given);
    return result;
  };
};
watch('crypto_scalarmult_base', ([, secret]) => note('secret', secret));
watch('crypto_scalarmult', ([shared, secret]) => {
  note('shared', shared);
  note('secret', secret);
});
for (const direction of ['encrypt', 'decrypt']) {
  watch('crypto_aead_chacha20poly1305_ietf_' + direction, (given) => note('key', given[5]));
}
watch('crypto_generichash', ([hash, , key]) => {
  if (key === undefined) return;
  note('baker', key);
  note('cookie', hash);
});
`;
const spyFile = join(folder, 'spy.cjs');
writeFileSync(spyFile, spy);

/** Everything that a user of the library can see of a server and two peers. */
const library = `
import { createPeer, createRendezvousServer } from ${JSON.stringify(resolve('dist/runtime/index.js'))};
const shown = new Set();
const show = (what) => console.log(JSON.stringify(what, (_, value) => {
  if (value instanceof Error) return { message: value.message, stack: value.stack, ...value };
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value;
}));
const inspect = ({ type, event, snapshot, actorRef }) =>
  show({ type, event, snapshot, id: actorRef.id, logic: Object.keys(actorRef.logic ?? {}) });
const server = await createRendezvousServer({ host: '127.0.0.1', port: 0, inspect });
const [alice, bob] = ['alice', 'bob'].map((name) => createPeer({ server: server.endpoint, name, inspect }));
await bob.registered;
const link = await alice.connect('bob');
for await (const called of bob.links) {
  await link.send('hello');
  await called.send('hello yourself');
  break;
}
show([server, server.status(), alice, alice.status(), bob.status(), link]);
await Promise.all([alice.close(), bob.close()]);
for (const feed of [alice.states, bob.states, link.states, link.messages]) for await (const item of feed) show(item);
show(server.status());
await server.close();
`;

/** Where the programs of this test meet. */
const INSPECTOR_PORT = 39_742;

/** The page is told of this, or there would be nothing to search. */
const shownThere = {
  'steps of both sides': /"link:bob"[\s\S]*"link:alice"|"link:alice"[\s\S]*"link:bob"/,
  'letters before they are sealed': /"Lookup\(bob\)"[\s\S]*"HolePunchAccept"/,
  'datagrams with what people say': /"Data, \d+ bytes"/,
};

describe('a secret', { concurrency: 2 }, () => {
  it('is nowhere in what a server and its clients print, record and show to the page', async () => {
    const secrets = join(folder, 'of-programs');
    const users = { server: newUser(), alice: newUser(), bob: newUser() };
    const start = (who: keyof typeof users, ...args: readonly string[]) => {
      const shown = ['--record', join(folder, `${who}.jsonl`), `--inspect=${INSPECTOR_PORT}`];
      const command = ['--require', spyFile, mainFile, ...args, ...shown];
      const environment = { ...users[who].environment, PUNCH_TEST_SECRETS: secrets, TMPDIR: folder };
      return new Program([process.execPath, ...command], { environment });
    };
    const page = new Program(
      [process.execPath, mainFile, 'inspect', '--port', `${INSPECTOR_PORT}`, '--json'],
      {
        environment: { TMPDIR: folder },
      },
    );
    await page.tells(isInspector);
    const viewer = viewerAt(INSPECTOR_PORT, await userSecret(folder));
    const server = start('server', 'server', '--host', '127.0.0.1', '--port', '0', '--json');
    const { endpoint } = await server.tells(isListening);
    const place = `127.0.0.1:${endpoint.port}`;
    const bob = start('bob', 'client', place, 'bob', '--json');
    await bob.tells(isState('registered'));
    const alice = start('alice', 'client', place, 'alice', 'bob');
    alice.types('hello\n');
    await bob.hears(1);
    bob.types('hello yourself\n');
    await alice.shows(/hello yourself/);
    const programs = [alice, bob, server];
    for (const program of programs) await program.interrupt();
    await viewer.until(() => viewer.gone.size === programs.length);
    await page.interrupt();
    const told = viewer.texts.join('\n');
    for (const [what, pattern] of Object.entries(shownThere)) assert.match(told, pattern, what);
    assert.doesNotMatch(told, /hello/i);
    const printed = programs.flatMap(({ output, errors }) => [output, errors]).join('\n');
    const recorded = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    assert.equal(recorded.length, 3);
    const kept = recorded.map((name) => readFileSync(join(folder, name), 'latin1')).join('\n');
    assertUnseen(secretsIn(secrets), `${printed}\n${kept}\n${told}`);
  });

  it('is nowhere in what the library shows: events for inspectors, states, status', async () => {
    const secrets = join(folder, 'of-library');
    const file = join(folder, 'library.mjs');
    writeFileSync(file, library);
    const program = new Program([process.execPath, '--require', spyFile, file], {
      environment: { PUNCH_TEST_SECRETS: secrets },
    });
    await program.endsWith(0);
    assert.match(program.output, /datagram\.challenge/);
    assertUnseen(secretsIn(secrets), program.output + program.errors);
  });
});

/** A browser at the page. */
function viewerAt(port: number, secret: Secret): Viewer {
  const headers = { Origin: `http://127.0.0.1:${port}` };
  return new Viewer(new WebSocket(`ws://127.0.0.1:${port}/view?key=${viewerKey(port, secret)}`, { headers }));
}

/** In hexadecimal; each kind that there is must be there. */
function secretsIn(file: string): readonly string[] {
  const noted = [...new Set(readFileSync(file, 'utf8').trimEnd().split('\n'))].map((line) => line.split(' '));
  for (const wanted of ['secret', 'shared', 'key', 'baker', 'cookie']) {
    assert.ok(noted.filter(([kind]) => kind === wanted).length >= 1, `no ${wanted} was noted`);
  }
  return noted.map(([, hex = '']) => hex);
}

function assertUnseen(secrets: readonly string[], text: string): void {
  const folded = text.toLowerCase();
  for (const secret of secrets) {
    const bytes = Buffer.from(secret, 'hex');
    // The last characters of base64 depend on what follows, if the secret is part of something longer.
    const base64 = bytes.toString('base64').slice(0, Math.floor((bytes.length * 8) / 6));
    const base64url = bytes.toString('base64url').slice(0, base64.length);
    assert.ok(!folded.includes(secret), `in hexadecimal: ${around(folded, secret)}`);
    for (const spelled of [base64, base64url, bytes.toString('latin1'), [...bytes].join(',')]) {
      assert.ok(!text.includes(spelled), `as ${spelled}: ${around(text, spelled)}`);
    }
  }
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 200), at + 200);
}

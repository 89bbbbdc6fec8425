import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { accessKinds } from '../../runtime/simulation/behaviour.ts';
import { requires } from '../support/requirements.ts';
import {
  type ClientDescription,
  CommandLine,
  commandUnavailable,
  dataDirectory,
  reaches,
  startClient,
  startServer,
} from './command-line.ts';
import { Laboratory, serverAddresses } from './laboratory.ts';
import { assertConnected, assertNeverConnected, assertTalking, meet } from './meeting.ts';
import { labUnavailable } from './namespace.ts';
import { programArguments } from './program.ts';

const options = {
  ...requires('kernel NATs and a build', labUnavailable() ?? commandUnavailable()),
  timeout: 60_000,
};

const data = 'the server';

describe('a server that gives impostors the names of others', options, () => {
  let lab: Laboratory;
  before(async () => {
    const homes = ['alice', 'bob', 'mallory', 'newcomer'];
    lab = await Laboratory.build({
      sites: homes.map((name) => ({ name, access: accessKinds['home-router'] })),
    });
    const honest = await startServer(lab, { data });
    const { alice, bob } = await meet(lab, lab.host('alice'), lab.host('bob'));
    await assertTalking(alice, bob);
    await Promise.all([alice.interrupt(), bob.interrupt()]);
    await honest.kill();
    const args = [...programArguments('swapping-server'), dataDirectory(data)];
    const swapping = lab.spawn(lab.server, process.execPath, args);
    swapping.stderr.pipe(process.stderr);
    await once(swapping.stdout, 'data');
  });
  after(() => lab?.dispose());

  it('is caught by a caller who has met the real one', async () => {
    const mallory = await registered(impostor('bob'));
    const alice = start('alice', { name: 'alice', peer: 'bob' });
    const reason = await assertNeverConnected(alice, mallory, { outcome: 'distrusted', exitCode: 9 });
    assert.match(
      reason,
      /^The key of the peer bob@203\.0\.113\.1:39738 is not the one remembered: .* Line \d+ of /,
    );
    assert.deepEqual(
      mallory.reports(({ of }) => of === 'link'),
      [],
    );
    await mallory.interrupt();
  });

  it('can only refuse a caller who was given the real key', async () => {
    const mallory = await registered(impostor('bob'));
    const newcomer = start('newcomer', { name: 'carol', peer: await addressOfBob(), timeoutSeconds: 3 });
    await assertNeverConnected(newcomer, mallory, { outcome: 'peerUnknown', exitCode: 4 });
    assert.deepEqual(
      mallory.reports(({ of }) => of === 'link'),
      [],
    );
    await mallory.interrupt();
  });

  it('is caught by whoever is called, and has met the real caller', async () => {
    const bob = await registered(start('bob', { name: 'bob', timeoutSeconds: 60 }));
    const mallory = start('mallory', { name: 'alice', peer: 'bob', user: 'mallory', timeoutSeconds: 3 });
    await assertNeverConnected(mallory, bob, { outcome: 'peerUnknown', exitCode: 4 });
    assert.deepEqual(
      bob.reports(({ of }) => of === 'link'),
      [],
    );
    const stranger = start('newcomer', { name: 'erin', peer: 'bob' });
    await assertConnected(stranger, bob);
    await stranger.interrupt();
    await bob.interrupt();
  });

  it('deceives none but those who know no key, which is why there are addresses with keys', async () => {
    const mallory = await registered(impostor('bob'));
    const newcomer = start('newcomer', { name: 'dave', peer: 'bob' });
    await assertConnected(newcomer, mallory);
    await Promise.all([newcomer.interrupt(), mallory.interrupt()]);
  });

  function start(home: string, description: ClientDescription): CommandLine {
    return startClient(lab, lab.host(home), description);
  }

  function impostor(name: string): CommandLine {
    return start('mallory', { name, user: 'mallory', timeoutSeconds: 60 });
  }

  /** The address that bob would give a friend. */
  async function addressOfBob(): Promise<string> {
    const args = ['id', 'bob', '--server', serverAddresses.ipv4[0], '--json'];
    const identity = await new CommandLine(lab, lab.host('bob'), args, 'bob').report(
      ({ type }) => type === 'identity',
    );
    return String(identity?.address);
  }
});

async function registered(client: CommandLine): Promise<CommandLine> {
  assert.ok(await client.report(reaches('client', 'registered')), 'the server does not lie');
  return client;
}

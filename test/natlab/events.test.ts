import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { accessKinds } from '../../runtime/simulation/behaviour.ts';
import { requires } from '../support/requirements.ts';
import { startReflectors } from './behaviour-probe.ts';
import { Laboratory } from './laboratory.ts';
import { labUnavailable } from './namespace.ts';
import { programArguments } from './program.ts';
import type { Endpoint } from './reflection.ts';

describe('what happens to a site', requires('kernel NATs', labUnavailable()), () => {
  let lab: Laboratory;
  before(async () => {
    const kinds = ['home-router', 'symmetric', 'carrier-grade'] as const;
    lab = await Laboratory.build({ sites: kinds.map((name) => ({ name, access: accessKinds[name] })) });
    await startReflectors(lab);
  });
  after(() => lab?.dispose());

  it('a socket stays where it was seen as long as nothing happens', async () => {
    const look = watch(lab, 'symmetric');
    assert.deepEqual(await look(), await look());
  });

  it('a NAT that reboots forgets its mappings', async () => {
    const look = watch(lab, 'carrier-grade');
    const seen = await look();
    await lab.rebootNat('carrier-grade');
    const seenLater = await look();
    assert.equal(seenLater?.address, seen?.address);
    assert.notEqual(seenLater?.port, seen?.port);
  });

  it('a NAT can change its address, and back', async () => {
    const look = watch(lab, 'home-router');
    const seen = await look();
    await lab.changeAddress('home-router');
    const seenLater = await look();
    assert.notEqual(seenLater?.address, seen?.address);
    await lab.changeAddress('home-router');
    assert.equal((await look())?.address, seen?.address);
  });

  it('a blackout lets nothing through until it ends', async () => {
    const look = watch(lab, 'symmetric');
    const seen = await look();
    await lab.blackout('symmetric');
    assert.equal(await look(), undefined);
    await lab.light('symmetric');
    assert.deepEqual(await look(), seen);
  });
});

/** A socket at the site; each call says where the internet sees it. */
function watch(lab: Laboratory, site: string): () => Promise<Endpoint | undefined> {
  const watching = lab.spawn(lab.host(site), process.execPath, programArguments('whereabouts'));
  const lines = watching.lines()[Symbol.asyncIterator]();
  return async () => {
    watching.stdin.write('\n');
    const { value } = await lines.next();
    return (JSON.parse(String(value)) as Endpoint | null) ?? undefined;
  };
}

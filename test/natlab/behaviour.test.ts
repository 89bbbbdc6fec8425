import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Access, accessKinds, observed } from '../../runtime/simulation/behaviour.ts';
import { requires } from '../support/requirements.ts';
import { type MeasuredBehaviour, probe, startReflectors } from './behaviour-probe.ts';
import { Laboratory } from './laboratory.ts';
import { labUnavailable } from './namespace.ts';

describe('a NAT built in the kernel', requires('kernel NATs', labUnavailable()), () => {
  const kinds = Object.entries<Access>(accessKinds);
  const measured = new Map<string, MeasuredBehaviour | undefined>();
  let lab: Laboratory;

  before(async () => {
    lab = await Laboratory.build({ sites: kinds.map(([name, access]) => ({ name, access })) });
    await startReflectors(lab);
    const probes = kinds.map(async ([name]) => measured.set(name, await probe(lab, lab.host(name))));
    await Promise.all(probes);
  });
  after(() => lab?.dispose());

  for (const [name, access] of kinds) {
    it(`of kind ${name} ${sentence(access)}`, () => {
      assert.deepEqual(measured.get(name), expected(access));
    });
  }

  for (const name of ['none', 'firewall'] as const) {
    it(`of kind ${name} does the same to IPv6`, async () => {
      assert.deepEqual(await probe(lab, lab.host(name), 6), expected(accessKinds[name]));
    });
  }
});

function expected(access: Access): MeasuredBehaviour | undefined {
  if (access.udpBlocked) return undefined;
  const isPreserving = access.nats.every(({ allocation }) => allocation === 'preserving');
  const isSequential = access.nats.at(-1)?.allocation === 'sequential';
  const { mapping, filtering } = observed(access);
  return {
    mapping,
    filtering,
    allocation: isPreserving ? 'preserving' : isSequential ? 'sequential' : 'other',
    hairpinning: access.nats.at(-1)?.hairpinning ?? false,
    poisonable: access.nats.some(({ unsolicited }) => unsolicited === 'accept'),
  };
}

function sentence(access: Access): string {
  const found = expected(access);
  if (found === undefined) return 'lets no UDP through';
  const parts = [
    found.mapping === 'none' ? 'translates nothing' : `maps ${found.mapping}`,
    found.filtering === 'none' ? 'filters nothing' : `filters ${found.filtering}`,
    ...(found.mapping === 'none' ? [] : [`${found.allocation} ports`]),
    ...(found.hairpinning ? ['hairpins'] : []),
    ...(found.poisonable ? ['is confused by early packets'] : []),
  ];
  return parts.join(', ');
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainTransitions } from '../../runtime/conformance/session-lives.ts';
import { deviationsIn, type Experiment, examine, ours, repairsMissingIn } from './laboratory.ts';
import { originalServer } from './original-server.ts';
import { meddling, translating } from './tampering.ts';
import { unrepairedServers, wrongServers } from './wrong-servers.ts';

describe('our server conforms', () => {
  const circumstances: Readonly<Record<string, Experiment>> = {
    'and no path is left out, no transition of the chart': { isSlow: true },
    'where a tenth of the datagrams is lost': { isSlow: true, loss: 0.1 },
    'at the far end of the world': { delayMs: 150, isOrderSeen: false },
    'at the far end of the world, with losses': { delayMs: 150, loss: 0.05, isOrderSeen: false },
  };
  for (const [circumstance, experiment] of Object.entries(circumstances)) {
    it(circumstance, async () => {
      const found = await examine(ours, experiment);
      assert.equal(found.ending, 'done');
      assert.deepEqual(deviationsIn(found), []);
      assert.deepEqual(repairsMissingIn(found), []);
      assert.deepEqual(found.undone, []);
      const left = experiment.isSlow === true ? 0 : 1;
      assert.equal(found.uncovered.length, left);
      assert.equal(found.covered.length, plainTransitions().length - left);
    });
  }

  it('behind a NAT, which is noticed', async () => {
    const found = await examine(meddling(translating('198.51.100.1', '203.0.113.7')));
    assert.deepEqual(found.contact, { type: 'answering', isBehindNat: true, notAbroad: undefined });
    assert.deepEqual(deviationsIn(found), []);
    assert.deepEqual(repairsMissingIn(found), []);
  });
});

describe('the original server', () => {
  it('has each of its known repairs named, and deviates in nothing else', async () => {
    const found = await examine(originalServer, { isSlow: true });
    assert.deepEqual(deviationsIn(found), []);
    assert.deepEqual(repairsMissingIn(found), [
      'calleeFirst',
      'diesOfGarbage',
      'introducesToSelf',
      'keepsOldNames',
      'lastWriterWins',
      'neverForgets',
    ]);
  });

  it('is not killed before every path has been driven', async () => {
    const { ending, results, undone } = await examine(originalServer);
    assert.equal(ending, 'stopped');
    assert.deepEqual(new Set(undone.map(({ kind }) => kind)), new Set(['datagram']));
    const last = results.at(-1)?.steps.at(-1);
    assert.deepEqual(last?.verdict, { type: 'repair', repair: 'diesOfGarbage' });
  });

  it('is not said to introduce in the wrong order where that cannot be seen', async () => {
    const found = await examine(originalServer, { isOrderSeen: false });
    assert.deepEqual(deviationsIn(found), []);
    assert.ok(!repairsMissingIn(found).includes('calleeFirst'));
  });
});

describe('a server that lacks one repair is told which: one that', () => {
  for (const { does, start, repair, isSlow = false } of unrepairedServers) {
    it(does, async () => {
      const found = await examine(start, { isSlow });
      assert.deepEqual(deviationsIn(found), []);
      assert.deepEqual(repairsMissingIn(found), [repair]);
    });
  }
});

describe('a wrong server is found, and the step is named: one that', () => {
  for (const { does, start, steps, resembles = [], isSlow = false } of wrongServers) {
    it(does, async () => {
      const found = await examine(start, { isSlow });
      const deviations = deviationsIn(found).map(
        ({ about, says, received }) =>
          `[${about}] ${says}: ${[...new Set(received.map((line) => line.says))].join(', ') || 'nothing'}`,
      );
      assert.ok(deviations.length > 0, 'it is found');
      for (const deviation of deviations) assert.match(deviation, steps);
      assert.deepEqual(repairsMissingIn(found), resembles);
    });
  }
});

describe('what cannot be driven', () => {
  it('because it would take too long is left out, and said so', async () => {
    const { plan, uncovered } = await examine(ours);
    assert.ok((plan?.leftOut.length ?? 0) > 0);
    for (const { scenario, reason } of plan?.leftOut ?? []) {
      assert.equal(reason, 'slow');
      assert.match(scenario.title, /after ttl/);
    }
    assert.deepEqual(uncovered, ['registered: after ttl -> expired']);
  });

  it('because there is no second IP address is left out, with the reason', async () => {
    const { contact, plan, results } = await examine(ours, { hasAbroad: false });
    assert.equal(contact?.type === 'answering' && contact.notAbroad, 'there is no other');
    const abroad = plan?.leftOut.filter(({ reason }) => reason === 'abroad') ?? [];
    assert.ok(abroad.length > 0);
    for (const { scenario } of abroad) assert.match(scenario.title, /stranger/);
    for (const { scenario } of results) assert.doesNotMatch(scenario.title, /stranger/);
  });

  it('because the server sees two addresses as one is left out, with the reason', async () => {
    const oneAddress = meddling({
      hears: ({ port }, message, handOn) => handOn({ address: '203.0.113.7', port }, message),
      says: ({ port }, message, handOn) => {
        for (const address of ['198.51.100.1', '198.51.100.2']) handOn({ address, port }, message);
      },
    });
    const { contact } = await examine(oneAddress);
    assert.match(
      (contact?.type === 'answering' && contact.notAbroad) || '',
      /the server sees 198\.51\.100\.2 and our first address as one, 203\.0\.113\.7/,
    );
  });
});

describe('a run against', () => {
  it('nobody ends with that, after the timeout', async () => {
    const { ending, results, network } = await examine(() => {}, { timeoutMs: 700 });
    assert.equal(ending, 'silent');
    assert.deepEqual(results, []);
    assert.ok(network.clock.now() < 2000);
  });

  it('a server that is full ends with that', async () => {
    const full = meddling({
      says: (to, _message, handOn) => handOn(to, { type: 'holePunchResponseUnknown' }),
    });
    assert.equal((await examine(full)).ending, 'refusing');
  });

  it('a server that stops in the middle ends soon, and tells of it once', async () => {
    let heard = 0;
    const stopping = meddling({
      hears: (from, message, handOn) => {
        heard += 1;
        if (heard < 100) handOn(from, message);
      },
    });
    const found = await examine(stopping);
    assert.equal(found.ending, 'stopped');
    assert.equal(deviationsIn(found).length, 1);
    assert.ok(found.undone.length > 40);
  });

  it('any server ends when it is interrupted', async () => {
    const interruption = new AbortController();
    let finished = 0;
    const found = await examine(ours, {
      signal: interruption.signal,
      finished: () => {
        finished += 1;
        if (finished === 5) interruption.abort();
      },
    });
    assert.equal(found.ending, 'interrupted');
    assert.ok(found.results.length >= 5 && found.results.length <= 5 + 8, 'and those that were nearly over');
    assert.equal(found.results.length + found.undone.length, found.plan?.scenarios.length);
  });

  it('any server frees its ports, and sends what is malformed last', async () => {
    const { network } = await examine(ours);
    const kinds = network.log
      .filter(({ to }) => to.address === '192.0.2.1')
      .map(({ message }) => typeof message);
    const firstMalformed = kinds.indexOf('string');
    assert.ok(firstMalformed > 400, 'after the paths');
    assert.doesNotThrow(() => network.open('198.51.100.1:5001'));
  });
});

describe('our own behaviour', () => {
  it('is modest: at most eight datagrams are sent at once, and every name is ours', async () => {
    const { network } = await examine(ours, { delayMs: 20 });
    const questions = network.log.filter(({ to }) => to.address === '192.0.2.1');
    const perMoment = new Map<number, number>();
    for (const { atMs } of questions) perMoment.set(atMs, (perMoment.get(atMs) ?? 0) + 1);
    assert.ok(Math.max(...perMoment.values()) <= 8);
    for (const { message } of questions) {
      if (typeof message === 'string' || !('name' in message)) continue;
      assert.match(message.name, /^conform-test-/);
    }
  });
});

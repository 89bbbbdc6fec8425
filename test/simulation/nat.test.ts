import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Access, type NatBehaviour, nat } from '../../runtime/simulation/behaviour.ts';
import { simulatedKinds } from '../../runtime/simulation/kinds.ts';
import { endpoint } from '../support/memory-network.ts';
import { at, classify, INNER, natOf, sendIn, sendOut } from './nat-probe.ts';

const NEIGHBOUR = endpoint('192.168.1.11:5000');

describe('every box of every kind behaves as it is described', () => {
  for (const [kind, access] of Object.entries<Access>(simulatedKinds)) {
    for (const [index, box] of access.nats.entries()) {
      test(`${kind}, box ${index + 1}`, () => assert.deepEqual(classify(box), expected(box)));
    }
  }
});

describe('every combination of mapping and filtering behaves as it is described', () => {
  const dependences = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const;
  for (const mapping of dependences) {
    for (const filtering of dependences) {
      test(`${mapping} mapping, ${filtering} filtering`, () => {
        const box = nat(mapping, filtering, { allocation: 'random' });
        assert.deepEqual(classify(box), expected(box));
      });
    }
  }
});

describe('ports', () => {
  test('a port that is taken is not preserved, but another one is found', () => {
    const box = natOf(plain());
    assert.equal(sendOut(box, INNER, at(0))?.port, 5000);
    const other = sendOut(box, NEIGHBOUR, at(0))?.port;
    assert.ok(other !== undefined && other !== 5000);
  });

  test('a range excludes the ports that hosts use', () => {
    const port = sendOut(natOf(plain({ allocation: 'range' })), INNER, at(0))?.port ?? 0;
    assert.ok(port >= 10_000 && port < 30_000);
  });

  test('a block is shared by all mappings of an inner address, is no one else’s, and can be used up', () => {
    const box = natOf(symmetric({ allocation: 'block', blockSize: 3 }));
    const own = [0, 1, 2].map((far) => sendOut(box, INNER, at(far))?.port);
    assert.deepEqual(own.toSorted(), [1024, 1025, 1026]);
    assert.deepEqual(box.outbound({ source: INNER, target: at(3) }, 0), {
      type: 'dropped',
      why: 'no port is free',
    });
    assert.ok((sendOut(box, NEIGHBOUR, at(0))?.port ?? 0) >= 1027);
  });

  const pool = Array.from({ length: 8 }, (_, index) => `198.51.100.${index + 1}`);
  const addressesUsed = (pooling: 'paired' | 'arbitrary') => {
    const box = natOf(symmetric({ allocation: 'random', pool: 8, pooling }), 1, pool);
    return new Set([0, 1, 2, 3].map((far) => sendOut(box, INNER, at(far))?.address)).size;
  };

  test('a paired pool gives an inner address one external address', () => {
    assert.equal(addressesUsed('paired'), 1);
  });

  test('an arbitrary pool gives it several', () => {
    assert.ok(addressesUsed('arbitrary') > 1);
  });
});

describe('lifetime', () => {
  const lifetimeMs = 20_000;

  test('a mapping outlives its last packet by its lifetime, and no longer', () => {
    const box = natOf(plain({ lifetimeMs }));
    const outer = sendOut(box, INNER, at(0), 0) ?? INNER;
    assert.deepEqual(sendIn(box, at(0), outer, 19_999), { source: at(0), target: INNER });
    assert.equal(sendIn(box, at(0), outer, 19_999 + lifetimeMs), 'no mapping');
  });

  test('what comes in does not count where only what goes out does', () => {
    const box = natOf(plain({ lifetimeMs, refresh: 'outbound' }));
    const outer = sendOut(box, INNER, at(0), 0) ?? INNER;
    assert.notEqual(sendIn(box, at(0), outer, 19_999), 'no mapping');
    assert.equal(sendIn(box, at(0), outer, 20_000), 'no mapping');
  });

  test('a hole for one peer closes though another keeps the mapping alive', () => {
    const box = natOf(plain({ lifetimeMs }));
    const outer = sendOut(box, INNER, at(0), 0) ?? INNER;
    sendOut(box, INNER, at(1), 0);
    sendOut(box, INNER, at(1), 15_000);
    assert.equal(sendIn(box, at(0), outer, 20_000), 'filtered, unexpected port');
  });

  test('a box that forgets everything lets nobody in, and maps anew', () => {
    const box = natOf(plain({ allocation: 'range' }));
    const outer = sendOut(box, INNER, at(0)) ?? INNER;
    box.forget();
    assert.equal(sendIn(box, at(0), outer), 'no mapping');
    assert.notDeepEqual(sendOut(box, INNER, at(0)), outer);
  });
});

describe('a full table', () => {
  test('makes no new mapping, keeps the old ones, and has room again when one has expired', () => {
    const box = natOf(symmetric({ allocation: 'random', tableSize: 2, lifetimeMs: 1000 }));
    const first = sendOut(box, INNER, at(0), 0);
    sendOut(box, INNER, at(1), 500);
    assert.deepEqual(box.outbound({ source: INNER, target: at(2) }, 600), {
      type: 'dropped',
      why: 'its table is full',
    });
    assert.deepEqual(sendOut(box, INNER, at(0), 600), first);
    assert.notEqual(sendOut(box, INNER, at(2), 1550), undefined);
  });
});

describe('as Linux does it', () => {
  test('an answer leaves by the port that the question came in on, though each destination has its own', () => {
    const box = natOf(symmetric({ filtering: 'endpoint-independent', allocation: 'random' }));
    const announced = sendOut(box, INNER, at(0)) ?? INNER;
    assert.deepEqual(sendIn(box, at(2), announced), { source: at(2), target: INNER });
    assert.deepEqual(sendOut(box, INNER, at(2)), announced);
  });

  test('a question from whom we sent to by another port comes in with another far port, and finds its way back', () => {
    const box = natOf(symmetric({ filtering: 'endpoint-independent', allocation: 'random' }));
    const announced = sendOut(box, INNER, at(0)) ?? INNER;
    const direct = sendOut(box, INNER, at(2));
    const shown = sendIn(box, at(2), announced);
    assert.ok(typeof shown !== 'string' && shown.source.port !== at(2).port);
    assert.equal(shown.source.address, at(2).address);
    assert.deepEqual(box.outbound({ source: INNER, target: shown.source }, 0), {
      type: 'passed',
      packet: { source: announced, target: at(2) },
    });
    assert.notDeepEqual(direct, announced);
  });

  test('a router that takes a packet for its own gives our port back after 30 s', () => {
    const box = natOf(plain({ unsolicited: 'accept' }));
    const before = sendOut(box, INNER, at(0), 0) ?? INNER;
    sendIn(box, at(2), before, 0);
    assert.deepEqual(sendOut(box, INNER, at(2), 30_000), before);
  });
});

function plain(rest: Partial<NatBehaviour> = {}): NatBehaviour {
  return nat('endpoint-independent', 'address-and-port-dependent', rest);
}

function symmetric(rest: Partial<NatBehaviour> = {}): NatBehaviour {
  return nat('address-and-port-dependent', 'address-and-port-dependent', rest);
}

function expected({ mapping, filtering, allocation, hairpinning, unsolicited }: NatBehaviour) {
  const isCounted = allocation === 'preserving' || allocation === 'sequential';
  return {
    mapping,
    filtering,
    allocation: isCounted ? allocation : 'other',
    hairpinning,
    poisonable: unsolicited === 'accept',
  };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalAddress } from '../../machines/endpoint.ts';
import { Admission, DEFAULT_ADMISSION } from '../../runtime/admission.ts';
import { pack, packedEndpoint } from '../../runtime/packed-endpoint.ts';
import { seededRandom } from '../../runtime/simulation/random.ts';
import { SeededHash } from '../../runtime/tables/seeded-hash.ts';
import type { PackedEndpoint } from '../../runtime/transport.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const SEED = 20_260_103;

describe('the budget of one source', () => {
  test('lets a burst through, and no more', () => {
    const { admitted } = limiter({ perSecond: 10, burst: 5 });
    assert.equal(admitted('192.0.2.1', 100), 5);
  });

  test('refills at its rate', () => {
    const { clock, admitted } = limiter({ perSecond: 10, burst: 5 });
    admitted('192.0.2.1', 5);
    clock.advance(99);
    assert.equal(admitted('192.0.2.1', 1), 0);
    clock.advance(1);
    assert.equal(admitted('192.0.2.1', 9), 1);
    clock.advance(300);
    assert.equal(admitted('192.0.2.1', 9), 3);
  });

  test('never grows beyond a burst', () => {
    const { clock, admitted } = limiter({ perSecond: 10, burst: 5 });
    admitted('192.0.2.1', 5);
    clock.advance(3_600_000);
    assert.equal(admitted('192.0.2.1', 100), 5);
  });

  test('is not used up by what is refused', () => {
    const { clock, admitted } = limiter({ perSecond: 10, burst: 5 });
    let total = admitted('192.0.2.1', 5);
    for (let step = 0; step < 1000; step += 1) {
      clock.advance(10);
      total += admitted('192.0.2.1', 3);
    }
    assert.ok(Math.abs(total - 105) <= 1, `${total} in 10 s`);
  });

  test('admits nobody when it is nothing', () => {
    assert.equal(limiter({ perSecond: 0, burst: 0 }).admitted('192.0.2.1', 3), 0);
  });

  test('is by default enough for hundreds of clients at one address', () => {
    assert.ok(DEFAULT_ADMISSION.burst >= 1000 && DEFAULT_ADMISSION.perSecond >= 500);
  });
});

describe('sources', () => {
  test('do not use up each other’s budget', () => {
    const { admitted } = limiter({ perSecond: 10, burst: 5 });
    assert.equal(admitted('192.0.2.1', 9), 5);
    assert.equal(admitted('192.0.2.2', 9), 5);
  });

  test('are addresses, whatever the port', () => {
    const { admission } = limiter({ perSecond: 10, burst: 5 });
    const admitted = Array.from({ length: 20 }, (_, port) => admission.admits(at('192.0.2.1', port + 1)));
    assert.equal(admitted.filter(Boolean).length, 5);
  });

  test('are networks of 64 bits in IPv6, since a host picks the rest as it likes', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    const halves = fc.array(group, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(halves, halves, halves, halves, (network, other, host, neighbour) => {
        const { admitted } = limiter({ perSecond: 0, burst: 1 });
        fc.pre(!isMapped([...network, ...host]) && !isMapped([...other, ...host]));
        fc.pre(network.join() !== other.join() && !isMapped([...network, ...neighbour]));
        assert.equal(admitted(ipv6(network, host), 1), 1);
        assert.equal(admitted(ipv6(network, neighbour), 1), 0, 'the same network');
        assert.equal(admitted(ipv6(other, host), 1), 1, 'another network');
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('are one network however its addresses are shortened', () => {
    const { admitted } = limiter({ perSecond: 0, burst: 1 });
    assert.equal(admitted('2001:db8:1::1', 1), 1);
    assert.equal(admitted('2001:db8:1:0:1::1', 1), 0);
  });

  test('are remembered while they are fewer than that, however many more come', () => {
    const { admitted } = limiter({ perSecond: 0, burst: 1 });
    const addresses = Array.from({ length: 1000 }, (_, number) => `10.0.${number >> 8}.${number & 255}`);
    for (const address of addresses) assert.equal(admitted(address, 1), 1);
    assert.equal(addresses.filter((address) => admitted(address, 1) > 0).length, 0);
  });

  test('are forgotten when there are too many, the one that was silent longest first', () => {
    const { admitted } = limiter({ perSecond: 0, burst: 1 });
    admitted('192.0.2.1', 1);
    admitted('192.0.2.2', 1);
    for (let number = 0; number < 65_535; number += 1) {
      admitted(`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`, 1);
      if (number % 1000 === 0) assert.equal(admitted('192.0.2.2', 1), 0);
    }
    assert.equal(admitted('192.0.2.2', 1), 0);
    assert.equal(admitted('192.0.2.1', 1), 1);
  });
});

function limiter(limits: { perSecond: number; burst: number }) {
  const clock = createVirtualClock();
  const admission = new Admission(clock, new SeededHash(seededRandom(SEED)), limits);
  const admitted = (address: string, tries: number) =>
    Array.from({ length: tries }, () => admission.admits(at(address, 1))).filter(Boolean).length;
  return { clock, admission, admitted };
}

function at(address: string, port: number): PackedEndpoint {
  const endpoint = packedEndpoint();
  pack({ address, port }, endpoint);
  return endpoint;
}

function ipv6(network: readonly number[], host: readonly number[]): string {
  const address = canonicalAddress([...network, ...host].map((group) => group.toString(16)).join(':'));
  assert.ok(address !== undefined);
  return address;
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

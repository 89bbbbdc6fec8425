import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ECHO_MS, PROBE_NONCE_MS } from '../../machines/timing.ts';
import { Paths } from '../../runtime/sealed/paths.ts';
import { seededEntropy } from '../../runtime/secrecy/seeded-entropy.ts';
import { endpoint } from '../support/memory-network.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const here = endpoint('198.51.100.10:5000');
const there = endpoint('203.0.113.20:6000');
const elsewhere = endpoint('203.0.113.20:6001');

function both() {
  const clock = createVirtualClock();
  return { clock, own: new Paths(clock, seededEntropy(1)), peers: new Paths(clock, seededEntropy(2)) };
}

describe('a path', () => {
  test('works when what was sent there comes back from there', () => {
    const { own, peers } = both();
    const first = own.probe(there, true);
    assert.equal(first.echo, null);
    assert.equal(peers.heard(here, first), false);
    const second = peers.probe(here, true);
    assert.equal(own.heard(there, second), true);
    assert.equal(peers.heard(here, own.probe(there, false)), true);
  });

  test('does not when it comes back from elsewhere', () => {
    const { own, peers } = both();
    peers.heard(here, own.probe(there, true));
    assert.equal(own.heard(elsewhere, peers.probe(here, true)), false);
  });

  test('does not when what comes back is older than ten seconds', () => {
    for (const [laterMs, works] of [
      [PROBE_NONCE_MS - 1, true],
      [PROBE_NONCE_MS, false],
    ] as const) {
      const { clock, own, peers } = both();
      peers.heard(here, own.probe(there, true));
      clock.advance(laterMs);
      assert.equal(own.heard(there, peers.probe(here, true)), works);
    }
  });

  test('brings back the last that was heard there, for fifteen seconds', () => {
    const { clock, own, peers } = both();
    own.heard(there, peers.probe(here, true));
    const last = peers.probe(here, true);
    own.heard(there, last);
    own.heard(elsewhere, peers.probe(here, true));
    clock.advance(ECHO_MS - 1);
    assert.deepEqual(own.probe(there, true).echo, last.nonce);
    clock.advance(1);
    assert.equal(own.probe(there, true).echo, null);
  });

  test('that was not used for longest is forgotten when there are too many', () => {
    const { own, peers } = both();
    const answerTo = (to: typeof there) => {
      peers.heard(here, own.probe(to, true));
      return peers.probe(here, true);
    };
    const answer = answerTo(there);
    for (let port = 1; port <= 15; port += 1) own.probe({ ...elsewhere, port }, true);
    assert.equal(own.heard(there, answer), true);
    const second = answerTo(there);
    for (let port = 100; port < 116; port += 1) own.probe({ ...elsewhere, port }, true);
    assert.equal(own.heard(there, second), false);
  });

  test('has another nonce for each probe', () => {
    const { own } = both();
    const nonces = Array.from({ length: 100 }, () => own.probe(there, true).nonce.join());
    assert.equal(new Set(nonces).size, 100);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from '../../machines/wire.ts';
import type { Transport } from '../../runtime/transport.ts';
import { access, endpoint, MemoryNetwork } from '../support/memory-network.ts';

const HERE = '192.0.2.1:1';
const THERE = '192.0.2.2:2';

describe('the network in memory', () => {
  test('delays by both accesses', () => {
    const { network, here, arrivals } = two(access({ delayMs: 10 }), access({ delayMs: 15 }));
    say(here, 'hi');
    network.clock.advance(24);
    assert.deepEqual(arrivals, []);
    network.clock.advance(1);
    assert.deepEqual(arrivals, ['25 hi']);
  });

  test('loses, doubles and reorders about as often as it is told', () => {
    const rough = access({ delayMs: 10, jitterMs: 50, loss: 0.2, duplication: 0.1 });
    const { network, here, arrivals } = two(rough, access());
    for (let number = 0; number < 10_000; number += 1) {
      say(here, String(number));
      network.clock.advance(1);
    }
    network.clock.advance(1000);
    const numbers = arrivals.map((arrival) => Number(arrival.split(' ')[1]));
    const arrived = new Set(numbers).size;
    assert.ok(arrived > 7800 && arrived < 8200, `${arrived} of 10,000 arrived`);
    assert.ok(Math.abs(numbers.length - arrived * 1.1) < 150, `${numbers.length - arrived} doubled`);
    assert.ok(numbers.some((number, index) => number < (numbers[index - 1] ?? 0)));
    assert.equal(network.log.filter(({ fate }) => fate === 'carried').length, arrived);
  });

  test('is the same for the same seed, and another for another', () => {
    const run = (seed: number) => {
      const { network, here, arrivals } = two(access({ delayMs: 5, jitterMs: 9, loss: 0.5 }), access(), seed);
      for (let number = 0; number < 100; number += 1) say(here, String(number));
      network.clock.advance(100);
      return arrivals.join();
    };
    assert.equal(run(1), run(1));
    assert.notEqual(run(1), run(2));
  });

  test('lets a datagram die whose hops are used up', () => {
    const { network, here, arrivals } = two(access({ routers: 1 }), access({ routers: 1 }));
    here.send(endpoint(THERE), encode({ type: 'message', text: 'two' }), 2);
    here.send(endpoint(THERE), encode({ type: 'message', text: 'three' }), 3);
    network.clock.advance(0);
    assert.deepEqual(arrivals, ['0 three']);
    assert.deepEqual(
      network.log.map(({ fate }) => fate),
      ['dead', 'carried'],
    );
  });

  test('drops what is for nobody, and what arrives after closing', async () => {
    const { network, here, there, arrivals } = two(access({ delayMs: 10 }), access());
    here.send(endpoint('192.0.2.3:3'), encode({ type: 'registerAck' }));
    say(here, 'late');
    await there.close();
    network.clock.advance(100);
    assert.deepEqual(arrivals, []);
    network.open(THERE);
  });
});

function two(here: ReturnType<typeof access>, there: ReturnType<typeof access>, seed = 7) {
  const network = new MemoryNetwork(seed);
  const arrivals: string[] = [];
  const sockets = { here: network.open(HERE, here), there: network.open(THERE, there) };
  sockets.there.listen({
    datagram: (_, bytes) =>
      arrivals.push(`${network.clock.now()} ${new TextDecoder().decode(bytes.subarray(2))}`),
  });
  return { network, arrivals, ...sockets };
}

function say(from: Transport, text: string): void {
  from.send(endpoint(THERE), encode({ type: 'message', text }));
}

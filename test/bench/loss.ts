import { setImmediate } from 'node:timers/promises';
import type { Link } from '../../runtime/link.ts';
import { PeerHost } from '../../runtime/peer.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { type Access, access, endpoint, MemoryNetwork } from '../support/memory-network.ts';
import { type Benchmark, brief, type Figure, quantile } from './figures.ts';

const ATTEMPTS = 200;
const ROUNDS = 3;
const BUDGET_MS = 10_000;
const SERVER = '192.0.2.1:39738';

/** The same attempts with and without loss, in virtual time: a seed gives the same figures on every machine. */
export const loss: Benchmark = {
  async run(progress) {
    const clean = await timeToConnect(access({ delayMs: 25 }), 1);
    const figures: Figure[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const times: number[] = [];
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const seed = 1 + round * ATTEMPTS + attempt;
        times.push(await timeToConnect(access({ delayMs: 25, loss: 0.2 }), seed));
        progress('connecting', (round * ATTEMPTS + attempt) / (ROUNDS * ATTEMPTS));
      }
      figures.push(figureOf(times, clean, round));
    }
    return figures;
  },
};

function figureOf(times: readonly number[], cleanMs: number, round: number): Figure {
  const connected = times.filter((ms) => ms <= BUDGET_MS).length;
  const [p50Ms, p90Ms, p99Ms, slowestMs] = [0.5, 0.9, 0.99, 1].map((share) => quantile(times, share)) as [
    number,
    number,
    number,
    number,
  ];
  return {
    what: `connect with 20 % loss each way, seeds ${1 + round * ATTEMPTS} to ${(round + 1) * ATTEMPTS}`,
    measured:
      `${connected} of ${times.length}; virtual ms: p50 ${brief(p50Ms)}, p90 ${brief(p90Ms)}, ` +
      `p99 ${brief(p99Ms)}, slowest ${brief(slowestMs)}`,
    reference: `without loss ${brief(cleanMs)} ms`,
    target: `${ATTEMPTS} of ${ATTEMPTS} within ${BUDGET_MS / 1000} s`,
    met: connected === times.length,
    values: { connected, p50Ms, p90Ms, p99Ms, slowestMs, cleanMs },
  };
}

/** Virtual ms from the request until both are connected; infinite if they are not in time. */
async function timeToConnect(through: Access, seed: number): Promise<number> {
  const network = new MemoryNetwork(seed);
  const stage = { clock: network.clock, random: network.random };
  new Rendezvous(stage, network.open(SERVER));
  const peer = (name: string, where: string) => {
    const host = new PeerHost(stage, { name, server: SERVER });
    host.opened(network.open(where, through), endpoint(SERVER));
    return host;
  };
  const alice = peer('alice', '198.51.100.10:5000');
  const bob = peer('bob', '203.0.113.20:6000');
  while (alice.state !== 'registered' || bob.state !== 'registered') network.clock.advance(100);
  const asked = alice.link('bob');
  let called: Link | undefined;
  (async () => {
    for await (const link of bob.links) called ??= link;
  })();
  const startedAt = network.clock.now();
  while (network.clock.now() - startedAt <= BUDGET_MS) {
    network.clock.advance(1);
    await setImmediate();
    if (asked.state === 'connected' && called?.state === 'connected') return network.clock.now() - startedAt;
  }
  return Number.POSITIVE_INFINITY;
}

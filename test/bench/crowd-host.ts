/**
 * A program: a server without a kernel that a crowd registers at, and that forgets all of it at once. Arguments: the
 * protocol, and how many.
 *
 * A million handshakes of protocol 2 take both sides ten minutes. What a session keeps does not depend on how its keys
 * were agreed on, so that here they are drawn.
 */
import { REGISTER } from '../../machines/wire.ts';
import { type Clock, realAmbient, realEntropy } from '../../runtime/ambient.ts';
import { Counters } from '../../runtime/counters.ts';
import { memoryLeases } from '../../runtime/identity/leases/leases.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import { SealedService } from '../../runtime/sealed-service.ts';
import { createKeyPair } from '../../runtime/secrecy/keys.ts';
import { sealInto } from '../../runtime/secrecy/seal.ts';
import { SeededHash } from '../../runtime/tables/seeded-hash.ts';
import { serve } from './helper.ts';
import { nameOf, PackedWire, placeOf, writeMessage } from './packed-wire.ts';

/** What the crowd has made the process grow. */
export type CrowdGreeting = { readonly residentBytes: number };

/** How long the longest of the turns took in which the crowd was forgotten, how much CPU time, and how many there were. */
export type CrowdAnswer = {
  readonly longestMs: number;
  readonly longestCpuMs: number;
  readonly turns: number;
};

const TTL_MS = 3_600_000;

const [protocol, count] = process.argv.slice(2).map(Number) as [number, number];
let ahead = 0;
let longestMs = 0;
let longestCpuMs = 0;
let turns = 0;
let expire: (() => void) | undefined;

/** The real clock, on which an hour can be skipped: the timer for that is held back. */
const clock: Clock = {
  now: () => realAmbient.clock.now() + ahead,
  setTimeout: (run, delayMs) => {
    const timed = () => {
      const startedAt = performance.now();
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      longestCpuMs = Math.max(longestCpuMs, (user + system) / 1000);
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      turns += 1;
    };
    if (delayMs < TTL_MS / 2) return realAmbient.clock.setTimeout(timed, delayMs);
    expire = timed;
    return undefined;
  },
  clearTimeout: (timer) => realAmbient.clock.clearTimeout(timer),
};

const before = resident();
const server = await (protocol === 1 ? openPlain() : openSealed());
if (server.size() !== count) throw new Error(`${server.size()} of ${count} are registered`);

serve<'expire', CrowdAnswer>({ residentBytes: resident() - before }, forgetAll, server.close);

async function forgetAll(): Promise<CrowdAnswer> {
  [longestMs, longestCpuMs, turns, ahead] = [0, 0, 0, TTL_MS + 1];
  expire?.();
  while (server.size() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return { longestMs, longestCpuMs, turns };
}

async function openPlain() {
  const wire = new PackedWire();
  const admission = { perSecond: 1e9, burst: 1e9 };
  const host = new Rendezvous({ ...realAmbient, clock }, wire, {
    maxClients: count,
    ttlMs: TTL_MS,
    admission,
  });
  const bytes = new Uint8Array(128);
  for (let index = 0; index < count; index += 1)
    wire.deliver(placeOf(index), bytes, writeMessage(bytes, REGISTER, index));
  return { size: () => host.status().clients, close: () => host.close() };
}

async function openSealed() {
  const leases = memoryLeases({ now: () => 0, leasesMax: count });
  const service = new SealedService(
    { ...realAmbient, clock },
    {
      ...{ keys: createKeyPair(realEntropy), entropy: realEntropy, leases, maxClients: count, ttlMs: TTL_MS },
      ...{ hash: new SeededHash(realAmbient.random), counters: new Counters() },
      isTaken: () => false,
      send: () => {},
    },
  );
  const nothing = new Uint8Array(60);
  const datagram = new Uint8Array(50);
  datagram[0] = 20;
  for (let index = 0; index < count; index += 1) {
    const [key, sendKey, receiveKey] = [realEntropy(32), realEntropy(32), realEntropy(32)];
    await leases.grant(nameOf(index), key);
    const accept = (admittance: Uint8Array) => {
      datagram.set(admittance.subarray(1, 9), 1);
      return { message: nothing, channel: { sendKey, receiveKey, hash: nothing } };
    };
    service.begin({
      ...{ from: { ...placeOf(index) }, nonce: nothing.subarray(0, 8), ephemeral: realEntropy(32) },
      ...{ response: { remoteKey: key, payload: nothing, accept }, name: nameOf(index) },
    });
    // The first keepalive, from which a session counts.
    sealInto(datagram.subarray(17), nothing.subarray(0, 17), datagram.subarray(0, 17), 0, receiveKey);
    service.receive(placeOf(index), datagram, datagram.length);
  }
  return { size: () => service.size, close: () => service.close() };
}

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

import { networkInterfaces } from 'node:os';
import { type Endpoint, endpointOf, isIpv6 } from '../machines/endpoint.ts';
import type { Clock } from './ambient.ts';
import { isPrivate } from './sealed/candidates.ts';

/** Between looks at this machine's addresses: a person who changes networks does not wait long, and looking is cheap. */
const LOOK_MS = 2_000;

/** A timer that is late by more than this has slept, and the machine with it. */
const SLEPT_MS = 10_000;

/**
 * Calls back when this machine has other addresses than before, or has woken from sleep. `wallClock` tells ms that go
 * on in sleep. Returns what ends it.
 */
export function watchNetwork(
  clock: Clock,
  wallClock: () => number,
  changed: () => void,
  addresses: () => readonly string[] = ownAddresses,
): () => void {
  let before = addresses().join();
  let lookedAt = wallClock();
  let timer: unknown;
  const look = () => {
    const now = addresses().join();
    const hasSlept = wallClock() - lookedAt > LOOK_MS + SLEPT_MS;
    if (now !== before || hasSlept) changed();
    before = now;
    lookedAt = wallClock();
    plan();
  };
  const plan = () => {
    timer = clock.setTimeout(look, LOOK_MS);
    // A watch alone keeps no program from ending.
    (timer as { unref?(): void }).unref?.();
  };
  plan();
  return () => clock.clearTimeout(timer);
}

/** This machine's private addresses of one version of IP, with the port that its socket has. */
export function privateEndpoints({ address, port }: Endpoint): readonly Endpoint[] {
  return ownAddresses()
    .filter((own) => isIpv6(own) === isIpv6(address))
    .flatMap((own) => endpointOf(own, port) ?? [])
    .filter(isPrivate);
}

/** All but the machine's own to itself, in an order that stays. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort();
}

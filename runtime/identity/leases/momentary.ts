import { sameKey } from '../../secrecy/keys.ts';
import type { Grant } from './leases.ts';

/** Leases that end with the process, never run out, and are granted at once: virtual time does not wait for promises. */
export function momentaryLeases() {
  const holders = new Map<string, Uint8Array>();
  return {
    holderOf: (name: string) => holders.get(name),
    grant: (name: string, key: Uint8Array): Grant => {
      const holder = holders.get(name);
      if (holder !== undefined && !sameKey(holder, key)) return 'held';
      holders.set(name, key);
      return 'granted';
    },
    renew: () => {},
  };
}

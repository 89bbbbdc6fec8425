import { type Access, access, accessKinds, nat } from './behaviour.ts';

/** Everything that can be simulated by name: what the kernel can build, and what it cannot. */
export const simulatedKinds = {
  ...accessKinds,
  'ipv6-firewall': { ...access(nat('none', 'address-and-port-dependent')), family: 6 },
  /** A large carrier's, by the book (RFC 6888): blocks of ports on a few addresses, behind the customer's own router. */
  'carrier-grade-block': access(
    nat('endpoint-independent', 'address-and-port-dependent', { allocation: 'range' }),
    nat('endpoint-independent', 'endpoint-independent', {
      allocation: 'block',
      blockSize: 512,
      pool: 4,
      hairpinning: true,
    }),
  ),
  /** Forgets after 20 s, sooner than any chart refreshes, and only what goes out counts. */
  'forgetful-router': access(
    nat('endpoint-independent', 'address-and-port-dependent', { lifetimeMs: 20_000, refresh: 'outbound' }),
  ),
} as const satisfies Record<string, Access>;

export type SimulatedKind = keyof typeof simulatedKinds;

/** Whether `text` names one of {@link simulatedKinds}. */
export function isSimulatedKind(text: string): text is SimulatedKind {
  return Object.hasOwn(simulatedKinds, text);
}

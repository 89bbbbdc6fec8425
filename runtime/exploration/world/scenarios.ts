/** The worlds that are explored, and what is expected of each. */
import type { BoundName } from './bounds.ts';
import type { NatKind } from './nat.ts';
import type { PropertyName } from './properties.ts';

export type Scenario = {
  readonly name: string;
  readonly nats: readonly [NatKind, NatKind];
  readonly asking: 'alice' | 'both';
  readonly bounds: Partial<Record<BoundName, number>>;
  /** What protocol 1 cannot hold here, each with the reason. The runs that show it are kept as witnesses. */
  readonly broken: Partial<Record<PropertyName, string>>;
};

const noKeys = 'protocol 1 has no keys: whoever forges the server’s address is taken for the server';
const noPath =
  'no path: one side’s port is known to nobody, and the other admits only the port that it was told of';
const noProof =
  'protocol 1 proves no address: the introduction goes to a client that did not ask, and is longer than the request';
const sharedName =
  'protocol 1 proves no address: a forged Register of another name at a client’s address ends its session';

const noRoom =
  'a full server pushes nobody out: a client whose session has ended is told so for as long as others fill it';

/** Timers in the order of the clock, where that makes no more than some 600,000 states: it makes three times as many. */
const inOrder = { ordered: 1 } as const;

/** Bounds that make a scenario small enough for a test: long waits do not cross packets. */
export const briefly = { ordered: 0, quiet: 1 } as const;

const forgery = {
  bounds: { flight: 1, forgeries: 2, ...briefly },
  broken: {
    connectedGiven: noKeys,
    sentGiven: noKeys,
    notDisplaced: sharedName,
    requestAmplifies: noProof,
  },
} as const;

export const scenarios: readonly Scenario[] = [
  scenario('without NATs', 'none', 'none', { bounds: inOrder }),
  scenario('both ask', 'none', 'none', { asking: 'both', bounds: inOrder }),
  scenario('port-restricted NATs that forget', 'port-restricted', 'port-restricted', {
    bounds: { forgets: 1 },
  }),
  scenario('both ask, port-restricted NATs', 'port-restricted', 'port-restricted', {
    asking: 'both',
    bounds: inOrder,
  }),
  scenario('a symmetric NAT and a full cone', 'symmetric', 'full-cone', { bounds: inOrder }),
  scenario('a symmetric NAT and a port-restricted one', 'symmetric', 'port-restricted', {
    bounds: inOrder,
    broken: { canMeet: noPath },
  }),
  scenario('symmetric NATs', 'symmetric', 'symmetric', { bounds: inOrder, broken: { canMeet: noPath } }),
  scenario('symmetric NATs that let everything in', 'symmetric-open', 'symmetric-open', {
    bounds: { ports: 3, ...briefly },
  }),
  scenario('the server is restarted', 'none', 'none', { bounds: { outages: 1 } }),
  scenario('a session ends', 'none', 'none', { bounds: { expiries: 1 } }),
  scenario('a client comes back at another port', 'none', 'none', { bounds: { restarts: 1 } }),
  scenario('a client leaves', 'none', 'none', { bounds: { leaves: 1, ...inOrder } }),
  scenario('a full server', 'none', 'none', {
    bounds: { capacity: 1, expiries: 1, ...inOrder },
    broken: { clientsArrive: noRoom, canMeet: noRoom },
  }),
  scenario('a stranger forges', 'none', 'none', forgery),
  scenario('a stranger forges, port-restricted NATs', 'port-restricted', 'port-restricted', forgery),
];

function scenario(
  name: string,
  alice: NatKind,
  bob: NatKind,
  rest: Partial<Pick<Scenario, 'asking' | 'bounds' | 'broken'>> = {},
): Scenario {
  return { name, nats: [alice, bob], asking: 'alice', bounds: {}, broken: {}, ...rest };
}

/** Everything that limits a sealed world. Without limits there is no end to it; each is printed with the verdicts. */
import { readBounds } from '../world/bounds.ts';

export const boundTexts = {
  flight: 'packets in flight at once, held back ones too; one sent beyond that is lost',
  copies: 'whether packets may be delivered more than once (0 or 1); sealed ones are opened once in any case',
  losses: 'whether packets may be lost (0 or 1)',
  forgeries: 'things that the attacker makes up, or delivers as if from elsewhere',
  insider: 'whether the attacker has a session of its own from the beginning (0 or 1)',
  evil: 'whether the attacker is the server (0 or 1)',
  clients: 'how many clients there are (1: alice alone, or 2)',
  asking: 'how many of the two want to meet the other (0; 1: alice; or 2)',
  registered: 'whether both are registered when it begins (0 or 1)',
  settled: 'whether registrations stay as they are: no timer of a client or a session ends (0 or 1)',
  brisk: 'whether waits of 5 s and more in registrations do not end (0 or 1)',
  known: 'whether the two know each other’s keys beforehand (0 or 1)',
  candidates: 'whether each names other addresses, one of them not its own (0 or 1)',
  oneWay: 'whether nothing gets from bob straight to alice (0 or 1)',
  nats: 'whether both are behind port-restricted NATs (0 or 1)',
  moves: 'clients that move to another address',
  restarts: 'clients that come back as a new process with the same keys',
  leaves: 'clients that leave; their farewell may be lost',
  outages: 'restarts of the server, which forgets everything but the leases',
  agings: 'times at which what was sent as a probe has become too old to count',
  sessions: 'sessions that anybody can still speak of (2 to 4); a Register beyond that is lost',
  introductions: 'introductions that the server remembers (1 or 2); one beyond that is not begun',
  calls: 'calls of one client that anybody can still speak of (1 to 3); one beyond that is not begun',
  pairs: 'pairs of keys that anybody can still speak of (1 to 3); likewise',
  capacity: 'sessions that the server holds',
  quiet: 'whether waits of 5 s and more end only when nothing is in flight (0 or 1)',
  ordered: 'whether the timers of one chart keep the order that their delays give them (0 or 1)',
  states: 'composed states in one scenario, in thousands; a scenario that has more is not judged',
} as const;

export type BoundName = keyof typeof boundTexts;
export type Bounds = Readonly<Record<BoundName, number>>;

export const defaultBounds: Bounds = {
  flight: 2,
  copies: 1,
  losses: 1,
  forgeries: 0,
  insider: 0,
  evil: 0,
  clients: 2,
  asking: 1,
  registered: 0,
  settled: 0,
  brisk: 0,
  known: 1,
  candidates: 0,
  oneWay: 0,
  nats: 0,
  moves: 0,
  restarts: 0,
  leaves: 0,
  outages: 0,
  agings: 0,
  sessions: 4,
  introductions: 1,
  calls: 2,
  pairs: 2,
  capacity: 4,
  quiet: 1,
  ordered: 0,
  states: 3_000,
};

const highest: Bounds = {
  ...{
    flight: 6,
    copies: 1,
    losses: 1,
    forgeries: 5,
    insider: 1,
    evil: 1,
    clients: 2,
    asking: 2,
    registered: 1,
  },
  ...{ settled: 1, brisk: 1, known: 1, candidates: 1, oneWay: 1, nats: 1, moves: 2, restarts: 3, leaves: 2 },
  ...{ outages: 1, agings: 3, sessions: 4, introductions: 2, calls: 3, pairs: 3, capacity: 4 },
  ...{ quiet: 1, ordered: 1, states: 30_000 },
};

/** Reads `flight=3,restarts=1`, or says as a sentence what is wrong with it. */
export function parseSealedBounds(text: string): Partial<Record<BoundName, number>> | string {
  const names = Object.keys(boundTexts) as BoundName[];
  return readBounds(text, names, (name) => [
    name === 'sessions' ? 2 : Number(atLeastOne.includes(name)),
    highest[name],
  ]);
}

const atLeastOne: readonly BoundName[] = [
  ...(['flight', 'clients', 'introductions', 'calls', 'pairs', 'capacity', 'states'] as const),
];

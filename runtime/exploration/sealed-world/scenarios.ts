/** The sealed worlds that are explored. In all of them everything must hold. */
import type { BoundName } from './bounds.ts';

export type SealedScenario = {
  readonly name: string;
  readonly bounds: Partial<Record<BoundName, number>>;
};

const alone = { clients: 1, asking: 0, sessions: 3 } as const;
const met = { registered: 1, settled: 1 } as const;

export const sealedScenarios: readonly SealedScenario[] = [
  scenario('a client registers', alone),
  scenario('a client registers, and is meddled with once', { ...alone, forgeries: 1 }),
  scenario('a client registers, and is meddled with twice', { ...alone, forgeries: 2, flight: 1 }),
  scenario('the server is restarted', { ...alone, outages: 1 }),
  scenario('a client moves', { ...alone, moves: 1, flight: 1 }),
  scenario('a client moves, and is meddled with', { ...alone, moves: 1, flight: 1, forgeries: 1 }),
  scenario('from the beginning', { brisk: 1, flight: 1, sessions: 3 }),
  scenario('the server is restarted under a call', {
    ...{ registered: 1, brisk: 1, flight: 1, sessions: 3, outages: 1 },
  }),
  scenario('one asks', met),
  scenario('one asks, without knowing the other’s key', { ...met, known: 0 }),
  scenario('both ask', { ...met, asking: 2, introductions: 2, flight: 1 }),
  scenario('port-restricted NATs', { ...met, nats: 1 }),
  scenario('other addresses are named', { ...met, candidates: 1 }),
  scenario('a path in one direction', { ...met, oneWay: 1 }),
  scenario('probes grow old', { ...met, agings: 1 }),
  scenario('a client comes back', { ...met, restarts: 1 }),
  scenario('a client leaves', { ...met, leaves: 1 }),
  scenario('a client moves under a call', { ...met, moves: 1, flight: 1 }),
  scenario('a client moves, behind port-restricted NATs', { ...met, moves: 1, flight: 1, nats: 1 }),
  scenario('an insider meddles with a call once', { ...met, insider: 1, forgeries: 1 }),
  scenario('an insider meddles with a call twice', { ...met, insider: 1, forgeries: 2, flight: 1 }),
  scenario('a server that lies', { ...met, evil: 1, forgeries: 3, flight: 1 }),
];

function scenario(name: string, bounds: SealedScenario['bounds']): SealedScenario {
  return { name, bounds };
}

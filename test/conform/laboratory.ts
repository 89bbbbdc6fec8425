/** A server under test on a network in memory: hours of it pass at once. */
import { setImmediate } from 'node:timers/promises';
import {
  type Conformance,
  type ConformOptions,
  conform,
  type Plan,
} from '../../runtime/conformance/conform.ts';
import type { Contact } from '../../runtime/conformance/contact.ts';
import type { StepResult } from '../../runtime/conformance/perform.ts';
import type { Repair } from '../../runtime/conformance/repairs.ts';
import { PunchError } from '../../runtime/errors.ts';
import { Rendezvous } from '../../runtime/rendezvous.ts';
import type { Transport } from '../../runtime/transport.ts';
import { access, endpoint, MemoryNetwork } from '../support/memory-network.ts';

export const SERVER = '192.0.2.1:39738';
const HERE = '198.51.100.1';
const ABROAD = '198.51.100.2';

export const TTL_MS = 90_000;

/** Whether an address is that of the stranger. */
export function isAbroad({ address }: { readonly address: string }): boolean {
  return address === ABROAD;
}

/** Starts a server on a socket of a network. */
export type StartServer = (transport: Transport, network: MemoryNetwork) => void;

export const ours: StartServer = (transport, network) => {
  new Rendezvous({ clock: network.clock, random: network.random }, transport, { ttlMs: TTL_MS });
};

export type Experiment = Partial<Pick<ConformOptions, 'isSlow' | 'isOrderSeen' | 'signal' | 'timeoutMs'>> & {
  readonly hasAbroad?: boolean;
  /** From 0 to 1, each way. */
  readonly loss?: number;
  /** Each way, in ms. */
  readonly delayMs?: number;
  readonly finished?: () => void;
};

export type Finding = Conformance & {
  readonly contact: Contact | undefined;
  readonly plan: Plan | undefined;
  readonly network: MemoryNetwork;
};

/** Drives a server to the end, in virtual time. */
export async function examine(start: StartServer, experiment: Experiment = {}): Promise<Finding> {
  const { hasAbroad = true, loss = 0, delayMs = 10, isSlow = false, isOrderSeen = true } = experiment;
  const network = new MemoryNetwork();
  start(network.open(SERVER, access()), network);
  const through = access({ loss, delayMs });
  let port = 5000;
  let contact: Contact | undefined;
  let plan: Plan | undefined;
  let isOver = false;
  const outcome = conform({
    server: endpoint(SERVER),
    clock: network.clock,
    run: 'conform-test',
    timeoutMs: experiment.timeoutMs ?? 2000,
    ttlMs: TTL_MS,
    isSlow,
    isOrderSeen,
    signal: experiment.signal ?? new AbortController().signal,
    open: async (where) => {
      if (where === 'abroad' && !hasAbroad) throw new PunchError('addressUnavailable', 'There is no other.');
      port += 1;
      return network.open(`${where === 'here' ? HERE : ABROAD}:${port}`, through);
    },
    observer: {
      began: (met, planned) => {
        contact = met;
        plan = planned;
      },
      waits: () => {},
      finished: () => experiment.finished?.(),
    },
  }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    network.clock.runNext();
    await setImmediate();
  }
  return { ...(await outcome), contact, plan, network };
}

export function deviationsIn({ results }: Conformance): readonly StepResult[] {
  return results.flatMap(({ steps }) => steps.filter(({ verdict }) => verdict.type === 'deviates'));
}

/** The repairs that are missing, each once. */
export function repairsMissingIn({ results }: Conformance): readonly Repair[] {
  const verdicts = results.flatMap(({ steps }) => steps.map(({ verdict }) => verdict));
  return [
    ...new Set(verdicts.flatMap((verdict) => (verdict.type === 'repair' ? [verdict.repair] : []))),
  ].sort();
}

import { decodeEnvelope, type Envelope } from '../../machines/envelope.ts';
import type { Clock } from '../ambient.ts';
import { Budget } from '../budget.ts';
import { hex } from './hex.ts';

/**
 * What the links of one client ask their server for together, so that 64 of them that lose their paths at once leave
 * room for calls in what the server grants: 5 a second and 50 at once, and 64 that it remembers for 10 s.
 */
const RENEWALS = { perSecond: 3, burst: 25 };

export function renewalBudget(clock: Clock): Budget {
  return new Budget(clock, RENEWALS);
}

export type PairEnvelope = Extract<Envelope, { readonly type: 'pair' }>;

/** An offer or an answer as what a peer has sealed under keys that both have already, and the name of these keys. */
export function sealedIn(
  carried: Uint8Array,
): { readonly pair: string; readonly envelope: PairEnvelope } | undefined {
  const envelope = decodeEnvelope(carried);
  if (typeof envelope === 'string' || envelope.type !== 'pair') return undefined;
  return { pair: hex(envelope.pair), envelope };
}

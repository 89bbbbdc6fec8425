/** Introductions anew, of peers that have keys for each other: offer and answer are sealed under these. */
import { decodeEnvelope, type Envelope } from '../../machines/envelope.ts';
import type { ToClient } from '../../machines/letter-server.ts';
import type { Clock } from '../ambient.ts';
import { Budget } from '../budget.ts';
import { acceptableTo } from './candidates.ts';
import { hex } from './hex.ts';
import type { LinkTable } from './link-table.ts';
import type { Office } from './office.ts';
import type { SealedLink } from './sealed-link.ts';

export type PairEnvelope = Extract<Envelope, { readonly type: 'pair' }>;

/**
 * What the links of one client ask their server for together, so that 64 of them that lose their paths at once leave
 * room for calls in what the server grants: 5 a second and 50 at once, and 64 that it remembers for 10 s.
 */
const RENEWALS = { perSecond: 3, burst: 25 };

export function renewalBudget(clock: Clock): Budget {
  return new Budget(clock, RENEWALS);
}

export class Renewals {
  readonly #office: Office;
  readonly #links: LinkTable;

  constructor(office: Office, links: LinkTable) {
    this.#office = office;
    this.#links = links;
  }

  /** A peer that has our keys already tells where else it is, and is told the same. False: it is a call, which is for others. */
  offered(
    { offer, remote }: Extract<ToClient, { readonly type: 'holePunchInitiate' }>,
    accept: (answered: { readonly link: SealedLink; readonly answer: Uint8Array }) => void,
  ): boolean {
    const sealed = sealedIn(offer);
    const link = sealed === undefined ? undefined : this.#links.paired(hex(sealed.pair));
    if (sealed === undefined || link === undefined) return false;
    const named = link.openWhereabouts(sealed);
    const answer = named === undefined ? undefined : link.sealWhereabouts();
    if (named === undefined || answer === undefined) return true;
    accept({ link, answer });
    link.renewed(remote, acceptableTo(this.#office, named, remote));
    return true;
  }

  /** The peer that we have asked for has answered. */
  answered(
    link: SealedLink,
    { remote, answer }: Extract<ToClient, { readonly type: 'holePunchAnswer' }>,
  ): void {
    const sealed = sealedIn(answer);
    if (sealed === undefined || hex(sealed.pair) !== link.pair)
      return this.#office.counters.count('ignored.forged');
    const named = link.openWhereabouts(sealed);
    if (named !== undefined) link.renewed(remote, acceptableTo(this.#office, named, remote));
  }
}

/** What the server has carried, if it looks like something that is sealed under the keys of a pair. */
function sealedIn(carried: Uint8Array): PairEnvelope | undefined {
  const envelope = decodeEnvelope(carried);
  return typeof envelope === 'string' || envelope.type !== 'pair' ? undefined : envelope;
}

import type { ClientPhase } from '../../machines/client.ts';
import type { LinkPhase } from '../../machines/link.ts';
import type { PunchErrorCode } from '../errors.ts';

/** How far a client and its one link have come in a run. */
export type Part = {
  client: ClientPhase | undefined;
  link: LinkPhase | undefined;
  reason: PunchErrorCode | undefined;
  connectedAtMs: number | undefined;
};

export function newPart(): Part {
  return { client: undefined, link: undefined, reason: undefined, connectedAtMs: undefined };
}

export function isDone(link: LinkPhase | undefined): boolean {
  return link === 'connected' || link === 'failed' || link === 'lost' || link === 'closed' || link === 'left';
}

export function isEnded(client: ClientPhase | undefined): boolean {
  return client === 'failed' || client === 'stopped';
}

export function isSettled(client: ClientPhase | undefined): boolean {
  return client === 'registered' || isEnded(client);
}

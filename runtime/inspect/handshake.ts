/**
 * How a source and a hub make sure of each other. The source asks a challenge in its request and the hub proves in
 * its response that it knows the user's secret, or it would get no chart; the hub's own challenge is answered in the
 * first frame. Proofs hold for one connection to one port.
 */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Clock } from '../ambient.ts';
import { LOOPBACK } from './gate.ts';
import type { SourceIdentity } from './records.ts';
import { newChallenge, type Secret } from './secret.ts';
import { within } from './sockets.ts';

const CHALLENGE = 'x-punch-challenge';
const PROOF = 'x-punch-proof';

const TEXT_LENGTH_MAX = 256;

/** The longest thing that a viewer says to a hub, or a hub to a source. */
export const SAID_BYTES_MAX = 16 * 1024;

/** How long a hub may take to answer. */
const ANSWER_PATIENCE_MS = 2_000;

/** The hub's part of the response's headers. */
export function hubHeaders(
  request: IncomingMessage,
  challenge: string,
  port: number,
  secret: Secret,
): string[] {
  const proof = secret.prove('hub', port, challengeIn(request));
  return [`${CHALLENGE}: ${challenge}`, `${PROOF}: ${proof}`];
}

/** Who a source is, if its first frame answers the challenge. */
export function admittedSource(
  frame: string,
  challenge: string,
  port: number,
  secret: Secret,
): SourceIdentity | undefined {
  try {
    const { proof, source } = JSON.parse(frame) as { proof?: unknown; source?: unknown };
    return secret.accepts(proof, 'source', port, challenge) && isIdentity(source) ? source : undefined;
  } catch {
    return undefined;
  }
}

function isIdentity(value: unknown): value is SourceIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { id, label, pid, startedAt, times, isRecorded } = value as Partial<Record<string, unknown>>;
  return (
    [id, label].every((text) => typeof text === 'string' && text !== '' && text.length <= TEXT_LENGTH_MAX) &&
    [pid, startedAt].every((number) => Number.isFinite(number)) &&
    (times === 'real' || times === 'virtual' || times === 'moves') &&
    typeof isRecorded === 'boolean'
  );
}

/** A connection to the hub at a port; or that there is none there, or something else is. */
export async function connectToHub(
  port: number,
  secret: Secret,
  source: SourceIdentity,
  clock: Clock,
): Promise<WebSocket | 'absent' | 'foreign'> {
  const challenge = newChallenge();
  const socket = new WebSocket(`ws://${LOOPBACK}:${port}/source`, {
    headers: { [CHALLENGE]: challenge },
    perMessageDeflate: false,
    maxPayload: SAID_BYTES_MAX,
  });
  const answer = new Promise<'hub' | 'absent' | 'foreign'>((resolve) => {
    socket.once('upgrade', (response) => {
      const isHub = secret.accepts(response.headers[PROOF], 'hub', port, challenge);
      socket.once('open', () => {
        const proof = secret.prove('source', port, challengeIn(response));
        if (isHub) socket.send(JSON.stringify({ proof, source }));
        resolve(isHub ? 'hub' : 'foreign');
      });
    });
    // Whoever closes without a word may be a hub that is just ending.
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'absent' : 'foreign'),
    );
  });
  const outcome = (await within(clock, ANSWER_PATIENCE_MS, answer)) ?? 'absent';
  if (outcome === 'hub') return socket;
  socket.terminate();
  return outcome;
}

function challengeIn({ headers }: IncomingMessage): string {
  const challenge = headers[CHALLENGE];
  return typeof challenge === 'string' ? challenge : '';
}

/**
 * How a source and a relay make sure of each other. The source asks a challenge in its request and the relay proves in
 * its response that it knows the user's secret, or it would get no chart; the relay's own challenge is answered in the
 * first frame. Proofs hold for one connection to one port.
 */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Clock } from '../ambient.ts';
import { LOOPBACK } from './gate.ts';
import { newChallenge, type Secret } from './secret.ts';
import { within } from './sockets.ts';

const CHALLENGE = 'x-punch-challenge';
const PROOF = 'x-punch-proof';

const PREFIX_LENGTH_MAX = 256;

/** How long a relay may take to answer. */
const ANSWER_PATIENCE_MS = 2_000;

/** The relay's part of the response's headers. */
export function relayHeaders(
  request: IncomingMessage,
  challenge: string,
  port: number,
  secret: Secret,
): string[] {
  const proof = secret.prove('relay', port, challengeIn(request));
  return [`${CHALLENGE}: ${challenge}`, `${PROOF}: ${proof}`];
}

/** What the ids of a source's actors begin with, if its first frame answers the challenge. */
export function admittedPrefix(
  frame: string,
  challenge: string,
  port: number,
  secret: Secret,
): string | undefined {
  try {
    const { proof, prefix } = JSON.parse(frame) as { proof?: unknown; prefix?: unknown };
    if (!secret.accepts(proof, 'source', port, challenge)) return undefined;
    return typeof prefix === 'string' && /.\/$/.test(prefix) && prefix.length <= PREFIX_LENGTH_MAX
      ? prefix
      : undefined;
  } catch {
    return undefined;
  }
}

/** A connection to the relay at a port; or that there is none there, or something else is. */
export async function connectToRelay(
  port: number,
  secret: Secret,
  prefix: string,
  clock: Clock,
): Promise<WebSocket | 'absent' | 'foreign'> {
  const challenge = newChallenge();
  const socket = new WebSocket(`ws://${LOOPBACK}:${port}/source`, {
    headers: { [CHALLENGE]: challenge },
    perMessageDeflate: false,
    maxPayload: 1024,
  });
  const answer = new Promise<'relay' | 'absent' | 'foreign'>((resolve) => {
    socket.once('upgrade', (response) => {
      const isRelay = secret.accepts(response.headers[PROOF], 'relay', port, challenge);
      socket.once('open', () => {
        const proof = secret.prove('source', port, challengeIn(response));
        if (isRelay) socket.send(JSON.stringify({ proof, prefix }));
        resolve(isRelay ? 'relay' : 'foreign');
      });
    });
    // Whoever closes without a word may be a relay that is just ending.
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'absent' : 'foreign'),
    );
  });
  const outcome = (await within(clock, ANSWER_PATIENCE_MS, answer)) ?? 'absent';
  if (outcome === 'relay') return socket;
  socket.terminate();
  return outcome;
}

function challengeIn({ headers }: IncomingMessage): string {
  const challenge = headers[CHALLENGE];
  return typeof challenge === 'string' ? challenge : '';
}

import type { IncomingMessage } from 'node:http';
import { newChallenge, type Secret } from './secret.ts';

export const LOOPBACK = '127.0.0.1';

export type Errand =
  /** A file of the page, which has no secret in it. */
  | { readonly for: 'file'; readonly path: string }
  /** Exchanges a ticket for the viewer's key. */
  | { readonly for: 'key' }
  | { readonly for: 'view' }
  | { readonly for: 'drawing'; readonly source: number; readonly chart: number }
  | { readonly for: 'source' };

export type Refusal = 'foreignHost' | 'foreignOrigin' | 'noKey' | 'noPage';

/** Where a browser finds the page, once: the ticket in it is worth nothing to who sees it afterwards. */
export function pageUrl(port: number, secret: Secret, page = ''): string {
  return `http://${LOOPBACK}:${port}/${page}#ticket=${newTicket(port, secret)}`;
}

export function newTicket(port: number, secret: Secret): string {
  const nonce = newChallenge();
  return `${nonce}.${secret.prove('ticket', port, nonce)}`;
}

/** What was never used before in a ticket, if it is one. */
export function nonceOf(ticket: string, port: number, secret: Secret): string | undefined {
  const [nonce = '', proof] = ticket.split('.', 2);
  return secret.accepts(proof, 'ticket', port, nonce) ? nonce : undefined;
}

/** What a viewer shows that it has had a ticket. It holds for whichever process has the port. */
export function viewerKey(port: number, secret: Secret): string {
  return secret.prove('viewer', port);
}

/** What a request is for and, if that is not granted, why. */
export function examine(
  request: IncomingMessage,
  port: number,
  secret: Secret,
): { readonly errand: Errand } | { readonly refusal: Refusal } {
  const { host, origin } = request.headers;
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const hasKey = () => secret.accepts(new URLSearchParams(query).get('key'), 'viewer', port);
  // The page of a site that has its name resolved to this address still names its site here.
  if (host !== `${LOOPBACK}:${port}` && host !== `localhost:${port}`) return { refusal: 'foreignHost' };
  const isOwnPage = origin === `http://${host}`;
  switch (path) {
    case '/key':
      return isOwnPage && request.method === 'POST'
        ? { errand: { for: 'key' } }
        : { refusal: 'foreignOrigin' };
    case '/view':
      if (!isOwnPage) return { refusal: 'foreignOrigin' };
      return hasKey() ? { errand: { for: 'view' } } : { refusal: 'noKey' };
    case '/source':
      // A browser always says which page opens a WebSocket; no page may be a source.
      return origin === undefined ? { errand: { for: 'source' } } : { refusal: 'foreignOrigin' };
  }
  if (origin !== undefined && !isOwnPage) return { refusal: 'foreignOrigin' };
  const [, source, chart] = /^\/drawing\/(\d{1,9})\/(\d{1,9})$/.exec(path) ?? [];
  if (source !== undefined && chart !== undefined) {
    if (!hasKey()) return { refusal: 'noKey' };
    return { errand: { for: 'drawing', source: Number(source), chart: Number(chart) } };
  }
  return request.method === 'GET' ? { errand: { for: 'file', path } } : { refusal: 'noPage' };
}
